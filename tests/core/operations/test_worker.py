"""The worker: threads, stopping, signs of life, plugin changes, errors of the database, and what it logs."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from crmkit import CRM, CrmSession, Job
from crmkit.core.business.config import bump
from crmkit.core.operations import worker as module
from crmkit.core.operations.tables import Heartbeat, JobRecord
from crmkit.core.operations.worker import Worker, stopping_on_signals
from crmkit.core.store.clock import Clock, system_now
from tests.core.operations.job_support import (
    MAKE,
    NOBODY,
    Hands,
    claimed,
    count,
    declare,
    failing,
    jobs,
    make_team,
    put,
    teams,
)

HANG = 120.0
"""Seconds after which a test that waits for something fails; no test takes them unless something hangs."""


def until(what: Callable[[], bool]) -> None:
    """Wait until something holds; fail when it does not."""
    end = time.monotonic() + HANG
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def started(worker: Worker) -> Iterator[Worker]:
    """Start a worker and stop it at the end: one that went on after a test has failed would spoil those that follow."""
    worker.start()
    stopped = False
    try:
        yield worker
    finally:
        stopped = worker.stop(HANG)
    assert stopped


@pytest.fixture
def running(crm: CRM) -> Iterator[Worker]:
    """A worker of a host, started in a thread."""
    declare(crm, MAKE)
    with started(crm.worker(threads=3)) as worker:
        yield worker


def test_a_sleeping_worker_is_woken_by_the_commit(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own process a worker does at once what is deferred, however long it would have slept."""
    for name in ("SHORTEST_SLEEP", "LONGEST_SLEEP"):
        monkeypatch.setattr(f"crmkit.core.operations.worker.{name}", 600.0)
    asleep, wait = threading.Event(), module._wait

    def waits(*arguments: Any) -> None:
        asleep.set()
        wait(*arguments)

    monkeypatch.setattr(module, "_wait", waits)
    declare(crm, MAKE)
    with started(crm.worker()):
        assert asleep.wait(HANG)
        put(crm, "one")
        until(lambda: teams(crm) == ["one"])


def test_a_worker_works_off_a_queue_once(crm: CRM, running: Worker) -> None:
    """Every job of a queue is done exactly once, by as many threads as the database allows."""
    for number in range(30):
        put(crm, f"{number:02}")
    until(lambda: running.tally.done >= 30)
    assert teams(crm) == [f"{number:02}" for number in range(30)]


def test_a_worker_shows_that_it_is_alive_and_leaves_no_row(crm: CRM) -> None:
    """Its row is there while it runs, and a row that was forgotten a day ago is removed."""
    old = system_now() - timedelta(days=2)
    with crm.engines.system_write.begin() as connection:
        connection.execute(
            Heartbeat.__table__.insert(), [{"worker": "gone", "started_at": old, "seen_at": old, "generation": 0}]
        )
    with started(crm.worker(name="w1")), crm.session(NOBODY) as session:
        until(lambda: list(session.scalars(select(Heartbeat.worker))) == ["w1"] or bool(session.rollback()))
    assert count(crm, Heartbeat) == 0


def test_stopping_finishes_the_job_at_hand(crm: CRM) -> None:
    """A worker that is asked to stop in the middle of a job completes it, and takes no other."""
    began, go = threading.Event(), threading.Event()

    def handler(session: CrmSession, *, name: str) -> None:
        began.set()
        go.wait(HANG)
        make_team(session, name=name)

    declare(crm, Job(name="test.make", acts_as="system", handler=handler))
    put(crm, "one")
    put(crm, "two")
    with started(crm.worker()) as worker:
        try:
            assert began.wait(HANG)
            assert not worker.stop(0.05)
        finally:
            go.set()
    assert (teams(crm), sorted(jobs(crm, "state"))) == (["one"], ["done", "queued"])


def test_a_broken_job_costs_itself_alone(crm: CRM, caplog: pytest.LogCaptureFixture) -> None:
    """The others are done; the log names job and outcome and says nothing of what it was about."""
    declare(
        crm, MAKE, Job(name="test.bad", acts_as="system", handler=failing(lambda: ValueError("Anna Smith")), attempts=1)
    )
    put(crm, "Anna Smith", job="test.bad")
    put(crm, "good")
    with caplog.at_level(logging.DEBUG, "crmkit"):
        assert crm.worker().run_until_idle() == 2
    assert teams(crm) == ["good"]
    assert "test.bad" in caplog.text
    assert "Anna" not in caplog.text


