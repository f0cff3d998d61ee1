"""The queue: order, leases and fencing, back-off, the dead-letter list, and what is kept of an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from crmkit import CRM, Actor, CrmSession, Job
from crmkit.core.operations.jobs import JobLine, claim, count_jobs, describe, execute, list_jobs, pause, renew
from crmkit.core.operations.tables import AuditRecord, JobRecord
from crmkit.core.store.clock import Clock
from crmkit.errors import Conflict, InvalidInput, JobError, NotFound, Plain, WriteOutsideOperation
from tests.core.operations.job_support import (
    MAKE,
    NOBODY,
    START,
    Hands,
    argument,
    claimed,
    declare,
    failing,
    jobs,
    make_team,
    put,
    teams,
)


@pytest.fixture
def hands() -> Hands:
    """The hands of the system's clock."""
    return Hands()


@pytest.fixture
def shop(crm_url: str, hands: Hands) -> Iterator[CRM]:
    """A CRM whose clock the test sets."""
    with CRM.open(crm_url, clock=Clock(system=hands)) as crm:
        yield crm


# --- putting in the queue --------------------------------------------------------------------------------------------


def test_a_deferred_job_is_carried_out_once(shop: CRM) -> None:
    """What an operation defers is done by a worker, and is not done again."""
    declare(shop, MAKE)
    put(shop, "North")
    assert teams(shop) == []
    assert shop.worker().run_until_idle() == 1
    assert shop.worker().run_until_idle() == 0
    assert teams(shop) == ["North"]
    assert jobs(shop, "state", "attempts", "unique_key") == [("done", 1, None)]


def test_a_job_exists_only_with_its_change(shop: CRM) -> None:
    """A job of a transaction that is undone is never in the queue."""
    declare(shop, MAKE)
    with pytest.raises(ZeroDivisionError), shop.transaction(NOBODY) as session:  # noqa: PT012
        session.run("test.defer", {"job": "test.make", "name": "North"})
        raise ZeroDivisionError
    assert jobs(shop, "name") == []


def test_a_job_defers_the_one_that_goes_on_with_it(shop: CRM) -> None:
    """What a job begins, the next one continues; outside of operations, jobs and subscriptions none is deferred."""

    def part(session: CrmSession, name: str) -> None:
        make_team(session, name=f"Part {name}")
        if name != "1":
            session.defer("test.part", name=str(int(name) - 1))

    declare(shop, Job(name="test.part", acts_as="system", handler=part))
    put(shop, "3", "test.part")
    assert 3 == shop.worker().run_until_idle()
    assert ["Part 1", "Part 2", "Part 3"] == sorted(teams(shop))
    with pytest.raises(WriteOutsideOperation), shop.transaction(NOBODY) as session:
        session.defer("test.part", name="1")


def test_jobs_are_taken_by_time_and_then_in_order(shop: CRM, hands: Hands) -> None:
    """The earliest job comes first, those of one instant in the order of their deferral, none before its time."""
    declare(shop, MAKE)
    put(shop, "late", run_at=hands.now + timedelta(hours=1))
    put(shop, "second", run_at=hands.now)
    put(shop, "third", run_at=hands.now)
    put(shop, "first", run_at=hands.now - timedelta(hours=1))
    order = [execute(shop.gate, claimed(shop)) and teams(shop)[-1] for _ in range(1)]
    assert order == ["first"]
    assert [argument(shop, claimed(shop)) for _ in range(2)] == ["second", "third"]
    assert claim(shop.gate, "w1") is None
    hands.move(hours=1)
    assert argument(shop, claimed(shop)) in ("late", "second", "third")


def test_a_unique_job_waits_once(shop: CRM) -> None:
    """A second job with the same unique key is left out while the first waits; afterwards the key is free."""
    declare(shop, MAKE)
    put(shop, "one", unique="u")
    put(shop, "two", unique="u")
    assert shop.worker().run_until_idle() == 1
    put(shop, "three", unique="u")
    assert shop.worker().run_until_idle() == 1
    assert teams(shop) == ["one", "three"]


def test_arguments_are_json(shop: CRM) -> None:
    """Ids and instants become text; what has no JSON form is refused when it is deferred."""
    declare(shop, Job(name="test.other", acts_as="system", handler=make_team))
    with shop.transaction(NOBODY) as session:
        unit = session.unit
        unit.defer("test.other", {"at": START})
        assert unit.jobs[0].arguments == {"at": "2026-03-02T09:00:00Z"}
        with pytest.raises(InvalidInput, match=r"test\.other has no JSON form"):
            unit.defer("test.other", {"session": session})


