"""Facts about customers. The select is Core, so that who reads does not decide what is counted."""

from __future__ import annotations

from datetime import date
from typing import Any

from crmkit import Fact, FactQuery, FactSet, texts
from sqlalchemy import Select, case, func, or_, select

from crmkit_rentals.models import Item

_ = texts("crmkit_rentals")


def select_items(query: FactQuery) -> Select[Any]:
    """Return one row for each customer who has items: those that were open at an instant, and when the next is due."""
    table: Any = Item.__table__
    is_open = (table.c.created_at <= query.as_of) & or_(
        table.c.finished_at.is_(None), table.c.finished_at > query.as_of
    )
    return (
        select(
            table.c.customer_id,
            func.sum(case((is_open, 1), else_=0)).label("open"),
            func.min(case((is_open, table.c.due_on))).label("next_due"),
        )
        .where(table.c.created_at <= query.known_at, query.within(table.c.customer_id))
        .group_by(table.c.customer_id)
    )


FACTS = [
    FactSet(
        name="rentals",
        select=select_items,
        columns=(
            Fact(name="open", type=int, default=0, doc=_("Open items")),
            Fact(name="next_due", type=date | None, doc=_("Day on which the next item is due")),
        ),
    )
]
