"""Facts about customers. The select is Core, so that who reads does not decide what is counted."""

from __future__ import annotations

from datetime import date
from typing import Any

from crmkit import Fact, FactQuery, FactSet, texts
from sqlalchemy import Select, case, func, or_, select

from crmkit_warranty.models import Warranty

_ = texts("crmkit_warranty")


def select_warranties(query: FactQuery) -> Select[Any]:
    """Return one row for each customer who holds or held warranties, as they stood at an instant.

    A warranty counts from its first day to its last unless it was closed before. Claims are counted as they are now,
    as their number has no history of its own.
    """
    table: Any = Warranty.__table__
    running = (
        (table.c.starts_on <= query.day)
        & (table.c.expires_on >= query.day)
        & or_(table.c.closed_at.is_(None), table.c.closed_at > query.as_of)
    )
    return (
        select(
            table.c.customer_id,
            func.sum(case((running, 1), else_=0)).label("count"),
            func.min(case((running, table.c.expires_on))).label("next_expiry"),
            func.sum(table.c.claims).label("claims"),
        )
        .where(table.c.created_at <= query.known_at, query.within(table.c.customer_id))
        .group_by(table.c.customer_id)
    )


FACTS = [
    FactSet(
        name="warranty",
        select=select_warranties,
        columns=(
            Fact(name="count", type=int, default=0, doc=_("Warranties held")),
            Fact(name="next_expiry", type=date | None, doc=_("Day on which the next warranty ends")),
            Fact(name="claims", type=int, default=0, doc=_("Claims that were settled")),
        ),
        doc=_("Warranties that run on the day."),
    )
]
