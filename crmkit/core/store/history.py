"""The history of records: what changed when and by whom, and how a record stood at an earlier time.

One row for each change; what was created needs none, as its first state follows from the present one and the changes
since: it has one, without values, where a source vouches for it. So reading "as of" walks backwards from the present.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import InstanceState

from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.core.store.opening import plain as plain_of
from crmkit.core.store.sealed import (
    HIDDEN,
    PLAIN,
    OpenItem,
    from_bytes,
    is_masked,
    mask,
    sealed_fields,
    slots_of,
    tokens_of,
)
from crmkit.core.store.seals import customer_of
from crmkit.core.store.tables import RecordChange
from crmkit.errors import Erased

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_QUIET = frozenset({"version", "updated_at"})
_SEALED = "$sealed"
"""Marks an envelope in the JSON of the history. It is the one of the record's own column, bound to the same place."""


@frozen(kw_only=True)
class HistoryLine:
    """One line of a record's history: when (UTC), by whom, by which operation, and per field before and after;
    ``source`` is the system that vouches for it, if any."""

    recorded_at: datetime
    actor_id: str
    operation: str
    kind: str
    table_name: str
    record_id: UUID
    changes: Mapping[str, tuple[Any, Any]]
    source: str | None = None
    customer_id: UUID | None = None


def changes_of(item: Any, kind: str) -> dict[str, tuple[Any, Any]]:
    """Return per column the value before and after the flush that is about to happen, whatever the actor may see."""
    state: InstanceState[Any] = inspect(item)
    found: dict[str, tuple[Any, Any]] = {}
    slots, tokens = slots_of(type(item)), tokens_of(type(item))
    masked: Mapping[str, Any] = state.dict.get(PLAIN, {})
    for attribute in state.mapper.column_attrs:
        key, name = attribute.key, attribute.columns[0].key
        if key in tokens:
            continue
        if key in slots:
            _note_sealed(found, state, kind, slots[key], key)
        elif kind == "create":
            value = state.dict.get(key)
            if value is not None:
                found[name] = (None, value)
        elif kind == "delete":
            if name not in _QUIET:
                value = state.dict.get(key)
                found[name] = (masked.get(key, value) if is_masked(value) else value, None)
        elif name not in _QUIET:
            past = state.attrs[key].history
            if past.has_changes():
                before = past.deleted[0] if past.deleted else None
                before = masked.get(key, before) if is_masked(before) else before
                after = past.added[0] if past.added else None
                if before != after:
                    found[name] = (before, after)
    return found


def _note_sealed(
    found: dict[str, tuple[Any, Any]], state: InstanceState[Any], kind: str, field: str, slot: str
) -> None:
    """Note the change of one of a sealed field's columns under the field's name: envelopes, or plain texts that are
    open to search. Tokens tell nothing that the envelope does not."""
    past = state.attrs[slot].history
    held = state.dict.get(slot)
    pair: tuple[Any, Any] = (None, None)
    if kind == "create":
        pair = (None, held)
    elif kind == "delete":
        pair = (held, None)
    elif past.has_changes():
        pair = (past.deleted[0] if past.deleted else None, past.added[0] if past.added else None)
    before, after = found.get(field, (None, None))
    pair = (pair[0] if pair[0] is not None else before, pair[1] if pair[1] is not None else after)
    if pair != (None, None):
        found[field] = pair


def write_changes(session: CrmSession, new: Iterable[Any], dirty: Iterable[Any], deleted: Iterable[Any]) -> None:
    """Write the history of the records that a flush will change or delete; of those that it will add only which source
    vouches for them, where one does."""
    rows: list[dict[str, Any]] = []
    if session.unit.source is not None:
        rows.extend(change_row(session, item, "create", {}) for item in new if getattr(item, "__history__", False))
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
    customer = item.id if item.__tablename__ == "crm_customer" else customer_of(item)
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
        "source": session.unit.source,
    }


