"""Reading which customers were merged: the merges of one, and who an absorbed one is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import or_, select

from crmkit.core.customers.models import Customer
from crmkit.core.store.guard.regions import region
from crmkit.core.store.session import CrmSession
from crmkit.identity.tables import Merge
from crmkit.identity.values import MergeRecord

_merge: Any = cast(Any, Merge).__table__


def merges_of(session: CrmSession, customer_id: UUID) -> tuple[MergeRecord, ...]:
    """Return the merges in which a customer survived or was absorbed and came back, and those that whom it absorbed had
    been through; newest first. Those alone that the session's actor may see."""
    query = (
        select(Merge)
        .where(
            or_(Merge.customer_id == customer_id, Merge.survivor_id == customer_id, Merge.absorbed_id == customer_id)
        )
        .order_by(Merge.created_at.desc(), Merge.id.desc())
    )
    return tuple(as_record(merge) for merge in session.scalars(query))


def latest_merges(session: CrmSession, limit: int = 50) -> tuple[MergeRecord, ...]:
    """Return the last merges that the session's actor may see, newest first."""
    query = select(Merge).order_by(Merge.created_at.desc(), Merge.id.desc()).limit(limit)
    return tuple(as_record(merge) for merge in session.scalars(query))


def as_record(merge: Merge) -> MergeRecord:
    """Return a merge as its reader may see it."""
    return MergeRecord(
        id=merge.id,
        customer_id=merge.customer_id,
        survivor_id=merge.survivor_id,
        absorbed_id=merge.absorbed_id,
        absorbed_name=merge.absorbed_name or "",
        merged_at=merge.created_at,
        actor_id=merge.actor_id,
        reason=merge.reason or "",
        fields=merge.fields,
        undone_at=merge.undone_at,
        undone_by=merge.undone_by,
        undone_reason=merge.undone_reason,
    )


def surviving_id(session: CrmSession, customer_id: UUID) -> UUID | None:
    """Return who an absorbed customer is now, through any chain of merges; None for one that was not absorbed, and
    where the session's actor may not see who it is."""
    with region(session, "who an absorbed customer is now"):
        found = followed(session, [customer_id]).get(customer_id)
    return found if found is not None and session.get(Customer, found) is not None else None


def followed(session: CrmSession, customer_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return for those of some customers that were absorbed who has their records now, whoever may see it: for the
    framework's own use, inside a region."""
    query = select(_merge.c.absorbed_id, _merge.c.customer_id).where(
        _merge.c.absorbed_id.in_(list(customer_ids)), _merge.c.undone_at.is_(None), _merge.c.customer_id.is_not(None)
    )
    # A record of a merge goes over with everything else when its customer is absorbed in turn: one step is enough.
    return {row[0]: row[1] for row in session.connection().execute(query)}
