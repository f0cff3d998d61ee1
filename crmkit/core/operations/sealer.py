"""The sealer: a thread that chains the audit records of a PostgreSQL database soon after they were committed.

Every process that writes has one, started by its first record; whoever holds the lock works for all. Must not know what
the records say.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from crmkit.errors import CrmkitError

_log = logging.getLogger("crmkit.audit")

GATHER = 0.25
"""Seconds for which records are gathered before they are chained together."""
LOOK = 1.0
"""Seconds after which a sealer looks for records that others have left behind, at first."""
LOOK_AT_MOST = 10.0


class Sealer:
    """Calls ``chain`` soon after each `expect`, until nothing is left. ``chain`` returns how many records it chained,
    or None while somebody else is at it."""

    def __init__(self, chain: Callable[[], int | None], *, name: str) -> None:
        self._chain = chain
        self._name = name
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()

    def expect(self) -> None:
        """Say that there are records to chain, or soon will be."""
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if (self._thread is None or not self._thread.is_alive()) and not self._stop.is_set():
                    self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    self._thread.start()
        self._wake.set()

    @property
    def running(self) -> bool:
        """Say whether the thread was started."""
        return self._thread is not None

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=10)

    def _run(self) -> None:
        pause = LOOK
        while not self._stop.is_set():
            asked = self._wake.wait(pause)
            if self._stop.wait(GATHER if asked else 0):
                return
            self._wake.clear()
            done = self._pass()
            if done is None:
                # Somebody else is at it, and may have looked before our records were there.
                self._wake.set()
            pause = LOOK if asked or done else min(pause * 2, LOOK_AT_MOST)

    def _pass(self) -> int | None:
        total = 0
        try:
            while not self._stop.is_set():
                done = self._chain()
                if not done:
                    return None if done is None else total
                total += done
        except (CrmkitError, SQLAlchemyError) as error:
            _log.warning("the audit log cannot be chained yet (%s)", type(error).__name__)
        except Exception:
            _log.exception("the audit log cannot be chained")
        return total
