"""The history of records: what changed when and by whom, and how a record stood at an earlier time.

One row for each change; what was created needs none, as its first state follows from the present one and the changes
since. So reading "as of" walks backwards from the present.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import InstanceState

from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.core.store.tables import RecordChange

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_QUIET = frozenset({"version", "updated_at"})


@frozen(kw_only=True)
class HistoryLine:
    """One line of a record's history: when (UTC), by whom, by which operation, and per field before and after."""

    recorded_at: datetime
    actor_id: str
    operation: str
    kind: str
    table_name: str
    record_id: UUID
    changes: Mapping[str, tuple[Any, Any]]


def changes_of(item: Any, kind: str) -> dict[str, tuple[Any, Any]]:
    """Return per column the value before and after the flush that is about to happen."""
    state: InstanceState[Any] = inspect(item)
    found: dict[str, tuple[Any, Any]] = {}
    for attribute in state.mapper.column_attrs:
        name = attribute.key
        if kind == "create":
            value = state.dict.get(name)
            if value is not None:
                found[name] = (None, value)
        elif kind == "delete":
            if name not in _QUIET:
                found[name] = (state.dict.get(name), None)
        elif name not in _QUIET:
            past = state.attrs[name].history
            if past.has_changes():
                before = past.deleted[0] if past.deleted else None
                after = past.added[0] if past.added else None
                if before != after:
                    found[name] = (before, after)
    return found


def write_changes(session: CrmSession, dirty: Iterable[Any], deleted: Iterable[Any]) -> None:
    """Write the history of the records that a flush will change or delete."""
    rows: list[dict[str, Any]] = []
    for kind, items in (("update", dirty), ("delete", deleted)):
        for item in items:
            if not getattr(item, "__history__", False):
                continue
            changes = changes_of(item, kind)
            if changes:
                rows.append(change_row(session, item, kind, changes))
    if rows:
        # Written on the connection: the flush that is under way must not begin another one.
        session.connection().execute(insert(RecordChange.__table__), rows)


def change_row(session: CrmSession, item: Any, kind: str, changes: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return the row of `RecordChange` for one change."""
    customer = item.id if item.__tablename__ == "crm_customer" else getattr(item, "customer_id", None)
    return {
        "id": new_id(),
        "recorded_at": system_now(),
        "table_name": item.__tablename__,
        "record_id": item.id,
        "customer_id": customer,
        "kind": kind,
        "actor_id": session.actor.id,
        "operation": session.unit.operation,
        "changes": {name: [plain(before), plain(after)] for name, (before, after) in changes.items()},
    }


def plain(value: Any) -> Any:
    """Return the JSON form of a column's value."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    return value


def history_of(session: CrmSession, record_id: UUID) -> list[HistoryLine]:
    """Return what happened to a record, newest first; its creation is not among the lines."""
    return _lines(session, RecordChange.record_id == record_id)


def history_about(session: CrmSession, customer_id: UUID) -> list[HistoryLine]:
    """Return what happened to a customer and to every record about it, newest first."""
    return _lines(session, RecordChange.customer_id == customer_id)


def _lines(session: CrmSession, condition: Any) -> list[HistoryLine]:
    query = select(RecordChange).where(condition).order_by(RecordChange.recorded_at.desc(), RecordChange.id.desc())
    return [
        HistoryLine(
            recorded_at=row.recorded_at,
            actor_id=row.actor_id,
            operation=row.operation,
            kind=row.kind,
            table_name=row.table_name,
            record_id=row.record_id,
            changes={name: (pair[0], pair[1]) for name, pair in row.changes.items()},
        )
        for row in session.scalars(query)
    ]


def walk_back(state: Mapping[str, Any], lines: Iterable[HistoryLine], at: datetime) -> dict[str, Any]:
    """Return a record's fields as they stood at an instant, from a later state and the lines, newest first.

    Values that changed since come in their JSON form.
    """
    past = dict(state)
    for line in lines:
        if line.recorded_at <= at:
            break
        for name, (before, _after) in line.changes.items():
            past[name] = before
    return past
