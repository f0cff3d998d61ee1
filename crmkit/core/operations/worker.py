"""A worker: asks for due jobs and ticks, carries them out, and shows that it is alive.

One process runs one worker with one lane on SQLite and as many as it wants on PostgreSQL, and as many for jobs that run
apart. Must not know how a job is
claimed or completed, and never logs what a job is about.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any, Literal, Protocol, cast
from uuid import UUID

from attrs import define, evolve, field
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from crmkit.core.operations.failures import describe
from crmkit.core.operations.gate import Gate
from crmkit.core.operations.jobs import Claim, Outcome, claim, execute, renew, runnable
from crmkit.core.operations.schedule import Scheduler
from crmkit.core.operations.tables import Heartbeat
from crmkit.core.store.ids import new_id
from crmkit.errors import CrmkitError
from crmkit.i18n import texts

_ = texts("crmkit")
_log = logging.getLogger("crmkit.worker")
_HEARTBEAT = cast(Any, Heartbeat).__table__

SHORTEST_SLEEP = 0.05
LONGEST_SLEEP = 2.0
BEAT = 10.0
"""Seconds between two heartbeats."""
APART = 4
"""Lanes at least of jobs that run apart: they wait for other servers rather than work."""
FORGOTTEN = timedelta(days=1)
"""After this time the row of a worker that is no longer seen is removed."""

Ending = Literal["stopped", "stale"]


class Host(Protocol):
    """What a worker needs of a CRM."""

    gate: Gate
    generation: int

    def is_stale(self) -> bool:
        """Say whether plugins were enabled or disabled since the CRM was opened."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


@define(eq=False)
class Tally:
    """How many jobs ended how, since the worker was made."""

    done: int = 0
    retried: int = 0
    dead: int = 0
    lost: int = 0
    lock: threading.Lock = field(factory=threading.Lock)

    def count(self, outcome: Outcome) -> None:
        """Count one job."""
        name = "retried" if outcome == "retry" else outcome
        with self.lock:
            setattr(self, name, getattr(self, name) + 1)


