"""What service levels know of each customer, as facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_service.cases.models import Case
from crmkit_service.sla.models import Clock

_ = texts("crmkit_service")


def select_due(query: FactQuery) -> Select[Any]:
    """Return a select of what of a customer's cases is due, and late, as it stands now."""
    cases: Any = Case.__table__
    is_open = cases.c.phase.in_(("open", "paused"))
    return (
        select(
            cases.c.customer_id,
            func.min(case((is_open, cases.c.due_at))).label("next_due"),
            func.sum(case((is_open & cases.c.breached, 1), else_=0)).label("breached"),
        )
        .where(query.within(cases.c.customer_id))
        .group_by(cases.c.customer_id)
    )


def select_missed(query: FactQuery) -> Select[Any]:
    """Return a select of how many promises were missed and kept for a customer, by when that was."""
    clocks: Any = Clock.__table__
    missed = clocks.c.breached_at <= query.as_of
    met = (clocks.c.state == "met") & (clocks.c.ended_at <= query.as_of)
    return (
        select(
            clocks.c.customer_id,
            func.sum(case((missed, 1), else_=0)).label("missed_targets"),
            func.sum(case((met, 1), else_=0)).label("met_targets"),
            func.max(case((missed, clocks.c.breached_at))).label("last_missed_at"),
        )
        .where(query.within(clocks.c.customer_id), clocks.c.party == "")
        .group_by(clocks.c.customer_id)
    )


FACTS = [
    FactSet(
        name="service",
        select=select_due,
        temporal=False,
        columns=[
            Fact(name="next_due", type=datetime | None, doc=_("When the next target of an open case is due")),
            Fact(name="breached", type=int, default=0, doc=_("Open cases of which a target was missed")),
        ],
    ),
    FactSet(
        name="service",
        select=select_missed,
        temporal=False,
        columns=[
            Fact(name="missed_targets", type=int, default=0, doc=_("Targets of service that were missed")),
            Fact(name="met_targets", type=int, default=0, doc=_("Targets of service that were met")),
            Fact(name="last_missed_at", type=datetime | None, doc=_("When a target of service was missed last")),
        ],
    ),
]
