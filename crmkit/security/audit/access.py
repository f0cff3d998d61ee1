"""Who may look into the audit log, and that looking is itself audited. Must not know what is looked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import Refused
from crmkit.i18n import texts

_ = texts("crmkit")

RESOURCE = "audit"


def require(session: CrmSession, action: str, *, noted_as: str, subject: UUID | None = None) -> None:
    """Return when the actor may do something with the audit log; a refusal is audited. Raises Refused."""
    if session.gate.rights(session).scope(RESOURCE, action) == "all":
        return
    error = Refused(
        _("{actor} may not do this: {operation}."),
        fix=_("It needs the right {permission}."),
        actor=session.actor.name or session.actor.id,
        operation=noted_as,
        permission=f"{RESOURCE}.{action}",
    )
    subjects = () if subject is None else (subject,)
    session.note(noted_as, resource=RESOURCE, outcome="refused", code=error.code, subjects=subjects)
    raise error


@contextmanager
def looking(
    session: CrmSession, noted_as: str, *, subject: UUID | None = None, details: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Let the actor read the audit log within the block, and audit it with what the block adds to the details it gives.

    Raises Refused without the right ``audit.read``.
    """
    require(session, "read", noted_as=noted_as, subject=subject)
    found: dict[str, Any] = dict(details or {})
    with region(session, "reading the audit log for somebody with the right to"):
        yield found
    session.note(noted_as, resource=RESOURCE, subjects=() if subject is None else (subject,), details=found)
