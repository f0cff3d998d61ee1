"""The open customer base of a serving process: opened anew when plugins were enabled or disabled elsewhere.

Requests go on in the one that they began in, which is closed after the last of them. Must not know HTTP.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import define, field
from sqlalchemy.exc import SQLAlchemyError

from crmkit.core.operations.failures import describe
from crmkit.core.operations.worker import Worker
from crmkit.core.store.actor import Actor
from crmkit.engines.rules.index import index_of
from crmkit.errors import CrmkitError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from crmkit.app import CRM

_log = logging.getLogger("crmkit.serving")

EVERY = 1.0
"""Seconds between two looks whether plugins have changed."""
LONGEST = 30.0
"""Seconds after which it is tried again at the latest, where it cannot be opened anew."""


def _look_at_rules(crm: CRM) -> None:
    """Make the rules ready, so that the log has those that cannot be used before the first event sets one off."""
    try:
        with crm.session(Actor.system("looking at rules")) as session:
            index_of(session).check_all()
    except (CrmkitError, SQLAlchemyError) as error:
        _log.warning("the rules cannot be looked at: %s", describe(error))


@define(eq=False)
class Running:
    """An open customer base with the application over it. ``requests`` are in it now; ``retired`` that another one has
    taken its place."""

    crm: CRM
    app: ASGIApp
    requests: int = 0
    retired: bool = False
    worker: Worker | None = None


@define(eq=False)
class Installation:
    """Keeps a customer base open, and a worker for its jobs where ``jobs`` are wanted.

    ``open_crm`` opens it, ``make_app`` makes the application over it.
    """

    open_crm: Callable[[], CRM]
    make_app: Callable[[CRM], Any]
    jobs: bool = False
    every: float = EVERY
    problem: CrmkitError | None = None
    """Why the changes of plugins cannot be taken up, if so."""
    reopened: int = 0
    """How often the customer base was opened anew."""
    _current: Running | None = None
    _lock: threading.Lock = field(factory=threading.Lock)
    _stop: threading.Event = field(factory=threading.Event)
    _watcher: threading.Thread | None = None

    def start(self) -> None:
        """Open the customer base and begin to watch it. Raises what opening it raises."""
        self._current = self._opened()
        self._watcher = threading.Thread(target=self._watch, name="crmkit-watcher", daemon=True)
        self._watcher.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Let the job at hand end, and close the customer base. Requests have to be over."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(timeout)
        with self._lock:
            running, self._current = self._current, None
        if running is not None:
            self._close(running, timeout)

    @property
    def crm(self) -> CRM | None:
        """Return the customer base that new requests go to."""
        running = self._current
        return None if running is None else running.crm

    def enter(self) -> Running | None:
        """Return the application that a request goes to, to be handed back with `leave`; None when there is none."""
        with self._lock:
            running = self._current
            if running is not None:
                running.requests += 1
            return running

    def leave(self, running: Running) -> None:
        """Say that a request is over."""
        with self._lock:
            running.requests -= 1
            last = running.retired and running.requests == 0
        if last:
            threading.Thread(target=self._close, args=(running,), name="crmkit-closing", daemon=True).start()

    # --- taking up changes --------------------------------------------------------------------------------------

    def _opened(self) -> Running:
        crm = self.open_crm()
        try:
            _look_at_rules(crm)
            running = Running(crm=crm, app=self.make_app(crm))
        except BaseException:
            crm.close()
            raise
        if self.jobs:
            # The same customer base as the requests': a job that one of them defers is begun at once.
            running.worker = crm.worker()
            running.worker.start()
        return running

    def _close(self, running: Running, timeout: float = 30.0) -> None:
        if running.worker is not None and not running.worker.stop(timeout):
            _log.warning("a job did not end in time; another worker takes it up after its lease")
        try:
            running.crm.close()
        except (CrmkitError, SQLAlchemyError) as error:
            _log.warning("closing failed: %s", describe(error))

    def _watch(self) -> None:
        pause = self.every
        while not self._stop.wait(pause):
            running = self._current
            if running is None:
                return
            try:
                if not running.crm.is_stale():
                    self.problem = None
                    pause = self.every
                    continue
                fresh = self._opened()
            except CrmkitError as error:
                if self.problem is None or self.problem.code != error.code:
                    _log.warning("changes of plugins cannot be taken up yet: %s", describe(error))
                self.problem = error
                pause = min(pause * 2, LONGEST)
                continue
            except Exception as error:
                # It has to go on watching, whatever it was.
                _log.warning("looking for changed plugins failed: %s", describe(error))
                pause = min(pause * 2, LONGEST)
                continue
            self._swap(running, fresh)
            self.problem = None
            pause = self.every

    def _swap(self, running: Running, fresh: Running) -> None:
        with self._lock:
            self._current = fresh
            running.retired = True
            idle = running.requests == 0
            self.reopened += 1
        _log.info("plugins have changed: the customer base was opened anew")
        for name in sorted(set(running.crm.broken) - set(fresh.crm.broken)):
            if name in fresh.crm.dispatcher.plugins:
                _log.info("the plugin %s is taken up again", name)
        if idle:
            self._close(running)
