"""The one expression language for plugins: the customers for whom a condition holds, rows for which one does, and what
an expression comes to for a row.

Must not know who asks, nor what is done with the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import field, frozen

from crmkit.core.customers.models import Customer
from crmkit.engines.expressions.compiling import Expression, compile_expression
from crmkit.engines.expressions.symbols import FactRef, Symbol, Words
from crmkit.engines.expressions.types import BOOLEAN, type_of
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable

if TYPE_CHECKING:
    from sqlalchemy import Select

    from crmkit.core.store.session import CrmSession

Values = Mapping[str, Any]


def customers_where(session: CrmSession, condition: str, *, among: Any = None) -> Select[tuple[UUID]]:
    """Return the select of the ids of customers for whom a condition over facts holds, for the session that asked: of
    those that its actor may see, without the deleted ones, as of now.

    ``among`` limits them to ids, in a list or a select of one column. Raises ExpressionError for a condition that
    cannot be used, UnknownFact for a fact that the actor may not read.
    """
    expression = catalogue_of(session).checked(condition)
    return joined(session, (), moment_of(session), where=expression, customers=among).select(Customer.id)


def row_condition(session: CrmSession, condition: str, fields: Mapping[str, Any]) -> Callable[[Values], bool]:
    """Return what says of the values of a row whether a condition holds.

    ``fields`` are the names that the condition may use, each with its Python type, such as ``str | None``. Raises
    ExpressionError for a condition that cannot be used.
    """
    expression = compile_expression(condition, Words.of(*_symbols(fields)))
    at = moment_of(session).surroundings(session.get_bind().dialect.name)
    return lambda values: bool(expression.evaluate(values, at))


@frozen(kw_only=True, eq=False)
class RowExpression:
    """What an expression comes to for a row. It holds no session: it can be kept and shared.

    ``facts`` are the facts about the row's customer that it uses as well; their values stand beside the row's own.
    """

    text: str
    facts: frozenset[FactRef]
    _expression: Expression = field(repr=False, alias="expression")

    def at(self, session: CrmSession) -> Callable[[Values], Any]:
        """Return the function from the values of a row to what it comes to, as of now: a bool, an int, a Decimal, a
        text …, or None."""
        (found,) = RowExpression.all_at(session, (self,))
        return found

    @staticmethod
    def all_at(session: CrmSession, expressions: Iterable[RowExpression]) -> list[Callable[[Values], Any]]:
        """Return such a function for each of several expressions, as of the same instant."""
        around = moment_of(session).surroundings(session.get_bind().dialect.name)

        def function(evaluate: Callable[[Values, Any], Any]) -> Callable[[Values], Any]:
            return lambda values: evaluate(values, around)

        return [function(each._expression.evaluate) for each in expressions]


def row_expression(
    session: CrmSession, text: str, fields: Mapping[str, Any], *, condition: bool = False, facts: bool = False
) -> RowExpression:
    """Return an expression over the values of a row, whose names and Python types are ``fields``; with ``facts`` over
    all facts about its customer, too, and with ``condition`` one that is true or false.

    Raises ExpressionError for one that cannot be used, UnknownFact for a fact that the actor may not read.
    """
    behind = catalogue_of(session) if facts else None
    words = Words.of(*_symbols(fields), behind=behind)
    expression = compile_expression(text, words, expect=BOOLEAN if condition else None)
    check_readable(session, tuple(expression.facts))
    return RowExpression(text=text, facts=expression.facts, expression=expression)


def _symbols(fields: Mapping[str, Any]) -> list[Symbol]:
    found: list[Symbol] = []
    for name, of in fields.items():
        type_, nullable = type_of(of)
        found.append(Symbol(name=name, type=type_, nullable=nullable, title=name, source="argument"))
    return found
