"""The execution in SQL: a plan becomes an element of SQLAlchemy that renders the operators' templates.

Conditions are built in two forms: one for WHERE, where null counts as false, and one whose value is never null. Must
not know texts or trees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

import sqlalchemy as sa
from attrs import define
from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal

from crmkit.core.store.types import Instant, ScaledDecimal, json_type
from crmkit.engines.expressions.closures import computed_form
from crmkit.engines.expressions.plans import Apply, Constant, Given, Plan, Read, Special
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.expressions.templates import CONDITIONS, templates
from crmkit.engines.expressions.types import MAX_INTEGER, MIN_INTEGER, PLACES

_RAW: dict[str, Any] = {
    "boolean": sa.Boolean(),
    "integer": sa.BigInteger(),
    "decimal": sa.BigInteger(),
    "number": sa.Double(),
    "text": sa.String(),
    "date": sa.Date(),
    "instant": Instant(),
    "duration": sa.BigInteger(),
    "money": sa.BigInteger(),
    "list": json_type(),
    "null": sa.types.NullType(),
}


class Form(ColumnElement[Any]):
    """A template of SQL, one for each dialect, with its arguments."""

    __visit_name__ = "crmkit_form"
    _traverse_internals = [  # noqa: RUF012 (SQLAlchemy wants a list)
        ("clauses", InternalTraversal.dp_clauseelement_list),
        ("sqlite", InternalTraversal.dp_string),
        ("postgresql", InternalTraversal.dp_string),
        ("type", InternalTraversal.dp_type),
    ]
    inherit_cache = True

    def __init__(self, sqlite: str, postgresql: str, clauses: Sequence[ColumnElement[Any]], type_: Any) -> None:
        self.sqlite = sqlite
        self.postgresql = postgresql
        self.clauses = list(clauses)
        self.type = type_

    def self_group(self, against: Any = None) -> Form:
        """Return itself: a template stands in brackets where it needs them."""
        return self

    @property
    def _from_objects(self) -> list[Any]:
        return list(chain.from_iterable(clause._from_objects for clause in self.clauses))


@compiles(Form)
def _render(element: Form, compiler: Any, **options: Any) -> str:
    options.pop("within_columns_clause", None)
    parts = [str(compiler.process(clause, **options)) for clause in element.clauses]
    template = element.postgresql if compiler.dialect.name == "postgresql" else element.sqlite
    if compiler.preparer._double_percents:
        template = template.replace("%", "%%")
    return template.format(*parts)


def outer_form(built: ColumnElement[Any], kind: str) -> ColumnElement[Any]:
    """Return a computed value as one that is read in the form that callers get."""
    return Form("{0}", "{0}", [built], ScaledDecimal(PLACES) if kind == "decimal" else _RAW[kind])


@define
class SqlBuilder:
    """Builds the SQL of a plan from columns, for surroundings."""

    columns: Mapping[FactRef, ColumnElement[Any]]
    at: Surroundings

    def value(self, plan: Plan) -> ColumnElement[Any]:
        """Return the SQL of a value; that of a condition is never null, unless it is one that can be."""
        built = self.condition(plan)
        total = isinstance(plan, (Constant, Read)) or (isinstance(plan, Special) and plan.name in _TOTAL)
        if plan.type.kind != "boolean" or plan.nullable or total:
            return built
        return Form("({0} IS TRUE)", "({0} IS TRUE)", [built], sa.Boolean())

    def condition(self, plan: Plan) -> ColumnElement[Any]:
        """Return the SQL of a condition for a place where null counts as false, or of any other value."""
        if isinstance(plan, Constant):
            return self._literal(plan.value, plan.type.kind)
        if isinstance(plan, Given):
            return self._literal(plan.get(self.at), plan.type.kind)
        if isinstance(plan, Read):
            return self._read(plan)
        return self._form(plan)

    def _form(self, plan: Apply | Special) -> ColumnElement[Any]:
        sqlite, postgresql = templates(plan, self.at)
        conditions = CONDITIONS.get(plan.name, 0) if isinstance(plan, Special) else 0
        parts = [
            self.condition(argument) if number < conditions else self.value(argument)
            for number, argument in enumerate(plan.arguments)
        ]
        return Form(sqlite, postgresql, parts, _RAW[plan.type.kind])

    def _read(self, plan: Read) -> ColumnElement[Any]:
        column = self.columns[plan.ref]
        if isinstance(column, sa.BindParameter):  # the field of an event: a value and no column
            return self._literal(computed_form(column.value, plan.type.kind), plan.type.kind)
        return sa.type_coerce(column, _RAW[plan.type.kind])

    def _literal(self, value: Any, kind: str) -> ColumnElement[Any]:
        sqlite = self.at.dialect == "sqlite"
        if value is None:
            return sa.null() if sqlite else sa.cast(sa.null(), _RAW[kind])
        if kind == "decimal" and not MIN_INTEGER <= value <= MAX_INTEGER:  # only to be compared
            return sa.literal(float(value), sa.Double()) if sqlite else sa.literal(Decimal(value), sa.Numeric())
        return sa.literal(value, _RAW[kind])


_TOTAL = ("not", "has", "differs", "truth")
