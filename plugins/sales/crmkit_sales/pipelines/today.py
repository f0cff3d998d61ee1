"""What sales puts on the first page: open opportunities that should close soon, that nobody has planned anything for,
and that rot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from crmkit import CardLine, CrmSession, DashboardCard, texts
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.planning import unplanned
from crmkit_sales.pipelines.rotting import days_rotting
from crmkit_sales.pipelines.stages import OPEN_KIND

_ = texts("crmkit_sales")

SOON = timedelta(days=14)
MOST = 6
LOOKED_AT = 500
"""Opportunities, of those longest in their stage, among which rotting ones are looked for."""


def closing_soon(session: CrmSession) -> Sequence[CardLine]:
    """Return the open opportunities expected to close within two weeks, those that are late first."""
    today = session.today()
    statement = (
        select(Opportunity)
        .where(Opportunity.stage_kind == OPEN_KIND, Opportunity.expected_close <= today + SOON)
        .order_by(Opportunity.expected_close, Opportunity.id)
        .limit(MOST)
    )
    return [
        CardLine(
            title=each.title,
            hint=_("late") if each.expected_close is not None and each.expected_close < today else "",
            at=each.expected_close,
            figure=each.amount,
            path=path_of(each),
            icon="target",
            tone="warn" if each.expected_close is not None and each.expected_close < today else "",
        )
        for each in session.scalars(statement)
    ]


def without_step(session: CrmSession) -> Sequence[CardLine]:
    """Return the open opportunities without a next step, and those whose next step is late."""
    return [
        CardLine(
            title=each.title,
            hint=each.next_step or _("No next step"),
            at=each.next_step_on,
            figure=each.amount,
            path=path_of(each),
            icon="target",
            tone="warn" if each.next_step_on is not None else "",
        )
        for each in unplanned(session, limit=MOST)
    ]


def rotting(session: CrmSession) -> Sequence[CardLine]:
    """Return the open opportunities that rot, those for which nothing has happened longest first."""
    query = (
        select(Opportunity)
        .where(Opportunity.stage_kind == OPEN_KIND)
        .order_by(Opportunity.stage_since, Opportunity.id)
        .limit(LOOKED_AT)
    )
    found = session.scalars(query).all()
    days = days_rotting(session, found)
    ordered = sorted((each for each in found if each.id in days), key=lambda each: (-days[each.id], each.id))
    return [
        CardLine(
            title=each.title,
            hint=_("Nothing for {days} days"),
            values={"days": days[each.id]},
            figure=each.amount,
            path=path_of(each),
            icon="hourglass",
            tone="bad",
        )
        for each in ordered[:MOST]
    ]


def path_of(opportunity: Opportunity) -> str:
    """Return the path of an opportunity's page."""
    return f"/records/sales.opportunity/{opportunity.id}"


CARDS = [
    DashboardCard(
        name="sales.closing",
        title=_("Opportunities that close soon"),
        rows=closing_soon,
        permission="sales.opportunity.read",
        path="/records/sales.opportunity",
        icon="target",
    ),
    DashboardCard(
        name="sales.unplanned",
        title=_("Opportunities without a next step"),
        rows=without_step,
        permission="sales.opportunity.update",
        path="/records/sales.opportunity",
        icon="target",
    ),
    DashboardCard(
        name="sales.rotting",
        title=_("Opportunities that rot"),
        rows=rotting,
        permission="sales.opportunity.update",
        path="/records/sales.opportunity",
        icon="hourglass",
    ),
]
