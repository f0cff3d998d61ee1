"""Inserting many rows of one table at the driver's speed, with values converted exactly as SQLAlchemy converts them.

SQLAlchemy builds a dictionary of parameters for each row of an ``executemany``; for a hundred thousand rows that costs
more than writing them. Must not know which tables there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Converter = Callable[[Any], Any] | None


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the columns of the first one. Defaults that Python would fill in are not applied."""
    if not rows:
        return
    statement, converters = _plan(connection.dialect, table, tuple(rows[0]))
    connection.exec_driver_sql(
        statement,
        [tuple([row[name] if convert is None else convert(row[name]) for name, convert in converters]) for row in rows],
    )


@lru_cache(maxsize=256)
def _plan(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[tuple[str, Converter], ...]]:
    """Return the statement, and for each column its name and what converts its values for the driver."""
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(quote(table.c[name].name) for name in columns)
    marks = ", ".join([mark] * len(columns))
    statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    converters = tuple((name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in columns)
    return statement, converters
