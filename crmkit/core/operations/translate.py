"""What a database's error means to the person who meets it. Nothing of the values involved is shown."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, TimeoutError as PoolTimeout

from crmkit.errors import AlreadyExists, Conflict, CrmkitError, DatabaseBusy, InvalidInput, StoreError
from crmkit.i18n import texts

_ = texts("crmkit")

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
    return StoreError(
        _("The database reported an error: {reason}"), reason=original.splitlines()[0] if original else ""
    )


def _constraint(error: IntegrityError, original: str) -> str:
    diagnostics = getattr(error.orig, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    return str(name) if name else original.rpartition(":")[2].strip()
