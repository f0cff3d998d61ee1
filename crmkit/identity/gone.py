"""What the journals of merges tell of the records that were absorbed: how they were made, which values they had, and
which contact points went over.

Must not show anything: values are as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from attrs import define, field, frozen
from sqlalchemy import and_, or_, select

from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.customers.references import chunks
from crmkit.core.store.guard import region
from crmkit.core.store.history import plain
from crmkit.core.store.sealed import OpenItem, from_bytes, sealed_fields
from crmkit.core.store.session import CrmSession
from crmkit.core.store.types import json_decode, json_encode
from crmkit.identity.images import bytes_of, from_json, id_of
from crmkit.identity.journal import MOVED, REMOVED
from crmkit.identity.tables import MergedRow

INNER = ("custom", "preferences")
"""Columns that hold several values by name."""
_CUSTOMER, _POINT = Customer.__tablename__, ContactPoint.__tablename__


@frozen(kw_only=True)
class AbsorbedRecord:
    """How an absorbed record was made, and what it had."""

    created_at: datetime
    created_by: str
    source: str | None
    values: Mapping[str, str]
    """Its values as texts, custom ones and preferences one by one."""


@define
class Absorbed:
    """What the journal of one merge tells: the absorbed record, and the contact points that went over, by their ids."""

    record: AbsorbedRecord | None = None
    points: list[UUID] = field(factory=list)


def absorbed_by(session: CrmSession, merges: Mapping[UUID, UUID]) -> Iterator[tuple[UUID, Absorbed]]:
    """Return what the journals of merges tell, given with whom each absorbed; nothing of one whose journal is gone.

    Whoever may see a merge may see when, and by whom, the absorbed record was made.
    """
    table: Any = cast(Any, MergedRow).__table__
    rows: list[Any] = []
    with region(session, "how absorbed records were made"):
        for part in chunks(merges):
            query = select(table.c.id, table.c.merge_id, table.c.table_name, table.c.content).where(
                table.c.merge_id.in_(part),
                or_(
                    and_(table.c.table_name == _CUSTOMER, table.c.action == REMOVED),
                    and_(table.c.table_name == _POINT, table.c.action == MOVED),
                ),
            )
            rows.extend(session.connection().execute(query).all())
    items = [OpenItem(table=table.name, field="content", record=row.id, sealed=row.content) for row in rows]
    found: dict[UUID, Absorbed] = {}
    for row, data in zip(rows, session.crm.vault.open_each(session, items), strict=True):
        if not isinstance(data, bytes):
            continue
        one, content = found.setdefault(row.merge_id, Absorbed()), json_decode(data)
        if row.table_name == _CUSTOMER:
            one.record = _record(session, merges[row.merge_id], from_json(content["before"]))
        else:
            points = (id_of(from_json(key)["id"]) for key in content["keys"])
            one.points.extend(point for point in points if point is not None)
    yield from found.items()


def _record(session: CrmSession, record_id: UUID, image: Mapping[str, Any]) -> AbsorbedRecord:
    made = datetime.fromisoformat(image["created_at"])
    values: dict[str, str] = {}
    for name, held in image.items():
        value = _opened(session, record_id, name, held)
        column = name.removesuffix("_sealed")
        if column in INNER:
            inner = json_decode(value) if isinstance(value, (str, bytes)) else value
            values.update({f"{column}.{key}": as_text(each) for key, each in (inner or {}).items()})
        elif value is not None and value != "":
            values[name] = as_text(value)
    return AbsorbedRecord(
        created_at=made if made.tzinfo is not None else made.replace(tzinfo=UTC),
        created_by=image["created_by"] or "",
        source=image["source"],
        values=values,
    )


def _opened(session: CrmSession, record_id: UUID, name: str, held: Any) -> Any:
    """Return a value of a row as the journal has it, opened where it is sealed; None where it cannot be."""
    fields, column = sealed_fields(Customer), Customer.__table__.c.get(name)
    sealed = bytes_of(held)
    if name in fields:
        if sealed is None:
            return None
        item = OpenItem(table=_CUSTOMER, field=name, record=record_id, sealed=sealed)
        (opened,) = session.crm.vault.open_each(session, [item])
        return from_bytes(opened, fields[name].kind) if isinstance(opened, bytes) else None
    return id_of(held) if column is not None and column.type.python_type is UUID and held is not None else held


def as_text(value: Any) -> str:
    """Return the text of a value, alike whether it comes from a record, its history or a row as it stood."""
    return json_encode(value).decode() if isinstance(value, (dict, list)) else str(plain(value))
