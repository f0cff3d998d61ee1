"""Facts about customers. The select is Core, so that who reads does not decide what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from crmkit import Fact, FactSet, texts
from sqlalchemy import Select, case, func, or_, select

from crmkit_warranty.models import Warranty

_ = texts("crmkit_warranty")


def select_warranties(as_of: datetime, known_at: datetime, customers: Sequence[UUID] | None = None) -> Select[Any]:
    """Return one row for each customer who holds or held warranties, as they stood at an instant.

    A warranty counts from its first day to its last unless it was closed before. Claims are counted as they are now,
    as their number has no history of its own.
    """
    table: Any = Warranty.__table__
    day = as_of.astimezone(UTC).date()
    running = (
        (table.c.starts_on <= day)
        & (table.c.expires_on >= day)
        & or_(table.c.closed_at.is_(None), table.c.closed_at > as_of)
    )
    query = (
        select(
            table.c.customer_id,
            func.sum(case((running, 1), else_=0)).label("count"),
            func.min(case((running, table.c.expires_on))).label("next_expiry"),
            func.sum(table.c.claims).label("claims"),
        )
        .where(table.c.created_at <= known_at)
        .group_by(table.c.customer_id)
    )
    return query if customers is None else query.where(table.c.customer_id.in_(customers))


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