def test_a_worker_opens_its_crm_anew_when_plugins_changed(crm_url: str) -> None:
    """With a function that opens one it takes up enabled and disabled plugins by itself."""
    opened: list[int] = []
    stop = threading.Event()

    def open_crm() -> CRM:
        crm = CRM.open(crm_url)
        opened.append(crm.generation)
        return crm

    worker = Worker(open_crm, beat=0.1)
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        until(lambda: len(opened) == 1)
        change_plugins(crm_url)
        until(lambda: len(opened) == 2)
    finally:
        stop.set()
        thread.join(HANG)
    assert opened == [0, 1]


def change_plugins(url: str) -> None:
    """Do to the database what enabling a plugin does."""
    with CRM.open(url) as crm, crm.transaction(NOBODY) as session:
        bump(session, "plugins")


def test_a_hosts_worker_says_that_plugins_changed(crm_url: str) -> None:
    """A CRM that was handed in is left open: the host is told to open it anew."""
    with CRM.open(crm_url) as crm:
        endings: list[str] = []
        worker, stop = Worker(crm, beat=0.1), threading.Event()
        thread = threading.Thread(target=lambda: endings.append(worker.run(stop)))
        thread.start()
        try:
            change_plugins(crm_url)
            thread.join(HANG)
        finally:
            stop.set()
            thread.join(HANG)
        assert endings == ["stale"]
        assert crm.is_stale()


def test_a_database_that_is_away_is_waited_for(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the database while looking for jobs ends no worker."""
    declare(crm, MAKE)
    put(crm, "one")
    original, failures = module.claim, []

    def flaky(*arguments: object, **options: object) -> object:
        if len(failures) < 3:
            failures.append(1)
            raise OperationalError("", {}, Exception("gone"))
        return original(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "claim", flaky)
    with started(crm.worker()):
        until(lambda: teams(crm) == ["one"])
    assert len(failures) == 3


def test_a_long_job_keeps_its_lease(crm_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that takes longer than its lease is not taken over while its worker lives: renewed by the heartbeat on
    PostgreSQL, held by the write lock on SQLite."""
    runs: list[str] = []
    asked: list[str] = []
    go, hands, claim = threading.Event(), Hands(system_now()), module.claim

    def handler(session: CrmSession, *, name: str) -> None:
        runs.append(name)
        go.wait(HANG)
        make_team(session, name=name)

    def claims(gate: Any, worker: str, **options: Any) -> Any:
        held = claim(gate, worker, **options)
        asked.append(worker)
        return held

    with CRM.open(crm_url, clock=Clock(system=hands)) as crm:
        session_waits = crm.engines.dialect == "sqlite"
        monkeypatch.setattr(module, "claim", claims)
        declare(crm, Job(name="test.make", acts_as="system", handler=handler, lease=600))
        put(crm, "one")
        first, second = Worker(crm, name="first", beat=0.1), Worker(crm, name="second")
        with ExitStack() as workers:
            workers.enter_context(started(first))
            workers.callback(go.set)
            until(lambda: runs == ["one"])
            (lease,) = jobs(crm, "lease_until")
            hands.move(minutes=8)
            if not session_waits:
                until(lambda: jobs(crm, "lease_until") > [lease])
            hands.move(minutes=8)
            workers.enter_context(started(second))
            if not session_waits:
                # On SQLite it may not come as far as asking: all that it writes has to wait for the first.
                until(lambda: "second" in asked)
            go.set()
            until(lambda: jobs(crm, "state") == ["done"])
        assert (runs, teams(crm)) == (["one"], ["one"])


def test_a_lost_job_is_taken_over(crm: CRM) -> None:
    """What a dead worker had claimed is done by the next one once the lease has run out."""
    declare(crm, MAKE)
    put(crm, "one")
    claimed(crm, "dead")
    assert crm.worker().run_until_idle() == 0
    with crm.engines.system_write.begin() as connection:
        connection.execute(update(JobRecord.__table__).values(lease_until=system_now() - timedelta(seconds=1)))
    assert crm.worker().run_until_idle() == 1
    assert teams(crm) == ["one"]


def test_signals_ask_a_worker_to_stop() -> None:
    """SIGTERM sets the event, and the handlers that were there before are put back."""
    before = signal.getsignal(signal.SIGTERM)
    with stopping_on_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(HANG)
    assert signal.getsignal(signal.SIGTERM) is before


def test_starting_twice_is_an_error(crm: CRM, running: Worker) -> None:
    """A worker has one thread of control; a second start is a mistake of the host."""
    with pytest.raises(RuntimeError, match="started already"):
        running.start()
