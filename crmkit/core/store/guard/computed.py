"""Subqueries that the framework computes over every row, to be read beside records that the reader may see.

A fact about a customer must not depend on who looks: it is computed over all rows, and joined with customers that the
criterion was put on. Private to the framework; whoever uses it answers for what of the columns the reader is shown.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery
from sqlalchemy.ext.compiler import compiles

from crmkit.errors import GuardRefused
from crmkit.i18n import texts

_ = texts("crmkit")


class Computed(Subquery):
    """A subquery whose tables need no criterion."""

    inherit_cache = True


def computed(statement: Select[Any], name: str) -> Computed:
    """Return a Core select as a subquery that is computed over every row, whoever reads.

    Raises GuardRefused for one that selects models: they would be filtered by what the reader may see.
    """
    if any(description.get("entity") is not None for description in statement.column_descriptions):
        raise GuardRefused(
            _("{name}: what is computed over every row selects tables, not models."),
            fix=_("Write it with Model.__table__."),
            name=name,
        )
    make: Any = Computed
    made: Computed = make._construct(statement, name=name)
    return made


@compiles(Computed)
def _computed(element: Computed, compiler: Any, **options: Any) -> str:
    census = getattr(compiler, "census", None)
    if census is None:
        return str(compiler.visit_subquery(element, **options))
    with census.trusting():
        return str(compiler.visit_subquery(element, **options))
