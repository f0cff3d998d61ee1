"""The criterion as an element of SQL: it leaves its mark in the census of the statement that is compiled.

An element of its own, because the mark must survive what SQLAlchemy folds away (``and_(mark, false())`` is ``false``).
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from sqlalchemy import Boolean, ColumnElement, FromClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import roles
from sqlalchemy.sql.visitors import InternalTraversal


class Nothing(ColumnElement[bool]):
    """The condition that no row meets."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals: ClassVar[Any] = []


class Rare(ColumnElement[bool]):
    """A condition that few rows meet. SQLite is told, which knows by ANALYZE how many rows a value has on average only:
    by that it would walk a whole table in the order of a page for the few rows of a small team."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals: ClassVar[Any] = [("condition", InternalTraversal.dp_clauseelement)]

    def __init__(self, condition: ColumnElement[bool]) -> None:
        self.condition = condition

    @property
    def _from_objects(self) -> list[FromClause]:
        return cast(Any, self.condition)._from_objects

    def self_group(self, against: Any = None) -> Any:
        """Return the element itself: it is rendered in brackets."""
        return self


class Referred(ColumnElement[bool]):
    """The condition that a row names no record, or one that is let through, in two forms that mean the same: ``each``
    is asked of every row, ``whole`` holds its rows against all that are let through. PostgreSQL makes no join of a
    condition with an OR in it and takes it for costly, so that figures over many rows get the second form; a page is
    found sooner by the first."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals: ClassVar[Any] = [
        ("each", InternalTraversal.dp_clauseelement),
        ("whole", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, each: ColumnElement[bool], whole: ColumnElement[bool]) -> None:
        self.each = each
        self.whole = whole

    @property
    def _from_objects(self) -> list[FromClause]:
        return cast(Any, self.each)._from_objects

    def self_group(self, against: Any = None) -> Any:
        """Return the element itself: it is rendered in brackets."""
        return self


class Guarded(ColumnElement[bool]):
    """The condition under which a row of one occurrence of a table is let through; ``column`` is any of that
    occurrence's columns, ``condition`` None for every row."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals: ClassVar[Any] = [
        ("column", InternalTraversal.dp_clauseelement),
        ("condition", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], condition: ColumnElement[bool] | None) -> None:
        self.column = column
        self.condition = condition

    @property
    def _from_objects(self) -> list[FromClause]:
        return cast(Any, self.column)._from_objects

    def self_group(self, against: Any = None) -> Any:
        """Return the element itself: it is rendered in brackets."""
        return self


assert issubclass(Guarded, roles.WhereHavingRole)


@compiles(Nothing)
def _nothing(element: Nothing, compiler: Any, **options: Any) -> str:
    return "1 = 0"


@compiles(Rare)
def _rare(element: Rare, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.condition, **options)})"


@compiles(Rare, "sqlite")
def _rare_on_sqlite(element: Rare, compiler: Any, **options: Any) -> str:
    return f"likelihood({compiler.process(element.condition, **options)}, 0.0001)"


@compiles(Referred)
def _referred(element: Referred, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.each, **options)})"


@compiles(Referred, "postgresql")
def _referred_on_postgresql(element: Referred, compiler: Any, **options: Any) -> str:
    asks = compiler.stack[-1]["selectable"] if compiler.stack else None
    grouped = getattr(asks, "_group_by_clauses", ()) and getattr(asks, "_limit_clause", None) is None
    return f"({compiler.process(element.whole if grouped else element.each, **options)})"


@compiles(Guarded)
def _guarded(element: Guarded, compiler: Any, **options: Any) -> str:
    census = getattr(compiler, "census", None)
    if census is None:
        return "1 = 1" if element.condition is None else f"({compiler.process(element.condition, **options)})"
    census.mark(name_of(compiler, cast(Any, element.column).table))
    if element.condition is None:
        return "1 = 1"
    with census.trusting():
        return f"({compiler.process(element.condition, **options)})"


def name_of(compiler: Any, occurrence: Any) -> str:
    """Return the name by which the statement that is compiled calls an occurrence of a table."""
    name = occurrence.name
    if hasattr(name, "apply_map"):
        return str(compiler._truncated_identifier("alias", name))
    return str(name)
