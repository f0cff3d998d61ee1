"""The journal of a merge: what it did to which row, sealed, and read again to undo it.

Must not decide anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import delete, func, select

from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import OpenItem, SealItem
from crmkit.core.store.session import CrmSession
from crmkit.core.store.types import json_decode, json_encode
from crmkit.identity.images import Image, as_json, from_json
from crmkit.identity.tables import MergedRow

MOVED, REMOVED, CHANGED, CREATED, POINTED = "moved", "removed", "changed", "created", "pointed"
PACK = 500
"""Keys of rows of which nothing but the key is remembered that one row of the journal has."""
_table: Any = cast(Any, MergedRow).__table__


@frozen(kw_only=True)
class Entry:
    """What was done to one row; of action pointed, to several in the same way.

    ``keys`` are as they were before (of one that was created as it is since). ``before`` is the whole row where it was
    moved or removed, else the columns that were changed; ``after`` what they were changed to, the whole row where it
    was created.
    """

    table: str
    action: str
    keys: tuple[Image, ...] = field(converter=tuple)
    before: Image = field(factory=dict)
    after: Image = field(factory=dict)


def write(session: CrmSession, merge_id: UUID, customer_id: UUID, entries: Iterable[Entry]) -> int:
    """Write the journal of a merge, sealed under the survivor's key, and return how many rows it has."""
    rows: list[dict[str, Any]] = []
    items: list[SealItem] = []
    now = system_now()
    for place, entry in enumerate(_packed(entries)):
        content = {
            "keys": [as_json(key) for key in entry.keys],
            "before": as_json(entry.before),
            "after": as_json(entry.after),
        }
        row = {
            "id": new_id(),
            "recorded_at": now,
            "merge_id": merge_id,
            "customer_id": customer_id,
            "position": place,
            "table_name": entry.table,
            "action": entry.action,
            "column_name": next(iter(entry.after), None) if entry.action == POINTED else None,
        }
        rows.append(row)
        items.append(
            SealItem(
                subject=customer_id,
                table=_table.name,
                field="content",
                record=cast(UUID, row["id"]),
                value=json_encode(content),
            )
        )
    for row, sealed in zip(rows, session.crm.vault.seal_many(session, items), strict=True):
        row["content"] = sealed
    insert_rows(session.connection(), _table, rows)
    return len(rows)


def _packed(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        for start in range(0, len(entry.keys), PACK):
            yield Entry(
                table=entry.table,
                action=entry.action,
                keys=entry.keys[start : start + PACK],
                before=entry.before,
                after=entry.after,
            )


def read(session: CrmSession, merge_id: UUID) -> list[Entry]:
    """Return the journal of a merge, in its order. Raises Erased, SealBroken."""
    query = (
        select(_table.c.id, _table.c.table_name, _table.c.action, _table.c.content)
        .where(_table.c.merge_id == merge_id)
        .order_by(_table.c.position)
    )
    rows = session.connection().execute(query).all()
    opened: Sequence[bytes] = session.crm.vault.open_many(
        session,
        [OpenItem(table=_table.name, field="content", record=row.id, sealed=row.content) for row in rows],
    )
    found: list[Entry] = []
    for row, data in zip(rows, opened, strict=True):
        content = json_decode(data)
        found.append(
            Entry(
                table=row.table_name,
                action=row.action,
                keys=[from_json(key) for key in content["keys"]],
                before=from_json(content["before"]),
                after=from_json(content["after"]),
            )
        )
    return found


def length(session: CrmSession, merge_id: UUID) -> int:
    """Return how many rows the journal of a merge has now."""
    query = select(func.count()).select_from(_table).where(_table.c.merge_id == merge_id)
    return int(session.connection().execute(query).scalar_one())


def forget(session: CrmSession, merge_id: UUID) -> None:
    """Remove the journal of a merge."""
    session.connection().execute(delete(_table).where(_table.c.merge_id == merge_id))