def test_an_undeclared_job_is_refused(shop: CRM) -> None:
    """A misspelt job is an error at once, and nothing is queued."""
    declare(shop, MAKE)
    with pytest.raises(JobError, match=r'no job "test\.mkae"'):
        put(shop, "x", job="test.mkae")


def test_a_job_of_an_unknown_name_is_parked(shop: CRM) -> None:
    """While the plugin that knows a job is away, the job waits untouched and stops nobody; then it is carried out."""
    declare(shop, MAKE, Job(name="test.gone", acts_as="system", handler=make_team))
    put(shop, "parked", job="test.gone")
    put(shop, "next")
    del shop.registry.jobs["test.gone"]
    assert shop.worker().run_until_idle() == 1
    assert teams(shop) == ["next"]
    assert jobs(shop, "name", "state", "attempts") == [("test.gone", "queued", 0), ("test.make", "done", 1)]
    shop.registry.add("crmkit", "job", [Job(name="test.gone", acts_as="system", handler=make_team)])
    assert shop.worker().run_until_idle() == 1
    assert teams(shop) == ["next", "parked"]


def test_a_job_runs_as_the_user_who_deferred_it(shop: CRM) -> None:
    """What a user's job writes is written in the user's name, where the job says so; any other acts as itself."""
    declare(shop, MAKE, Job(name="test.own", acts_as="actor", handler=make_team))
    user = shop.run(NOBODY, "user.create", {"login": "a", "name": "A"})
    role = shop.run(NOBODY, "role.create", {"name": "test_all"})
    shop.run(NOBODY, "role.grant", {"resource": "*", "action": "*", "scope": "all"}, target=role.id)
    shop.run(NOBODY, "user.assign_role", {"role": "test_all"}, target=user.id)
    put(shop, "one", job="test.own", actor=Actor.user(user.id))
    put(shop, "two", actor=Actor.user(user.id))
    put(shop, "three")
    shop.worker().run_until_idle()
    with shop.session(NOBODY) as session:
        query = select(AuditRecord.actor_id).where(AuditRecord.operation == "team.create")
        assert sorted(session.scalars(query)) == ["job:test.make", "job:test.make", f"user:{user.id}"]


def test_arguments_are_sealed_and_lists_show_them_masked(shop: CRM) -> None:
    """Neither the table nor the dead-letter list says what a job is about."""
    declare(shop, Job(name="test.make", acts_as="system", handler=failing(lambda: JobError("no")), attempts=1))
    put(shop, "Anna Smith", unique="Anna Smith's mail")
    with shop.engines.system_read.connect() as connection:
        (row,) = connection.execute(select(cast(Any, JobRecord).__table__))
    assert row.arguments[:1] == b"\xc1"
    assert not any("Anna" in str(value) or b"Anna" in bytes(str(value), "utf-8") for value in row)
    shop.worker().run_until_idle()
    with shop.session(NOBODY) as session:
        (line,) = list_jobs(session, state="dead")
    assert line.arguments == {"name": "A****"}


def test_a_job_whose_arguments_were_altered_is_given_up(shop: CRM, hands: Hands) -> None:
    """It would be carried out with something else; the list shows it all the same."""
    declare(shop, MAKE)
    put(shop, "one")
    put(shop, "two", run_at=hands.now - timedelta(hours=1))
    table = cast(Any, JobRecord).__table__
    with shop.engines.system_write.begin() as connection:
        first, second = connection.execute(select(table.c.id, table.c.arguments).order_by(table.c.id))
        connection.execute(update(table).where(table.c.id == second.id).values(arguments=first.arguments))
    shop.worker().run_until_idle()
    assert (teams(shop), sorted(jobs(shop, "state"))) == (["one"], ["dead", "done"])
    with shop.session(NOBODY) as session:
        assert [line.arguments for line in list_jobs(session, state="dead")] == [{}]


# --- leases and fencing ----------------------------------------------------------------------------------------------


def test_a_claimed_job_is_nobody_elses(shop: CRM) -> None:
    """While a lease runs, no other worker gets the job."""
    declare(shop, MAKE)
    put(shop, "one")
    claimed(shop, "w1")
    assert claim(shop.gate, "w2") is None


