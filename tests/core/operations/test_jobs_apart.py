"""Jobs that run apart: in no transaction of the queue, on a lane of their own, and again after a crash."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crmkit import CRM, Actor, Job
from crmkit.core.operations.jobs import claim, execute
from crmkit.core.operations.worker import Worker
from tests.core.operations.job_support import MAKE, NOBODY, Hands, claimed, declare, jobs, put, teams
from tests.core.operations.test_worker import HANG, started, until


def apart(handler: Callable[..., None], **options: Any) -> Job:
    """Return a job that runs apart."""
    return Job(name="test.apart", acts_as="system", apart=True, handler=handler, **options)


def test_a_job_apart_opens_its_own_transactions(crm: CRM) -> None:
    """It gets the CRM, the actor it acts as and its arguments; what it commits stays, and the job is done."""
    seen: list[Any] = []

    def handler(crm: CRM, actor: Actor, name: str) -> None:
        seen.append((actor.kind, name))
        with crm.transaction(actor) as session:
            session.run("team.create", {"name": name})
        # Nothing is locked: another writer of this very database goes on.
        with crm.transaction(NOBODY) as session:
            session.run("team.create", {"name": f"{name} two"})

    declare(crm, apart(handler))
    put(crm, "one", "test.apart")
    assert execute(crm.gate, claimed(crm)) == "done"
    assert seen == [("job", "one")]
    assert teams(crm) == ["one", "one two"]
    assert jobs(crm, "state") == ["done"]


def test_what_a_job_apart_has_committed_stays_when_it_fails(crm: CRM) -> None:
    """A failure puts the job back for another attempt; what was committed before it is there."""

    def handler(crm: CRM, actor: Actor, name: str) -> None:
        crm.run(actor, "team.create", {"name": name})
        raise OSError("the line is dead")

    declare(crm, apart(handler))
    put(crm, "one", "test.apart")
    assert execute(crm.gate, claimed(crm)) == "retry"
    assert teams(crm) == ["one"]
    assert jobs(crm, "state", "attempts") == [("queued", 1)]


def test_a_worker_that_lost_its_lease_completes_nothing(crm: CRM, hands: Hands) -> None:
    """When another worker has taken the job over meanwhile, the first one's end says so and changes nothing."""

    def handler(crm: CRM, actor: Actor, name: str) -> None:
        hands.move(minutes=5)
        assert claim(crm.gate, "w2") is not None

    declare(crm, apart(handler))
    put(crm, "one", "test.apart")
    assert execute(crm.gate, claimed(crm)) == "lost"
    assert jobs(crm, "state", "worker") == [("running", "w2")]


def test_others_go_on_while_a_job_apart_waits(crm: CRM) -> None:
    """A slow server holds up what runs apart alone: other jobs are carried out meanwhile, on SQLite too."""
    answered = threading.Event()

    def handler(crm: CRM, actor: Actor, name: str) -> None:
        assert answered.wait(HANG)

    declare(crm, apart(handler), MAKE)
    with started(crm.worker()) as worker:
        put(crm, "slow", "test.apart")
        until(lambda: jobs(crm, "state") == ["running"])
        put(crm, "quick")
        until(lambda: teams(crm) == ["quick"])
        answered.set()
        until(lambda: worker.tally.done >= 2)
    assert set(jobs(crm, "state")) == {"done"}


def test_the_lease_of_a_job_apart_is_prolonged(crm: CRM) -> None:
    """A job that takes longer than its lease keeps it, and is carried out once."""
    runs: list[str] = []
    let_go = threading.Event()

    def handler(crm: CRM, actor: Actor, name: str) -> None:
        runs.append(name)
        assert let_go.wait(HANG)

    declare(crm, apart(handler, lease=3))
    with started(crm.worker()) as worker:
        put(crm, "long", "test.apart")
        until(lambda: runs == ["long"])
        (until_first,) = jobs(crm, "lease_until")
        until(lambda: jobs(crm, "lease_until")[0] > until_first + timedelta(seconds=1))
        let_go.set()
        until(lambda: worker.tally.done >= 1)
    assert runs == ["long"]


def test_a_periodic_job_apart_gets_its_tick(crm: CRM, hands: Hands) -> None:
    """It is due like any other, and an embedding host's timer carries it out too."""
    ticks: list[datetime] = []

    def handler(crm: CRM, actor: Actor, tick: datetime) -> None:
        ticks.append(tick)

    declare(crm, apart(handler, every="1 hour", catch_up="latest"))
    worker: Worker = crm.worker()
    worker.run_until_idle()
    hands.move(hours=1)
    worker.run_until_idle()
    assert ticks
    assert ticks[-1] == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def hands(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The hands of the system's clock, which tests move."""
    from crmkit.core.store.clock import Clock

    moved = Hands()
    monkeypatch.setattr(crm.gate, "clock", Clock(system=moved))
    return moved
