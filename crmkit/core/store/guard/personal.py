"""Which columns hold personal data, and which of them a statement names.

An entity that is selected as a whole names none: its values are masked as they are loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column

from crmkit.core.store.guard.computed import Computed


def is_personal(column: Any) -> bool:
    """Say whether a column of a table holds personal data."""
    info = column.info.get("crmkit")
    return info is not None and info.classified == "personal"


def columns_in(expression: Any) -> list[Any]:
    """Return the columns of tables that an expression, or a statement, names; what is computed over every row is not
    looked into."""
    return [found for each in _elements(expression) if isinstance(each, Column) for found in each.base_columns]


def _elements(expression: Any) -> Iterator[Any]:
    waiting = [expression]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Computed) or isinstance(getattr(each, "table", None), Computed):
            continue
        yield each
        waiting.extend(each.get_children())


def personal_columns(statement: Any) -> frozenset[tuple[str, str]]:
    """Return pairs of table and column that hold personal data and that a statement names."""
    return frozenset(
        (str(column.table.name), str(column.name))
        for column in columns_in(statement)
        if getattr(column, "table", None) is not None and is_personal(column)
    )