class Worker:
    """Carries out the jobs of one database.

    ``source`` is an open CRM, which then is left open (for a host that embeds its worker), or a function that opens
    one: then the worker opens it anew whenever plugins were enabled or disabled, and closes it at the end. ``threads``
    is the number of jobs at a time; SQLite has one writer and gets one. ``name`` identifies the worker in
    ``crm_heartbeat`` and in logs. ``beat`` is the time between two signs of life, in seconds.
    """

    def __init__(
        self, source: Host | Callable[[], Any], *, threads: int = 1, name: str | None = None, beat: float = BEAT
    ) -> None:
        self.name = name or f"{socket.gethostname()[:60]}:{os.getpid()}:{str(new_id())[-8:]}"
        self.tally = Tally()
        self._source = source
        self._threads = max(threads, 1)
        self._beat_every = beat
        self._claims: dict[UUID, Claim] = {}
        self._lock = threading.Lock()
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    # --- running ------------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> Ending:
        """Work until ``stop`` is set, and finish the jobs at hand. Returns "stopped"; or "stale" when plugins were
        enabled or disabled and the CRM was handed in open, so that its owner can open it anew.

        Raises what opening the CRM raises at the first time; later it is tried again until it succeeds.
        """
        if not callable(self._source):
            return self._serve(self._source, stop)
        crm: Host = self._source()
        while True:
            try:
                ending = self._serve(crm, stop)
            finally:
                crm.close()
            if ending == "stopped":
                return ending
            _log.info("plugins have changed: the CRM is opened anew")
            reopened = self._reopen(self._source, stop)
            if reopened is None:
                return "stopped"
            crm = reopened

    def run_until_idle(self) -> int:
        """Queue the ticks that are due, carry out every job that is due, one after the other, and return how many
        were carried out or failed. For tests, scripts and hosts that call it from a timer of their own."""
        crm: Host = self._source() if callable(self._source) else self._source
        try:
            scheduler = Scheduler(crm.gate)
            number = 0
            while True:
                scheduler.tick()
                held = claim(crm.gate, self.name)
                if held is None:
                    return number
                self._carry_out(crm.gate, held)
                number += 1
        finally:
            if callable(self._source):
                crm.close()

    def start(self) -> None:
        """Work in a thread of this process until `stop` is called. Raises RuntimeError when it was started before."""
        if self._thread is not None:
            raise RuntimeError("the worker was started already")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, args=(self._stop,), name="crmkit-worker", daemon=True)
        self._thread.start()

    def stop(self, timeout: float | None = None) -> bool:
        """Ask a started worker to end, wait for its jobs at hand for up to ``timeout`` seconds, and say whether it has
        ended."""
        if self._thread is None or self._stop is None:
            return True
        self._stop.set()
        self._thread.join(timeout)
        ended = not self._thread.is_alive()
        if ended:
            self._thread = self._stop = None
        return ended

    def _reopen(self, source: Callable[[], Any], stop: threading.Event) -> Host | None:
        pause = SHORTEST_SLEEP
        while not stop.is_set():
            try:
                return cast(Host, source())
            except CrmkitError as error:
                _log.warning("the CRM cannot be opened (%s)", error.code)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_SLEEP * 5)
        return None

    # --- lanes --------------------------------------------------------------------------------------------------

    def _serve(self, crm: Host, stop: threading.Event) -> Ending:
        gate = crm.gate
        stale, ended = threading.Event(), threading.Event()
        lanes = self._threads if gate.engines.dialect == "postgresql" else 1
        waiting = max(self._threads, APART) if runnable(gate.registry, apart=True) else 0
        pulse = threading.Thread(target=self._pulse, args=(crm, stale, ended), name="crmkit-heartbeat", daemon=True)
        helpers = [
            threading.Thread(target=self._lane, args=(gate, None, stop, stale), name=f"crmkit-lane-{number}")
            for number in range(2, lanes + 1)
        ]
        helpers += [
            threading.Thread(target=self._lane, args=(gate, None, stop, stale, True), name=f"crmkit-apart-{number}")
            for number in range(1, waiting + 1)
        ]
        _log.info("worker %s begins with %d lanes", self.name, lanes)
        if gate.auditor.deferred:
            # What a process that was killed has written and not chained waits for somebody.
            gate.auditor.sealer.expect()
        for thread in (pulse, *helpers):
            thread.start()
        try:
            self._lane(gate, Scheduler(gate), stop, stale)
        finally:
            for helper in helpers:
                helper.join()
            ended.set()
            pulse.join()
        _log.info("worker %s ends", self.name)
        return "stopped" if stop.is_set() else "stale"

    def _lane(
        self,
        gate: Gate,
        scheduler: Scheduler | None,
        stop: threading.Event,
        stale: threading.Event,
        apart: bool = False,
    ) -> None:
        woken = threading.Event()
        gate.bell.listen(woken)
        sleep = SHORTEST_SLEEP
        try:
            while not (stop.is_set() or stale.is_set()):
                woken.clear()
                if self._step(gate, scheduler, apart):
                    sleep = SHORTEST_SLEEP
                    continue
                _wait(woken, stop, stale, sleep)
                sleep = SHORTEST_SLEEP if woken.is_set() else min(sleep * 2, LONGEST_SLEEP)
        finally:
            gate.bell.forget(woken)

    def _step(self, gate: Gate, scheduler: Scheduler | None, apart: bool) -> bool:
        """Do one job if there is one. A database that is away or busy is waited for."""
        try:
            if scheduler is not None:
                scheduler.tick()
            held = claim(gate, self.name, apart=apart)
            if held is None:
                return False
            self._carry_out(gate, held)
        except (CrmkitError, SQLAlchemyError) as error:
            _log.warning("the queue cannot be reached (%s)", type(error).__name__)
            return False
        except Exception as error:
            # Whatever it is, it must not end the lane: nobody would notice that jobs are not done any more.
            _log.error("the queue cannot be worked on: %s", describe(error))
            return False
        return True

    def _carry_out(self, gate: Gate, held: Claim) -> None:
        with self._lock:
            self._claims[held.id] = held
        began = time.monotonic()
        try:
            outcome = execute(gate, held)
        finally:
            with self._lock:
                self._claims.pop(held.id, None)
        self.tally.count(outcome)
        millis = (time.monotonic() - began) * 1000
        level = logging.INFO if outcome == "done" else logging.WARNING
        _log.log(level, "%s %s: %s, attempt %d, %.0f ms", held.name, held.id, outcome, held.attempt, millis)

    # --- signs of life ------------------------------------------------------------------------------------------

    def _pulse(self, crm: Host, stale: threading.Event, ended: threading.Event) -> None:
        gate = crm.gate
        started_at = gate.clock.now()
        beat_at = 0.0
        while True:
            with contextlib.suppress(CrmkitError, SQLAlchemyError):
                if time.monotonic() >= beat_at:
                    self._beat(gate, started_at, crm.generation)
                    beat_at = time.monotonic() + self._beat_every
                    if not stale.is_set() and crm.is_stale():
                        stale.set()
                self._renew(gate)
            if ended.wait(min(self._beat_every, self._shortest_lease() / 3)):
                break
        with contextlib.suppress(CrmkitError, SQLAlchemyError), gate.engines.system_write.begin() as connection:
            connection.execute(delete(_HEARTBEAT).where(_HEARTBEAT.c.worker == self.name))

    def _shortest_lease(self) -> float:
        with self._lock:
            return min([float(held.lease) for held in self._claims.values()], default=3.0)

    def _renew(self, gate: Gate) -> None:
        now = gate.clock.now()
        with self._lock:
            every = gate.engines.dialect == "postgresql"
            claims = [held for held in self._claims.values() if every or held.apart]
        for held in claims:
            # The first third of a lease needs no renewal: most jobs are over by then.
            if held.lease_until - now > timedelta(seconds=held.lease * 2 / 3):
                continue
            until = renew(gate, held)
            with self._lock:
                if until is not None and held.id in self._claims:
                    self._claims[held.id] = evolve(held, lease_until=until)

    def _beat(self, gate: Gate, started_at: Any, generation: int) -> None:
        now = gate.clock.now()
        dialect = cast(Any, postgresql if gate.engines.dialect == "postgresql" else sqlite)
        row = {"worker": self.name, "started_at": started_at, "seen_at": now, "generation": generation}
        with gate.engines.system_write.begin() as connection:
            connection.execute(
                dialect.insert(_HEARTBEAT)
                .values(row)
                .on_conflict_do_update(index_elements=["worker"], set_={"seen_at": now, "generation": generation})
            )
            connection.execute(delete(_HEARTBEAT).where(_HEARTBEAT.c.seen_at < now - FORGOTTEN))


def _wait(woken: threading.Event, stop: threading.Event, stale: threading.Event, seconds: float) -> None:
    # One event cannot wait for three: slices short enough that stopping is felt at once, long enough to cost nothing.
    until = time.monotonic() + seconds
    while not (stop.is_set() or stale.is_set()):
        left = until - time.monotonic()
        if left <= 0 or woken.wait(min(left, 0.2)):
            return


@contextlib.contextmanager
def stopping_on_signals() -> Generator[threading.Event]:
    """Give an event that SIGTERM and SIGINT set, for `Worker.run`; a second signal ends the process at once.

    Works in the main thread only, as Python's signals do.
    """
    stop = threading.Event()
    before: dict[signal.Signals, Any] = {}

    def ask(number: int, frame: object) -> None:
        stop.set()
        for each in before:
            signal.signal(each, signal.SIG_DFL)

    for each in (signal.SIGTERM, signal.SIGINT):
        before[each] = signal.signal(each, ask)
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