def test_a_job_comes_back_when_its_lease_ends(shop: CRM, hands: Hands) -> None:
    """A worker that died costs one attempt and the rest of its lease."""
    declare(shop, MAKE)
    put(shop, "one")
    first = claimed(shop, "w1")
    hands.move(seconds=61)
    second = claimed(shop, "w2")
    assert (first.id, first.token + 1, 2) == (second.id, second.token, second.attempt)


def test_a_worker_that_lost_its_lease_writes_nothing(shop: CRM, hands: Hands) -> None:
    """The token fences off the first of two workers that carry out one job: one effect."""
    declare(shop, MAKE)
    put(shop, "one")
    first = claimed(shop, "w1")
    hands.move(seconds=61)
    second = claimed(shop, "w2")
    assert execute(shop.gate, first) == "lost"
    assert teams(shop) == []
    assert execute(shop.gate, second) == "done"
    assert execute(shop.gate, first) == "lost"
    assert teams(shop) == ["one"]


def test_a_lease_lost_while_working_undoes_the_effect(shop: CRM, hands: Hands) -> None:
    """The completion is refused when the claim was taken back during the work, and the work with it."""
    declare(shop)
    stolen = []

    def handler(session: CrmSession, *, name: str) -> None:
        make_team(session, name=name)
        # As another worker would, had this one been stopped for longer than its lease.
        session.connection().execute(JobRecord.__table__.update().values(token=JobRecord.__table__.c.token + 1))
        stolen.append(name)

    shop.registry.add("crmkit", "job", [Job(name="test.make", acts_as="system", handler=handler)])
    put(shop, "one")
    assert execute(shop.gate, claimed(shop)) == "lost"
    assert (stolen, teams(shop)) == (["one"], [])


def test_a_lease_can_be_renewed(shop: CRM, hands: Hands) -> None:
    """A renewed claim is not taken back; one that was lost cannot be renewed."""
    declare(shop, MAKE)
    put(shop, "one")
    held = claimed(shop, "w1")
    hands.move(seconds=50)
    assert renew(shop.gate, held) == hands.now + timedelta(seconds=60)
    hands.move(seconds=50)
    assert claim(shop.gate, "w2") is None
    hands.move(seconds=11)
    claimed(shop, "w2")
    assert renew(shop.gate, held) is None


def test_a_job_that_kills_its_workers_ends_up_dead(shop: CRM, hands: Hands) -> None:
    """Attempts are counted at the claim, so a job that brings down every worker is put aside in the end."""
    declare(shop, Job(name="test.make", acts_as="system", handler=make_team, attempts=3))
    put(shop, "one", unique="u")
    for _ in range(3):
        claimed(shop)
        hands.move(seconds=61)
    assert claim(shop.gate, "w1") is None
    assert jobs(shop, "state", "attempts", "unique_key") == [("dead", 3, None)]


# --- failure ---------------------------------------------------------------------------------------------------------


def test_a_failed_attempt_leaves_nothing_and_is_tried_again(shop: CRM, hands: Hands) -> None:
    """What a failing handler wrote is undone; the job waits, and its effect happens once when it succeeds."""
    tries = []

    def handler(session: CrmSession, *, name: str) -> None:
        make_team(session, name=name)
        tries.append(hands.now)
        if len(tries) < 3:
            raise RuntimeError

    declare(shop, Job(name="test.make", acts_as="system", handler=handler))
    put(shop, "one")
    worker = shop.worker()
    for _ in range(3):
        assert (worker.run_until_idle(), worker.run_until_idle()) == (1, 0)
        hands.move(seconds=4)
    assert (len(tries), teams(shop), jobs(shop, "state", "error")) == (3, ["one"], [("done", None)])


def test_a_job_without_attempts_left_is_dead_with_its_reason(shop: CRM, hands: Hands) -> None:
    """After its last attempt a job is on the dead-letter list, its error named without the values in it."""
    said = failing(lambda: ValueError("Anna, 555-1234"))
    declare(shop, Job(name="test.make", acts_as="system", handler=said, attempts=2))
    put(shop, "one")
    for _ in range(2):
        shop.worker().run_until_idle()
        hands.move(seconds=10)
    with shop.session(NOBODY) as session:
        (line,) = list_jobs(session, state="dead")
        assert count_jobs(session)["test.make", "dead"] == 1
    assert isinstance(line, JobLine)
    assert line.error is not None
    assert line.error.startswith("ValueError (")
    assert "Anna" not in line.error
    assert (line.attempts, line.finished_at is not None, teams(shop)) == (2, True, [])


