"""What journeys know of each customer, as facts: passages, goals, and where the customer is on the way.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, not_, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_journey.passages.models import Passage

_ = texts("crmkit_journey")

_TABLE = cast(Any, Passage).__table__


def select_passages(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer who came into a flow by ``as_of``, without those held out."""
    table = _TABLE
    over = and_(table.c.status == "ended", table.c.since <= query.as_of)
    reached = and_(table.c.goal_at.is_not(None), table.c.goal_at <= query.as_of)
    return (
        select(
            table.c.customer_id,
            func.count().label("passages"),
            func.count(case((not_(over), 1))).label("under_way"),
            func.max(table.c.began_at).label("last_began_at"),
            func.count(case((reached, 1))).label("goals"),
            func.max(case((reached, table.c.goal_at))).label("last_goal_at"),
        )
        .where(table.c.held_out.is_(False))
        .where(table.c.began_at <= query.as_of, table.c.created_at <= query.known_at)
        .where(query.within(table.c.customer_id))
        .group_by(table.c.customer_id)
    )


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers whose passages have changed since."""
    changed = or_(_TABLE.c.updated_at > since.known_at, _TABLE.c.began_at >= since.as_of)
    return select(_TABLE.c.customer_id).where(changed)


FACTS = [
    FactSet(
        name="journey",
        title=_("Journeys"),
        doc=_("Flows that the customer passes through"),
        select=select_passages,
        touched=touched,
        columns=[
            Fact(name="passages", type=int, default=0, title=_("Passages"), doc=_("How often the customer came in")),
            Fact(name="under_way", type=int, default=0, title=_("On the way"), doc=_("Passages that are not over")),
            Fact(name="last_began_at", type=datetime | None, doc=_("When the customer came in last")),
            Fact(name="goals", type=int, default=0, title=_("Goals"), doc=_("Goals that the customer reached")),
            Fact(name="last_goal_at", type=datetime | None, doc=_("When the customer reached a goal last")),
        ],
    )
]
