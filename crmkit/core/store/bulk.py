"""Inserting many rows of one table at the driver's speed, with values converted exactly as SQLAlchemy converts them.

SQLAlchemy builds a dictionary of parameters for each row of an ``executemany``; for a hundred thousand rows that costs
more than writing them. Must not know which tables there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table

from crmkit.core.store.guard.regions import region

Converter = Callable[[Any], Any]


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    within: str | None = None,
    beside: tuple[Any, ...] = (),
) -> None:
    """Insert rows that all have the columns of the first one. Defaults that Python would fill in are not applied.

    Nothing is checked: who writes on behalf of an actor calls `crmkit.core.store.guard.writing.check_new` afterwards.
    ``within`` is a statement around the insertion, which stands in the place of ``{insert}`` in it; ``beside`` are the
    values that it needs after those of each row, as the driver takes them.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    statement, converters = _plan(connection.dialect, table, columns)
    if within is not None:
        statement = within.replace("{insert}", statement)
    made = [[row[name] for name in columns] for row in rows]
    for place, convert in converters:
        for values in made:
            values[place] = convert(values[place])
    given = [(*values, *beside) for values in made]
    with region(connection, "a set-based writer"):
        # Drivers prepare a good deal for many rows that one row has no use for.
        connection.exec_driver_sql(statement, given if len(given) > 1 else given[0])


@lru_cache(maxsize=256)
def _plan(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[tuple[int, Converter], ...]]:
    """Return the statement, and of each column whose values have to be converted for the driver the place and how."""
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(quote(table.c[name].name) for name in columns)
    marks = ", ".join([mark] * len(columns))
    statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    converters = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    return statement, tuple((place, each) for place, each in enumerate(converters) if each is not None)
