"""What sales knows of each customer, as facts. Must not use mapped classes in a select: facts are not the reader's."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, not_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_sales.models import Opportunity
from crmkit_sales.stages import LOST, WON

_ = texts("crmkit_sales")


def select_opportunities(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer that had an opportunity by ``as_of``, as known at ``known_at``.

    An opportunity counts as open from when it was opened until it was closed. One that was opened again counts as open
    throughout, as its row tells no more of the time between.
    """
    table: Any = Opportunity.__table__
    closed = and_(table.c.closed_at.is_not(None), table.c.closed_at <= query.as_of, table.c.closed_at <= query.known_at)
    return (
        select(
            table.c.customer_id,
            func.count(case((not_(closed), 1))).label("open_count"),
            func.count(case((and_(closed, table.c.stage == WON), 1))).label("won_count"),
            func.count(case((and_(closed, table.c.stage == LOST), 1))).label("lost_count"),
            func.min(case((not_(closed), table.c.expected_close))).label("next_close"),
        )
        .where(table.c.opened_at <= query.as_of, table.c.created_at <= query.known_at)
        .where(query.within(table.c.customer_id))
        .group_by(table.c.customer_id)
    )


FACTS = [
    FactSet(
        name="sales",
        select=select_opportunities,
        doc=_("Opportunities of the customer"),
        columns=[
            Fact(name="open_count", type=int, default=0, doc=_("Open opportunities")),
            Fact(name="won_count", type=int, default=0, doc=_("Opportunities won")),
            Fact(name="lost_count", type=int, default=0, doc=_("Opportunities lost")),
            Fact(name="next_close", type=date | None, doc=_("First day on which an open one is expected to close")),
        ],
    )
]
