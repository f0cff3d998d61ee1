"""Whether a customer was held out of a programme by chance, as a fact: rules and segments can leave them out.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Select, and_, case, func, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_loyalty.programs.models import Draw

_ = texts("crmkit_loyalty")

DRAWS = cast(Any, Draw).__table__


def select_draws(query: FactQuery) -> Select[Any]:
    """Return whether each customer who has drawn was held out of any programme."""
    # After a merge there are several: the first one counts, as it does where effects are told.
    place = func.row_number().over(
        partition_by=(DRAWS.c.customer_id, DRAWS.c.program_id), order_by=(DRAWS.c.recorded_at, DRAWS.c.id)
    )
    first: Any = (
        select(DRAWS.c.customer_id, DRAWS.c.held_out, place.label("place"))
        .where(
            and_(DRAWS.c.at <= query.as_of, DRAWS.c.recorded_at <= query.known_at),
            query.within(DRAWS.c.customer_id),
        )
        .subquery()
    )
    held = func.max(case((first.c.held_out.is_(True), 1), else_=0)).label("held_out")
    found: Any = select(first.c.customer_id, held).where(first.c.place == 1).group_by(first.c.customer_id)
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="loyalty",
        doc=_("Whether the customer is held out"),
        select=select_draws,
        columns=[
            Fact(name="held_out", type=int, default=0, doc=_("1 where the customer was held out of a programme by lot"))
        ],
    )
]
