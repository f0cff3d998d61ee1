"""Rows made up from a model's columns, to see what becomes of them. Must not know any plugin."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Connection, Date, Float, Integer, LargeBinary, Table, insert
from sqlalchemy.schema import sort_tables

from crmkit.core.store.ids import new_id
from crmkit.core.store.types import Id, Instant, ScaledDecimal


def write_rows(connection: Connection, tables: list[Table], customer_id: UUID, *, number: int = 1) -> dict[str, int]:
    """Write one row into each table that can be about a customer, with the rows that these refer to, and return how
    many were written by table.

    Columns get a value of their type, another one for another ``number``; those that may be empty and refer to nothing
    stay empty. Tables of others are never written: where a row of one is needed, the row is left out with all that need
    it.
    """
    known: dict[str, dict[str, Any]] = {"crm_customer": {"id": customer_id}}
    written: dict[str, int] = {}
    for table in sort_tables(tables):
        values = _values(table, known, number)
        if values is None:
            continue
        connection.execute(insert(table).values(values))
        known[table.name] = values
        written[table.name] = 1
    return written


def _values(table: Table, known: dict[str, dict[str, Any]], number: int) -> dict[str, Any] | None:
    values: dict[str, Any] = {}
    for column in table.columns:
        keys = list(column.foreign_keys)
        if keys:
            row = known.get(keys[0].column.table.name)
            if row is not None:
                values[column.name] = row[keys[0].column.name]
            elif not column.nullable:
                return None
        elif not column.nullable or column.primary_key:
            values[column.name] = _value(column, number)
    return values


def _value(column: Column[Any], number: int) -> Any:
    kind = column.type
    if column.default is not None and getattr(column.default, "is_scalar", False):
        return column.default.arg  # type: ignore[attr-defined]
    if isinstance(kind, Id):
        return new_id()
    if isinstance(kind, Instant):
        return datetime.now(UTC)
    if isinstance(kind, Date):
        return date(2026, 1, number)
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, ScaledDecimal):
        return Decimal(number)
    if isinstance(kind, (Integer, Float)):
        return number
    if isinstance(kind, LargeBinary):
        return new_id().bytes
    length = getattr(kind, "length", None)
    if hasattr(kind, "none_as_null"):
        return {}
    # A part of an id that differs from row to row, so that unique columns get different values.
    return new_id().hex[-length:] if length else new_id().hex
