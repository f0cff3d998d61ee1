"""From a text to an expression that can be evaluated, in both executions. The door of this room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from crmkit.engines.expressions.boundaries import by_boundaries
from crmkit.engines.expressions.checking import Checker
from crmkit.engines.expressions.closures import Run, closure, outer_form
from crmkit.engines.expressions.coercing import coerced
from crmkit.engines.expressions.mistakes import mistake
from crmkit.engines.expressions.parsing import check_size, parse
from crmkit.engines.expressions.plans import Constant, Plan
from crmkit.engines.expressions.simplifying import simplified
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.symbols import FactRef, Symbol, Vocabulary
from crmkit.engines.expressions.templates import MAX_STACK, stack_needed
from crmkit.engines.expressions.tree import Node
from crmkit.engines.expressions.types import BOOLEAN, Type
from crmkit.i18n import texts

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_ = texts("crmkit")


@frozen(kw_only=True, eq=False)
class Expression:
    """A checked expression. Compile it once and keep it; it holds no session and can be shared between threads.

    ``symbols`` are the names that it uses. Its value is null where that of a fact is missing and nothing is said about
    that; a condition is never null.
    """

    text: str
    tree: Node
    type: Type
    symbols: Mapping[FactRef, Symbol]
    plan: Plan = field(repr=False)
    conditions: Mapping[int, Plan] = field(repr=False)
    _run: Run = field(repr=False, alias="run")

    @property
    def uses(self) -> frozenset[FactRef]:
        """Return the names that it uses."""
        return frozenset(self.symbols)

    @property
    def facts(self) -> frozenset[FactRef]:
        """Return the facts that it uses."""
        return frozenset(ref for ref, symbol in self.symbols.items() if symbol.source == "fact")

    def evaluate(self, values: Mapping[Any, Any], at: Surroundings) -> Any:
        """Return its value for one customer: a Decimal, timedelta, aware datetime …, money in minor units.

        ``values`` has the facts by their references or texts; what is missing is null. Raises RateMissing where money
        cannot be converted.
        """
        return outer_form(self._run(values.get, at), self.type)

    def sql(self, columns: Mapping[FactRef, ColumnElement[Any]], at: Surroundings) -> ColumnElement[Any]:
        """Return its value in SQL; a condition is true or false, never null. For a WHERE take `where`.

        ``columns`` has a column for each name that it uses, of the type that `Type` says. Raises RateMissing.
        """
        from crmkit.engines.expressions.sql import SqlBuilder, outer_form as as_read

        return as_read(SqlBuilder(columns, at).value(self.plan), self.type.kind)

    def where(self, columns: Mapping[FactRef, ColumnElement[Any]], at: Surroundings) -> ColumnElement[bool]:
        """Return a condition in SQL for a WHERE, an ON or a CASE, where null counts as false: the form that indexes
        serve. Raises RateMissing."""
        from crmkit.engines.expressions.sql import SqlBuilder

        return SqlBuilder(columns, at).condition(self.plan)

    def words(self, language: str = "en") -> str:
        """Return what it says, in a language: facts by their titles."""
        from crmkit.engines.expressions.words import in_words

        return in_words(self.tree, self.symbols, language)

    def absent_is_false(self, defaults: Mapping[Any, Any] | Iterable[str]) -> bool:
        """Say whether a condition is false for every customer for whom some facts have their defaults, whatever the
        others are. ``defaults`` are these facts with their defaults, or names whose default is null."""
        known = defaults if isinstance(defaults, Mapping) else dict.fromkeys(defaults)
        left = simplified(self.plan, known)
        return isinstance(left, Constant) and not left.value


def compile_expression(text: str, vocabulary: Vocabulary, *, expect: Type | None = BOOLEAN) -> Expression:
    """Return the expression that a text is. ``expect`` is the type that it has to have, None for any.

    Raises ExpressionError, which names the column and what was probably meant.
    """
    return compile_tree(parse(text), vocabulary, text=text, expect=expect)


def compile_tree(
    tree: Node, vocabulary: Vocabulary, *, text: str | None = None, expect: Type | None = BOOLEAN
) -> Expression:
    """Return the expression that a tree is, such as a page's condition builder makes. Raises ExpressionError."""
    if text is None:
        from crmkit.engines.expressions.printing import printed

        text = printed(tree)
        check_size(tree, text)
    checker = Checker(text, vocabulary)
    plan = checker.condition(tree) if expect == BOOLEAN else checker.check(tree)
    if expect is not None and plan.type != expect:
        found = coerced(plan, expect)
        if found is None:
            raise mistake(
                text, tree.at, _("{wanted} is wanted, and this is {type}."), wanted=expect.title, type=plan.type.title
            )
        plan = found
    plan = by_boundaries(simplified(plan))
    if stack_needed(plan, _ANYWHERE) > MAX_STACK:
        raise mistake(text, 0, _("This is nested too deeply."), fix=_("Make it two: a segment, and what uses it."))
    return Expression(
        text=text,
        tree=tree,
        type=plan.type,
        symbols=checker.symbols,
        plan=plan,
        conditions=checker.conditions,
        run=closure(plan),
    )


_ANYWHERE = Surroundings(as_of=datetime(2000, 1, 1, tzinfo=UTC), zone="UTC")
