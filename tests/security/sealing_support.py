"""Sealing values without records: what the tests of keys share."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from crmkit import CRM, Actor
from crmkit.core.store.sealed import OpenItem, SealItem

SYSTEM = Actor.system("tests")


def seal(crm: CRM, items: Sequence[SealItem]) -> list[OpenItem]:
    """Seal values in a transaction of their own, and return how to open them."""
    with crm.transaction(SYSTEM) as session:
        sealed = crm.vault.seal_many(session, items)
    return [
        OpenItem(table=item.table, field=item.field, record=item.record, sealed=envelope)
        for item, envelope in zip(items, sealed, strict=True)
    ]


def opened(crm: CRM, items: Sequence[OpenItem]) -> list[object]:
    """Return the values of envelopes, or in their place the class of the error."""
    with crm.session(SYSTEM) as session:
        found = crm.vault.open_each(session, items)
    return [value if isinstance(value, bytes) else type(value) for value in found]


def item(value: bytes, *, subject: UUID | None = None, table: str = "crm_x", field: str = "phone") -> SealItem:
    """Return a value that is to be sealed, for a subject of its own unless one is given."""
    return SealItem(subject=subject or uuid4(), table=table, field=field, record=uuid4(), value=value)
