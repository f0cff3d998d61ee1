"""Customers' own columns as they stood at an earlier moment: the present ones, with what has changed since taken back.

What counts is when a change was recorded. Must not know which columns are facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    Integer,
    Numeric,
    Select,
    case,
    cast as sql_cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.sql import visitors

from crmkit.core.customers.models import Customer
from crmkit.core.store.tables import RecordChange
from crmkit.core.store.types import Instant
from crmkit.hooks.facts import Column, FactQuery

_PLACES = 6
_FORMS: Mapping[str, str] = {
    "integer": r"^-?\d{1,18}$",
    "decimal": r"^-?\d{1,12}(\.\d+)?$",
    "boolean": "^(true|false)$",
    "date": r"^\d{4}-\d\d-\d\d$",
    "instant": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
}
"""What a text must look like for PostgreSQL to read it; anything else is null, as it is on SQLite."""


def walked_back(inline: Callable[[Column, FactQuery], Mapping[str, Any]], query: FactQuery) -> Select[Any]:
    """Return expressions over customers' columns as these stood at the query's moment, one row per customer."""
    table = cast(Any, Customer).__table__
    late = _late(query)
    before: dict[str, Any] = {}

    def column(name: str) -> Any:
        if name not in before:
            before[name] = _first(late, name, query.dialect)
        first = before[name]
        return case((first.c.record_id.is_not(None), first.c.value), else_=table.c[name])

    found = inline(column, query)
    wanted = [value.label(name) for name, value in found.items() if name.partition(":")[0] in query.wanted]
    needed = {id(getattr(each, "table", None)) for value in wanted for each in visitors.iterate(value)}
    source: Any = table
    for first in before.values():
        if id(first) in needed:
            source = source.outerjoin(first, first.c.record_id == table.c.id)
    return select(table.c.id.label("customer_id"), *wanted).select_from(source).where(query.within(table.c.id))


def _late(query: FactQuery) -> Any:
    """Return the changes of customers that were not recorded yet, with what was there before."""
    change = cast(Any, RecordChange).__table__
    return (
        select(change.c.id, change.c.record_id, change.c.recorded_at, change.c.changes)
        .where(
            change.c.table_name == Customer.__tablename__,
            query.within(change.c.customer_id),
            or_(change.c.recorded_at > query.as_of, change.c.recorded_at > query.known_at),
        )
        .cte()
    )


def _first(late: Any, name: str, dialect: str) -> Any:
    """Return what a column held before its first late change, by record."""
    if dialect == "postgresql":
        mentions = func.jsonb_exists(late.c.changes, name)
    else:
        mentions = func.json_type(late.c.changes, f'$."{name}"').is_not(None)
    place = func.row_number().over(partition_by=late.c.record_id, order_by=(late.c.recorded_at, late.c.id))
    text, held = late.c.changes[(name, 0)].as_string(), late.c.changes[(name, 0)]
    ranked = (
        select(late.c.record_id, text.label("text"), held.label("held"), place.label("place"))
        .where(mentions)
        .subquery(f"ranked_{name}")
    )
    type_ = cast(Any, Customer).__table__.c[name].type
    value = ranked.c.held if _is_json(type_) else from_text(ranked.c.text, _KINDS[type_.python_type], dialect)
    return (
        select(ranked.c.record_id, type_coerce(value, type_).label("value"))
        .where(ranked.c.place == 1)
        .subquery(f"first_{name}")
    )


def _is_json(type_: Any) -> bool:
    return isinstance(type_, JSON)


_KINDS: Mapping[Any, str] = {str: "text", int: "integer", datetime: "instant", bool: "boolean"}


def from_text(text: Any, kind: str, dialect: str) -> Any:
    """Return what a text in JSON form says, as a value of the kind of a fact's type; null for what says none."""
    if dialect != "postgresql":
        return _FROM_TEXT[kind](text)
    if kind == "text":
        return text
    read = case((text.op("~")(_FORMS[kind]), text))
    if kind == "decimal":
        return sql_cast(func.round(sql_cast(read, Numeric) * 10**_PLACES), BigInteger)
    return sql_cast(read, _SQL[kind])


_SQL: Mapping[str, Any] = {
    "integer": BigInteger(),
    "boolean": Boolean(),
    "date": Date(),
    "instant": Instant(),
}
_FROM_TEXT: Mapping[str, Callable[[Any], Any]] = {
    "text": lambda text: text,
    "integer": lambda text: sql_cast(text, Integer),
    "boolean": lambda text: case((text.in_(("1", "true")), 1), (text.in_(("0", "false")), 0)),
    "decimal": lambda text: func.crm_decimal(text, _PLACES),
    "date": lambda text: case((text.op("GLOB")("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"), text)),
    # As instants are kept: without the zone, which is UTC, and of fixed width.
    "instant": lambda text: (
        func.replace(func.substr(text, 1, 19), "T", " ")
        + case((func.substr(text, 20, 1) == ".", func.substr(text, 20, 7)), else_=".000000")
    ),
}
"""How SQLite reads a text."""
