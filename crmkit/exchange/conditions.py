"""Conditions in the one expression language for plugins: the customers for whom one holds, and rows for which one does.

Must not know who asks, nor what is done with the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmkit.core.customers.models import Customer
from crmkit.engines.expressions.compiling import compile_expression
from crmkit.engines.expressions.symbols import Symbol, Words
from crmkit.engines.expressions.types import type_of
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of

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
    symbols: list[Symbol] = []
    for name, of in fields.items():
        type_, nullable = type_of(of)
        symbols.append(Symbol(name=name, type=type_, nullable=nullable, title=name, source="argument"))
    expression = compile_expression(condition, Words.of(*symbols))
    at = moment_of(session).surroundings(session.get_bind().dialect.name)
    return lambda values: bool(expression.evaluate(values, at))
