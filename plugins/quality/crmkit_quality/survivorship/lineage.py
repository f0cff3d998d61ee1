"""Lineage of a customer's values: where each comes from, and how far that is trusted: the golden record by field.

Must not decide anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen

from crmkit import CrmSession, FieldOrigin, PastValue, origins_of
from crmkit_quality.survivorship.trust import TrustBook, read_trust


@frozen(kw_only=True)
class FormerValue:
    """A value that a field had; see `FieldLineage`."""

    value: Any
    since: datetime
    actor_id: str
    operation: str
    source: str
    trust: int
    import_id: UUID | None
    record_id: UUID
    merge_id: UUID | None


@frozen(kw_only=True)
class FieldLineage(FormerValue):
    """Where the present value of a field comes from: since when (UTC), by whom, through which operation (empty for a
    value that its record was made with) or import, from which source, how far that is trusted (0 to 100), and from
    which record, with the merge where it came by one.

    ``field`` is a column of the customer, ``custom.<name>``, ``preferences.<name>``, tags, interests, identifiers, or a
    kind of contact point, of which ``item`` is the one. Values are as the reader may see them. ``source`` is what
    people call it; ``earlier`` are the values before, newest first.
    """

    field: str
    title: str
    item: UUID | None = None
    earlier: tuple[FormerValue, ...] = field(default=(), converter=tuple)


def lineage(session: CrmSession, customer_id: UUID) -> tuple[FieldLineage, ...]:
    """Return where the values of a customer come from; nothing for one that the session may not see."""
    return lineages(session, [customer_id]).get(customer_id, ())


def lineages(session: CrmSession, customer_ids: Collection[UUID]) -> Mapping[UUID, tuple[FieldLineage, ...]]:
    """Return where the values of customers come from, of those whom the session may see, in a fixed number of
    statements for every few hundred."""
    book = read_trust(session)
    return {
        id_: tuple(_lineage(book, each) for each in record.fields)
        for id_, record in origins_of(session, customer_ids).items()
    }


def _lineage(book: TrustBook, origin: FieldOrigin) -> FieldLineage:
    return FieldLineage(
        **_told(book, origin),
        field=origin.field,
        title=origin.title,
        item=origin.item,
        earlier=[FormerValue(**_told(book, each)) for each in origin.earlier],
    )


def _told(book: TrustBook, one: PastValue) -> dict[str, Any]:
    return {
        "value": one.value,
        "since": one.since,
        "actor_id": one.actor_id,
        "operation": one.operation,
        "source": book.title(one.source),
        "trust": book.trust(one.source),
        "import_id": one.import_id,
        "record_id": one.record_id,
        "merge_id": one.merge_id,
    }