def test_a_job_can_give_itself_up(shop: CRM) -> None:
    """A handler that raises JobError is not tried again."""
    declare(shop, Job(name="test.make", acts_as="system", handler=failing(lambda: JobError("hopeless"))))
    put(shop, "one")
    assert execute(shop.gate, claimed(shop)) == "dead"


def test_system_exit_in_a_handler_costs_its_job_alone(shop: CRM) -> None:
    """A handler that wants to end the process fails like any other."""
    declare(shop, MAKE, Job(name="test.exit", acts_as="system", handler=failing(SystemExit)))
    put(shop, "bad", job="test.exit")
    put(shop, "good")
    assert shop.worker().run_until_idle() == 2
    assert teams(shop) == ["good"]


def test_pauses_grow_to_an_hour_and_spread() -> None:
    """Pauses double up to an hour; chance takes off at most a half."""
    assert [pause(number, lambda: 0.0) for number in (1, 2, 3, 12, 13, 50)] == [1, 2, 4, 2048, 3600, 3600]
    assert [pause(number, lambda: 1.0) for number in (1, 2, 50)] == [0.5, 1, 1800]


def test_an_error_is_described_without_its_values() -> None:
    """Of crmkit's errors code and wording are kept, with fields left open but for plain ones; of others type and place
    alone."""
    assert describe(NotFound("There is no Anna")) == "NotFound: CK501 (?)"
    from crmkit.i18n import Text

    assert describe(NotFound(Text("No {name}."), name="Anna")) == "NotFound: CK501 No {name}. (?)"
    assert describe(NotFound(Text("No {name}."), name=Plain("city"))) == "NotFound: CK501 No city. (?)"
    assert describe(KeyError("Anna")) == "KeyError (?)"


# --- the dead-letter list --------------------------------------------------------------------------------------------


def dead_job(shop: CRM, name: str = "one") -> JobLine:
    """Return a job that has failed for good."""
    declare(shop, Job(name="test.make", acts_as="system", handler=failing(lambda: JobError("no"))))
    put(shop, name)
    shop.worker().run_until_idle()
    with shop.session(NOBODY) as session:
        (line,) = list_jobs(session, state="dead")
    return line


def test_a_dead_job_can_be_tried_again(shop: CRM) -> None:
    """``job.retry`` puts it back with all its attempts, and its effect happens once the cause is mended."""
    line = dead_job(shop)
    shop.run(NOBODY, "job.retry", target=line.id)
    shop.registry.jobs["test.make"] = MAKE
    shop.worker().run_until_idle()
    assert (teams(shop), jobs(shop, "state", "attempts")) == (["one"], [("done", 1)])
    with pytest.raises(Conflict, match="not on the dead-letter list"):
        shop.run(NOBODY, "job.retry", target=line.id)


def test_a_dead_job_can_be_discarded(shop: CRM) -> None:
    """``job.discard`` removes it, and the audit log knows who did."""
    line = dead_job(shop)
    shop.run(NOBODY, "job.discard", target=line.id)
    assert jobs(shop, "name") == []
    with shop.session(NOBODY) as session:
        query = select(AuditRecord.outcome).where(AuditRecord.target_id == line.id)
        assert list(session.scalars(query)) == ["done"]


def test_a_running_job_cannot_be_discarded(shop: CRM) -> None:
    """What a worker holds is left to it."""
    declare(shop, MAKE)
    put(shop, "one")
    held = claimed(shop)
    with pytest.raises(Conflict, match="dead or waits"):
        shop.run(NOBODY, "job.discard", target=held.id)


# --- what is removed -------------------------------------------------------------------------------------------------


def test_finished_jobs_and_used_keys_are_removed_in_time(shop: CRM, hands: Hands) -> None:
    """Finished jobs go after 30 days, idempotency keys after 7; dead jobs and waiting ones stay."""
    hands.now = datetime.now(UTC)
    dead_job(shop, "dead")
    shop.registry.jobs["test.make"] = MAKE
    put(shop, "done")
    shop.run(NOBODY, "team.create", {"name": "keyed"}, key="k")
    shop.worker().run_until_idle()
    put(shop, "waiting", run_at=hands.now + timedelta(days=400))
    hands.move(days=8)
    shop.worker().run_until_idle()
    assert jobs(shop, "state") == ["dead", "done", "queued"]
    with pytest.raises(Conflict):  # the key is forgotten, so the name is taken
        shop.run(NOBODY, "team.create", {"name": "keyed"}, key="k")
    hands.move(days=23)
    shop.worker().run_until_idle()
    assert jobs(shop, "state") == ["dead", "queued"]
