"""What a database's error means to the person who meets it. Nothing of the values involved is shown."""

from __future__ import annotations

import re
import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, TimeoutError as PoolTimeout

from crmkit.errors import AlreadyExists, Conflict, CrmkitError, DatabaseBusy, InvalidInput, Plain, StoreError
from crmkit.i18n import texts

_ = texts("crmkit")

_UNDEFINED = ("42P01", "42703")
"""What PostgreSQL answers where a table or a column is missing; SQLite says it in words."""
_LACKING = re.compile(r"^no such (table|column)|^table \S+ has no column named")
_MACHINE = re.compile(r"^(disk I/O|unable to open|attempt to write a readonly|database .*(malformed|full))")
_TRANSIENT = ("40001", "40P01", "55P03")


def is_transient(error: DBAPIError) -> bool:
    """Say whether the same transaction may succeed when it is tried again."""
    state = getattr(error.orig, "sqlstate", None)
    return state in _TRANSIENT


def database_error(error: DBAPIError | PoolTimeout) -> CrmkitError:
    """Return the named error for a database's error, or for a pool that has no connection left."""
    if isinstance(error, PoolTimeout):
        return DatabaseBusy(
            _("All connections to the database are in use."),
            fix=_("Try again, or allow more of them; crmkit needs two at a time."),
        )
    original = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, IntegrityError):
        if state == "23505" or "UNIQUE constraint failed" in original:
            return AlreadyExists(_("A value that must be unique is taken ({what})."), what=_constraint(error, original))
        if state == "23503" or "FOREIGN KEY constraint failed" in original:
            return Conflict(_("A record that is referred to does not exist, or is still referred to."))
        return Conflict(_("The database refused the change ({what})."), what=_constraint(error, original))
    if isinstance(error, OperationalError) and ("database is locked" in original or "database is busy" in original):
        return DatabaseBusy(fix=_("Try again; another process is writing."))
    if isinstance(error, DataError):
        return InvalidInput(_("A value is too long or out of range for the database."))
    reason = original.splitlines()[0] if original else ""
    lacking = state in _UNDEFINED or _LACKING.search(reason) is not None
    return StoreError(
        _("The database reported an error: {reason}"),
        fix=_(
            "Its tables are not what the models say. Run: crmkit db upgrade (after a model was changed, first: crmkit"
            " db revision NAME)"
        )
        if lacking
        else None,
        reason=Plain(reason) if lacking or _is_about_the_machine(error, reason, state) else reason,
    )


def _is_about_the_machine(error: DBAPIError, reason: str, state: str | None) -> bool:
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return _MACHINE.search(reason) is not None
    return state is None or state[:2] in ("08", "53", "57", "58")


def _constraint(error: IntegrityError, original: str) -> str:
    diagnostics = getattr(error.orig, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    return str(name) if name else original.rpartition(":")[2].strip()
