"""The census: while a statement is compiled, its compiler writes down which tables it reads and which of them the
criterion was put on.

The compiler records and the connection judges: the census lies on the compiled statement, which is cached and may be
used by a session of system scope first and by a user's afterwards. Must not know sessions.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

from attrs import define, field

from crmkit.core.store.guard.elements import name_of
from crmkit.core.store.guard.personal import personal_columns
from crmkit.core.store.guard.tables import is_protected, occurrences


@define(eq=False, slots=False)
class Census:
    """What one compiled statement reads and writes.

    Each part of it that is a statement in itself (a subquery, a part of a union) is a scope of its own, in which every
    occurrence of a table has a name.
    """

    froms: dict[tuple[int, str], str] = field(factory=dict[tuple[int, str], str])
    """The occurrences of protected tables by scope and name."""
    marks: set[tuple[int, str]] = field(factory=set[tuple[int, str]])
    changes: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    """Pairs of verb (insert, update, delete) and protected table."""
    rendered: dict[str, int] = field(factory=dict[str, int])
    """How often a protected table was rendered as one."""
    raw: tuple[str, ...] = ()
    """Protected tables that come from text in the statement."""
    personal: frozenset[tuple[str, str]] = frozenset()
    """Pairs of table and column that hold personal data and that the statement itself names."""
    stack: list[int] = field(factory=lambda: [0])
    scopes: int = 0
    trust: int = 0

    def enter(self) -> None:
        """Begin a scope."""
        self.scopes += 1
        self.stack.append(self.scopes)

    def leave(self) -> None:
        """End a scope."""
        self.stack.pop()

    @contextmanager
    def trusting(self) -> Generator[None]:
        """Take what is read in the block for part of the criterion, which needs no mark itself."""
        self.trust += 1
        try:
            yield
        finally:
            self.trust -= 1

    def read(self, table: str, name: str) -> None:
        """Write down an occurrence of a table."""
        self.rendered[table] = self.rendered.get(table, 0) + 1
        if not self.trust:
            self.froms[self.stack[-1], name] = table

    def change(self, verb: str, table: str) -> None:
        """Write down that rows of a table are changed."""
        self.changes.append((verb, table))

    def mark(self, name: str) -> None:
        """Write down that an occurrence got the criterion."""
        self.marks.add((self.stack[-1], name))

    def close(self, statement: str) -> None:
        """Compare with the text that came out: what stands there more often was written as text."""
        found = occurrences(statement)
        self.raw = tuple(sorted(name for name, count in found.items() if count > self.rendered.get(name, 0)))

    @cached_property
    def unfiltered(self) -> frozenset[str]:
        """Return the protected tables that occur without the criterion."""
        return frozenset(table for place, table in self.froms.items() if place not in self.marks)

    @cached_property
    def inserted(self) -> frozenset[str]:
        """Return the protected tables that rows are inserted into."""
        return frozenset(table for verb, table in self.changes if verb == "insert")

    @cached_property
    def clean(self) -> bool:
        """Say whether every occurrence of a protected table got the criterion."""
        return not (self.unfiltered or self.raw or self.inserted)


class Recorder:
    """What the guarded compilers add to those of their dialects."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.census = Census()
        super().__init__(*args, **options)
        self.census.close(getattr(self, "string", None) or "")
        statement = getattr(self, "statement", None)
        if statement is not None:
            self.census.personal = personal_columns(statement)

    def _scoped(self, visit: Any, statement: Any, options: dict[str, Any]) -> str:
        self.census.enter()
        try:
            return str(visit(statement, **options))
        finally:
            self.census.leave()

    def visit_select(self, statement: Any, **options: Any) -> str:
        """Compile a select as a scope."""
        visit: Any = super()
        return self._scoped(visit.visit_select, statement, options)

    def visit_insert(self, statement: Any, **options: Any) -> str:
        """Compile an insert as a scope."""
        visit: Any = super()
        self._change("insert", statement.table)
        return self._scoped(visit.visit_insert, statement, options)

    def visit_update(self, statement: Any, **options: Any) -> str:
        """Compile an update as a scope."""
        visit: Any = super()
        self._change("update", statement.table)
        return self._scoped(visit.visit_update, statement, options)

    def visit_delete(self, statement: Any, **options: Any) -> str:
        """Compile a delete as a scope."""
        visit: Any = super()
        self._change("delete", statement.table)
        return self._scoped(visit.visit_delete, statement, options)

    def _change(self, verb: str, table: Any) -> None:
        name = str(getattr(table, "name", ""))
        if is_protected(name):
            self.census.change(verb, name)
            if verb == "insert":
                # An update's and a delete's table is rendered as an occurrence, an insert's is not.
                self.census.rendered[name] = self.census.rendered.get(name, 0) + 1

    def visit_table(self, table: Any, asfrom: bool = False, **options: Any) -> str:
        """Compile a table, and write down where it is read from."""
        visit: Any = super()
        rendered = str(visit.visit_table(table, asfrom=asfrom, **options))
        if rendered and is_protected(str(table.name)):
            alias = options.get("enclosing_alias")
            named = alias if alias is not None and alias.element is table else table
            self.census.read(str(table.name), name_of(self, named))
        return rendered


@lru_cache(maxsize=32)
def recording(compiler: type[Any]) -> type[Any]:
    """Return a dialect's compiler of statements with the census added."""
    return type(f"Recording{compiler.__name__}", (Recorder, compiler), {})
