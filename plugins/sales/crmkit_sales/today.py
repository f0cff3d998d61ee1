"""What sales puts on the first page: the open opportunities that should close soon, or should have closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from crmkit import CardLine, CrmSession, DashboardCard, texts
from crmkit_sales.models import Opportunity
from crmkit_sales.stages import OPEN

_ = texts("crmkit_sales")

SOON = timedelta(days=14)
MOST = 6


def closing_soon(session: CrmSession) -> Sequence[CardLine]:
    """Return the open opportunities expected to close within two weeks, those that are late first."""
    today = session.today()
    statement = (
        select(Opportunity)
        .where(Opportunity.stage.in_(list(OPEN)), Opportunity.expected_close <= today + SOON)
        .order_by(Opportunity.expected_close, Opportunity.id)
        .limit(MOST)
    )
    return [
        CardLine(
            title=each.title,
            hint=_("late") if each.expected_close is not None and each.expected_close < today else "",
            at=each.expected_close,
            figure=each.amount,
            path=f"/records/sales.opportunity/{each.id}",
            icon="target",
            tone="warn" if each.expected_close is not None and each.expected_close < today else "",
        )
        for each in session.scalars(statement)
    ]


CARDS = [
    DashboardCard(
        name="sales.closing",
        title=_("Opportunities that close soon"),
        rows=closing_soon,
        permission="sales.opportunity.read",
        path="/records/sales.opportunity",
        icon="target",
    )
]
