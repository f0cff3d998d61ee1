"""Records by what others call them, ``<resource>:<id>``: found as whoever asks may see them.

Must not know what any record is for.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmkit import Actor, CrmSession, Customer, InvalidInput, NotFound, Problem, texts

_ = texts("crmkit_work")


def parts_of(ref: str) -> tuple[str, UUID]:
    """Return the resource and the id of a reference. Raises InvalidInput for a text that is none."""
    resource, _colon, identity = ref.partition(":")
    try:
        return resource.strip(), UUID(identity.strip())
    except ValueError:
        hint = _("Write it as customer:0197a1b2-0000-7000-8000-000000000000.")
        problem = Problem(InvalidInput.code, _("This names no record."), field="ref", hint=hint, value=ref[:160])
        raise InvalidInput([problem]) from None


def seen(session: CrmSession, ref: str) -> Any:
    """Return the record of a reference, or None where there is none that the session's actor sees."""
    resource, identity = parts_of(ref)
    declared = session.gate.registry.resources.get(resource)
    record = session.get(declared.model, identity) if declared is not None else None
    if record is not None and getattr(record, "deleted_at", None) is not None:
        return None
    return record


def required(session: CrmSession, ref: str) -> Any:
    """Return the record of a reference. Raises NotFound where the session's actor sees none."""
    found = seen(session, ref)
    if found is None:
        raise NotFound(_("There is no such record: {ref}."), ref=ref[:160])
    return found


def is_seen_by(session: CrmSession, user_id: UUID, ref: str) -> bool:
    """Say whether a user sees the record of a reference, as it is committed."""
    with session.crm.session(Actor.user(user_id)) as own:
        return seen(own, ref) is not None


def customer_of(record: Any) -> UUID | None:
    """Return the customer whom a record is about, if it is about one."""
    found: UUID | None = record.id if isinstance(record, Customer) else getattr(record, "customer_id", None)
    return found


def kind_of(session: CrmSession, ref: str) -> str:
    """Return what kind of record a reference names, as a text to be translated."""
    declared = session.gate.registry.resources.get(ref.partition(":")[0])
    return declared.title if declared is not None else _("Record")


def name_of(record: Any) -> str:
    """Return what people call a record, as its reader may see it."""
    for name in ("name", "title", "subject", "number", "source"):
        found = getattr(record, name, None)
        if found:
            return str(found)
    return str(record.id)
