"""Which tier customers have, as facts, as of any day; of several programmes the highest level counts.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, func, select

from crmkit import Dimension, Fact, FactQuery, FactSet, texts
from crmkit.hooks.contributions import ByValue
from crmkit_loyalty.tiers.models import TierChange

_ = texts("crmkit_loyalty")

CHANGES = cast(Any, TierChange).__table__


def select_tiers(query: FactQuery) -> Select[Any]:
    """Return the tier of each customer, and since when."""
    column = CHANGES.c
    latest = func.row_number().over(partition_by=column.member_id, order_by=(column.at.desc(), column.id.desc()))
    ranked = (
        select(column.customer_id, column.after, column.level_after, column.at, latest.label("place"))
        .where(column.at <= query.as_of, column.recorded_at <= query.known_at, query.within(column.customer_id))
        .subquery("loyalty_tiers_ranked")
    )
    best = func.row_number().over(
        partition_by=ranked.c.customer_id, order_by=(ranked.c.level_after.desc(), ranked.c.at.desc())
    )
    highest = (
        select(ranked.c.customer_id, ranked.c.after, ranked.c.level_after, ranked.c.at, best.label("best"))
        .where(ranked.c.place == 1)
        .subquery("loyalty_tiers_best")
    )
    found: Any = select(
        highest.c.customer_id,
        highest.c.after.label("tier"),
        highest.c.level_after.label("tier_level"),
        highest.c.at.label("tier_at"),
    ).where(highest.c.best == 1)
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="loyalty",
        doc=_("Which tier the customer has"),
        select=select_tiers,
        columns=[
            Fact(name="tier", type=str | None, doc=_("The tier, by its name")),
            Fact(name="tier_level", type=int | None, doc=_("The level of the tier, 0 being the lowest")),
            Fact(name="tier_at", type=datetime | None, doc=_("When the tier was given or kept last")),
        ],
    )
]
DIMENSIONS = [
    Dimension(
        name="loyalty.tier",
        title=_("Loyalty tier"),
        decider=ByValue(value="loyalty.tier"),
        among="loyalty.programs > 0",
        doc=_("The tier that members of loyalty programmes have."),
    )
]
