"""How many possible duplicates each customer has, as a fact. Must not use mapped classes in a select."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select, union

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_quality.duplicates.models import DEFERRED, OPEN, Pair

_ = texts("crmkit_quality")


def select_open(query: FactQuery) -> Select[Any]:
    """Return one row for each customer with pairs that wait for a decision. What was decided is no longer counted, on
    earlier days neither."""
    table: Any = Pair.__table__
    waiting = (table.c.state.in_((OPEN, DEFERRED)), table.c.first_id != table.c.second_id)
    both = union(
        select(table.c.first_id.label("customer_id"), table.c.second_id.label("other_id")).where(*waiting),
        select(table.c.second_id.label("customer_id"), table.c.first_id.label("other_id")).where(*waiting),
    ).subquery()
    return (
        select(both.c.customer_id, func.count().label("open_duplicates"))
        .where(query.within(both.c.customer_id))
        .group_by(both.c.customer_id)
    )


FACTS = [
    FactSet(
        name="quality",
        select=select_open,
        temporal=False,
        columns=[
            Fact(name="open_duplicates", type=int, default=0, doc=_("Possible duplicates that wait for a decision"))
        ],
    )
]
