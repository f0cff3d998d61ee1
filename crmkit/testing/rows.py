"""Rows made up from a model's columns, to see what becomes of them. Must not know any plugin."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, LargeBinary, Table, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import UniqueConstraint, sort_tables

from crmkit.core.privacy.mapping import PERSONAL
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.infos import field_info
from crmkit.core.store.sealed import sealed_fields
from crmkit.core.store.seals import seal_rows
from crmkit.core.store.types import Id, Instant, ScaledDecimal

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_numbers = itertools.count(1)


def write_rows(
    session: CrmSession,
    models: Sequence[type[Any]],
    known: Mapping[str, Mapping[str, Any]],
    *,
    number: int = 1,
    text: str = "",
) -> None:
    """Write one row into each table of some models, with the rows that these refer to.

    ``known`` are rows that are there already, by table and column: the customer, and whose the rows shall be. Columns
    get their default or a value of their type, another one for another ``number``; those that may be empty stay empty,
    but for what is personal, which gets ``text`` where that fits. Tables of others are never written: where a row of
    one is needed, the row is left out with all that need it. What may be there once only is written once.

    Raises IntegrityError for a row that breaks a rule of its table.
    """
    rows: dict[str, Mapping[str, Any]] = {name: dict(row) for name, row in known.items()}
    by_table = {model.__tablename__: model for model in models}
    for table in sort_tables([model.__table__ for model in models]):
        values = _values(by_table[table.name], rows, number, text)
        if values is None:
            continue
        with region(session, "rows made up for a check"):
            seal_rows(session, by_table[table.name], [values])
            try:
                with session.begin_nested():
                    session.connection().execute(insert(table).values(values))
            except IntegrityError:
                there = session.connection().execute(select(table).limit(1)).mappings().first()
                if there is None:
                    raise
                values = dict(there)
        rows[table.name] = values


def _values(model: Any, known: Mapping[str, Mapping[str, Any]], number: int, text: str) -> dict[str, Any] | None:
    table: Table = model.__table__
    values: dict[str, Any] = {}
    sealed = sealed_fields(model)
    beside = {name for each in sealed.values() for name in (each.name, each.column, each.token_slot, *each.derived)}
    for column in table.columns:
        keys = list(column.foreign_keys)
        if keys:
            row = known.get(keys[0].column.table.name)
            if row is not None and keys[0].column.name in row:
                values[column.name] = row[keys[0].column.name]
            elif not column.nullable:
                return None
        elif column.name in beside:
            continue
        elif not column.nullable or column.primary_key:
            values[column.name] = _value(column, number, _unique(table, column), _of(text, table, column.name))
        elif field_info(column).classified in PERSONAL:
            values[column.name] = _value(column, number, False, _of(text, table, column.name))
    for each in sealed.values():
        column = table.c[each.column]
        made = _sealed_value(each.kind, number, _of(text, table, each.name), _length(model, each))
        if made is not None or not column.nullable:
            values[each.name] = made
    if sealed and "id" in table.c:
        values.setdefault("id", new_id())
    return values


def _of(text: str, table: Table, name: str) -> str:
    """Return a text that says where it stands, so that what is left of it can be told from the like elsewhere."""
    return f"{text} {table.name}.{name}" if text else ""


def _length(model: Any, field: Any) -> int | None:
    column = None if field.open_slot is None else model.__table__.c.get(field.name)
    return None if column is None else getattr(column.type, "length", None)


def _unique(table: Table, column: Column[Any]) -> bool:
    """Say whether a value of a column may be there once only, by itself or with others."""
    rules: Iterable[Any] = (*table.constraints, *table.indexes)
    return any(
        column.name in each.columns
        for each in rules
        if isinstance(each, UniqueConstraint) or (isinstance(each, Index) and each.unique)
    )


def _sealed_value(kind: Any, number: int, text: str, length: int | None) -> Any:
    origin = getattr(kind, "__origin__", kind)
    made: Mapping[Any, Any] = {
        str: _text(text, length),
        int: number,
        float: float(number),
        bool: False,
        date: date(2026, 1, number % 28 + 1),
        datetime: datetime.now(UTC),
        Decimal: Decimal(number),
        UUID: new_id(),
    }
    return made.get(origin)


def _text(text: str, length: int | None) -> str:
    short = text.partition(" ")[0]
    for each in filter(None, (text, short)):
        if length is None or len(each) <= length:
            return each
    return new_id().hex[-length if length else 0 :]


def _value(column: Column[Any], number: int, unique: bool, text: str) -> Any:
    kind, info, default = column.type, field_info(column), column.default
    if default is not None and getattr(default, "is_scalar", False) and not unique:
        return default.arg  # type: ignore[attr-defined]
    if default is not None and getattr(default, "is_callable", False):
        return default.arg(None)  # type: ignore[attr-defined]
    if info.choices:
        return next(iter(info.choices))
    if column.name == "currency" and getattr(kind, "length", None) == 3:
        # Three letters that are no currency are no money, and no row has them.
        return "EUR"
    if isinstance(kind, Id):
        return new_id()
    if isinstance(kind, Instant):
        return datetime.now(UTC)
    if isinstance(kind, Date):
        return date(2026, 1, number % 28 + 1)
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, ScaledDecimal):
        return Decimal(number)
    if isinstance(kind, (Integer, Float)):
        return next(_numbers) if unique and column.name != "version" else number
    if isinstance(kind, LargeBinary):
        return new_id().bytes
    if hasattr(kind, "none_as_null"):
        return {}
    # Else a part of an id that differs from row to row, so that unique columns get different values.
    personal = info.classified in PERSONAL and not unique
    return _text(text if personal else "", getattr(kind, "length", None))
