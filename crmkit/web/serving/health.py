"""Whether a process can answer: what is asked for it, and what each question found.

Must not know HTTP.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from crmkit.errors import CrmkitError
from crmkit.web.serving.figures import figures_of

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.web.serving.installation import Installation

FRESH = 1.0
"""Seconds for which an answer holds: asking often costs the database nothing."""
LATE = 600.0
"""Seconds that a due job may wait before it is told of."""


@frozen(kw_only=True)
class Checked:
    """What one question found. ``why`` says what is wrong, by a code or in few words; ``needed`` whether requests
    cannot be answered so."""

    name: str
    ok: bool
    why: str = ""
    needed: bool = True


@frozen(kw_only=True)
class Health:
    """Whether requests can be answered, and what was found."""

    checks: tuple[Checked, ...]

    @property
    def ready(self) -> bool:
        """Say whether requests can be answered."""
        return all(each.ok for each in self.checks if each.needed)


@define
class HealthDesk:
    """Answers for one process, from memory where it was asked a moment ago."""

    installation: Installation
    _known: tuple[float, Health] | None = None
    _lock: threading.Lock = field(factory=threading.Lock)

    def health(self) -> Health:
        """Return what is found now, or was a moment ago."""
        with self._lock:
            if self._known is not None and time.monotonic() - self._known[0] < FRESH:
                return self._known[1]
            found = self._look()
            self._known = (time.monotonic(), found)
            return found

    def _look(self) -> Health:
        crm = self.installation.crm
        if crm is None:
            return Health(checks=(Checked(name="installation", ok=False, why="not open"),))
        checks = [
            _asked("database", lambda: _database(crm)),
            _asked("migrations", lambda: _migrations(crm)),
            _asked("keys", lambda: _keys(crm)),
        ]
        if not all(each.ok for each in checks):
            return Health(checks=tuple(checks))
        problem = self.installation.problem
        checks.append(Checked(name="plugins", ok=problem is None, why=problem.code if problem else ""))
        checks.append(_asked("broken plugins", lambda: _broken(crm), needed=False))
        checks.append(_asked("jobs", lambda: _jobs(crm), needed=False))
        return Health(checks=tuple(checks))


def _asked(name: str, ask: Callable[[], str], *, needed: bool = True) -> Checked:
    try:
        why = ask()
    except CrmkitError as error:
        why = error.code
    except SQLAlchemyError as error:
        why = type(error).__name__
    return Checked(name=name, ok=not why, why=why, needed=needed)


def _database(crm: CRM) -> str:
    with crm.engines.system_read.connect() as connection:
        connection.execute(select(1))
    return ""


def _migrations(crm: CRM) -> str:
    from crmkit.migrations.runner import check_kernel

    check_kernel(crm.engines)
    return ""


def _keys(crm: CRM) -> str:
    crm.vault.purpose_key("health")
    return ""


def _broken(crm: CRM) -> str:
    return ", ".join(f"{name} ({error.code})" for name, error in sorted(crm.broken.items()))


def _jobs(crm: CRM) -> str:
    lag = figures_of(crm).job_lag
    return f"{lag:.0f} s late" if lag > LATE else ""