def plain(value: Any) -> Any:
    """Return the JSON form of a column's value."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, bytes):
        return {_SEALED: b64encode(value).decode()}
    return value


def history_of(session: CrmSession, record_id: UUID) -> list[HistoryLine]:
    """Return what happened to a record, newest first; its creation is not among the lines."""
    return _lines(session, RecordChange.record_id == record_id)


def history_about(session: CrmSession, customer_id: UUID, *, whole: bool = False) -> list[HistoryLine]:
    """Return what happened to a customer and to every record about it, newest first.

    ``whole`` is for the framework's own use: values come as they were, whatever the actor may see of them.
    """
    return _lines(session, RecordChange.customer_id == customer_id, whole=whole)


def histories(session: CrmSession, customer_ids: Collection[UUID]) -> list[HistoryLine]:
    """Return what happened to customers and to every record about them, newest first, with values as they were: for
    the framework's own use, which shows none of them."""
    return _lines(session, RecordChange.customer_id.in_(customer_ids), whole=True)


def _lines(session: CrmSession, condition: Any, *, whole: bool = False) -> list[HistoryLine]:
    query = select(RecordChange).where(condition).order_by(RecordChange.recorded_at.desc(), RecordChange.id.desc())
    rows = [(row, cast("dict[str, Any]", plain_of(row, "changes"))) for row in session.scalars(query)]
    shown = _shown(session, rows, whole=whole)
    return [
        HistoryLine(
            recorded_at=row.recorded_at,
            actor_id=row.actor_id,
            operation=row.operation,
            kind=row.kind,
            table_name=row.table_name,
            record_id=row.record_id,
            changes={
                name: (shown(row.table_name, name, pair[0]), shown(row.table_name, name, pair[1]))
                for name, pair in changes.items()
            },
            source=row.source,
            customer_id=row.customer_id,
        )
        for row, changes in rows
    ]


def _shown(
    session: CrmSession, rows: Sequence[tuple[RecordChange, dict[str, Any]]], *, whole: bool
) -> Callable[[str, str, Any], Any]:
    """Return what gives a value of the history, by table and column, as the session's actor may see it; envelopes are
    opened all at once."""
    models = session.gate.registry.models
    levels: dict[tuple[str, str], str] = {}

    def level(table: str, classified: str) -> str:
        known = levels.get((table, classified))
        if known is None:
            model = models.get(table)
            # What a plugin that is not loaded keeps can be neither opened nor judged.
            known = levels[table, classified] = "none" if model is None else session.level(model, classified)
        return "full" if whole and table in models else known

    def seen(value: Any, of: str) -> Any:
        return value if of == "full" else mask(value) if of == "masked" else HIDDEN

    values: dict[str, Any] = {}
    wanted: list[tuple[str, OpenItem, Any, str]] = []
    for row, changes in rows:
        fields = sealed_fields(models.get(row.table_name))
        for name, pair in changes.items():
            for value in pair:
                if not (isinstance(value, dict) and _SEALED in value):
                    continue
                text, field = cast(str, value[_SEALED]), fields.get(name)
                values[text] = HIDDEN
                if field is not None and field.classified != "secret":
                    item = OpenItem(table=row.table_name, field=name, record=row.record_id, sealed=b64decode(text))
                    wanted.append((text, item, field.kind, level(row.table_name, field.classified)))
    wanted = [entry for entry in wanted if entry[3] != "none"]
    for (text, _item, kind, of), opened in zip(
        wanted, session.crm.vault.open_each(session, [entry[1] for entry in wanted]), strict=True
    ):
        if isinstance(opened, bytes):
            values[text] = seen(from_bytes(opened, kind), of)
        elif not isinstance(opened, Erased):
            raise opened

    def shown(table: str, name: str, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, dict) and _SEALED in value:
            return values[cast(str, value[_SEALED])]
        held, model = cast(Any, value), models.get(table)
        column = None if model is None else model.__table__.c.get(name)
        if column is None and model is not None:
            return held
        classified = "personal" if column is None else _classified(column)
        return seen(held, level(table, classified)) if classified in ("personal", "text") else held

    return shown


def _classified(column: Any) -> str:
    info = column.info.get("crmkit")
    return "sensitive" if info is None else cast(str, info.classified)


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
