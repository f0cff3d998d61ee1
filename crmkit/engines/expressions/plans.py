"""What a checked expression is made of: constants, values of names, and operators on them.

Must not know texts, trees, or which operators there are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeAlias

from attrs import frozen

from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.expressions.types import Type

Template: TypeAlias = str | Callable[[Surroundings], str]


@frozen(kw_only=True)
class Operator:
    """One operation on values.

    ``compute`` gets values that are not null, after ``at`` when ``placed``. ``total`` says that the answer is a
    condition that is false where an argument is null; the others answer null. ``empties`` says that an answer can be
    null though no argument is.
    """

    name: str
    compute: Callable[..., Any]
    sqlite: Template
    postgresql: Template
    placed: bool = False
    total: bool = False
    empties: bool = False

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Return how often a template names each argument at most; of one that is made for a place, many times."""
        if self.placed:
            return (1000,)
        forms = [form for form in (self.sqlite, self.postgresql) if isinstance(form, str)]
        found: list[int] = []
        while count := max(form.count(f"{{{len(found)}}}") for form in forms):
            found.append(count)
        return tuple(found)

    @cached_property
    def size(self) -> int:
        """Return about how long a template is, in pieces of 25 characters."""
        return 100 if self.placed else max(len(str(self.sqlite)), len(str(self.postgresql))) // 25 + 1

    def template(self, at: Surroundings, dialect: str) -> str:
        """Return the SQL of a dialect."""
        chosen = self.postgresql if dialect == "postgresql" else self.sqlite
        return chosen if isinstance(chosen, str) else chosen(at)


@frozen(eq=False)
class Constant:
    """A value in its computed form."""

    value: Any
    type: Type

    @property
    def nullable(self) -> bool:
        """Say whether it is null."""
        return self.value is None


@frozen(eq=False)
class Given:
    """A value that the surroundings give, the same for every customer."""

    get: Callable[[Surroundings], Any]
    type: Type
    nullable: bool = False


@frozen(eq=False)
class Read:
    """The value of a name, for a customer."""

    ref: FactRef
    type: Type
    nullable: bool


@frozen(eq=False)
class Apply:
    """An operator on values."""

    operator: Operator
    arguments: tuple[Plan, ...]
    type: Type
    nullable: bool

    @cached_property
    def repeats(self) -> bool:
        """Say whether long arguments would be written repeatedly: then a subquery names them."""
        counted = zip(self.operator.counts, self.arguments, strict=True)
        return sum((count - 1) * size_of(one) for count, one in counted if size_of(one) > 1) > _REPEATS

    @cached_property
    def size(self) -> int:
        """Return about how long its SQL is, in pieces of 25 characters."""
        sizes = [size_of(argument) for argument in self.arguments]
        counts = (1,) * len(sizes) if self.repeats else self.operator.counts
        return self.operator.size + sum(count * size for count, size in zip(counts, sizes, strict=True))


@frozen(eq=False)
class Special:
    """What looks at nulls itself: and, or, not, if, coalesce, has, differs, one_of, truth."""

    name: str
    arguments: tuple[Plan, ...]
    type: Type
    nullable: bool = False

    @cached_property
    def size(self) -> int:
        """Return about how long its SQL is, in pieces of 25 characters."""
        return 1 + sum(size_of(argument) for argument in self.arguments)


Plan: TypeAlias = Constant | Given | Read | Apply | Special

_REPEATS = 40
"""How much of long arguments may be written repeatedly, in pieces of 25 characters."""


def size_of(plan: Plan) -> int:
    """Return about how long the SQL of a plan is, in pieces of 25 characters."""
    return plan.size if isinstance(plan, (Apply, Special)) else 1
