"""Whether somebody may run an operation, and why not: what a button says that cannot be pressed.

The gate decides; this only asks it beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.core.operations.operation import Operation
from crmkit.errors import CrmkitError

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.web.pages.call import PageCall


def may_run(call: PageCall, operation: str, record: Any = None, *, session: CrmSession | None = None) -> str | None:
    """Return None where the caller may run an operation, on a record if one is given, else why not, in the caller's
    language. Raises UnknownOperation."""
    known = call.crm.registry.operation(operation)
    if session is not None:
        return reason_of(session, known, record, call.language)
    with call.session() as opened:
        return reason_of(opened, known, record, call.language)


def reason_of(session: CrmSession, operation: Operation[Any, Any], record: Any, language: str) -> str | None:
    """Return why the session's actor may not run an operation, or None."""
    permits = session.gate.permits
    try:
        permits.check(session, operation)
        if record is not None and operation.target is not None and isinstance(record, operation.target):
            permits.check_target(session, operation, record)
    except CrmkitError as error:
        return error.render(language)
    return None


def step_up_first(call: PageCall, operation: str) -> None:
    """Ask who is about to fill in the form of a sensitive act to prove who that is before anything is typed.

    Raises StepUpNeeded.
    """
    if call.signed is not None:
        from crmkit.security.sessions.stepping import check_step_up

        check_step_up(call.crm, call.signed, operation)
