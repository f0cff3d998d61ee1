"""Reading deals as of an instant, in the base currency: those that the session's actor may see.

Everything that forecasts say of opportunities is read here, from their history. Must not change anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import ColumnElement, select

from crmkit import CrmSession, moment_of
from crmkit_sales.forecasting.deals import Deal, Kind
from crmkit_sales.forecasting.models import BudgetRate
from crmkit_sales.forecasting.rates import Basis, Rates, Span
from crmkit_sales.pipelines.history import states_at
from crmkit_sales.pipelines.models import Opportunity

SLIP_LEAD = 30
"""Slips are told from the day that was expected so many days before the closing."""


@frozen(kw_only=True)
class Chosen:
    """Which deals are asked for: of one pipeline, owner or team, or all that may be seen."""

    pipeline_id: UUID | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None

    def takes(self, deal: Deal) -> bool:
        """Say whether a deal is among them."""
        return (
            self.pipeline_id in (None, deal.pipeline_id)
            and self.owner_id in (None, deal.owner_id)
            and self.team_id in (None, deal.team_id)
        )


ALL = Chosen()


def rates_of(session: CrmSession, basis: Basis = "close", as_of: date | datetime | None = None) -> Rates:
    """Return the rates of a basis as of an instant, or the end of a day; now unless said otherwise."""
    moment = moment_of(session, as_of)
    budget: dict[str, list[Span]] = defaultdict(list)
    if basis == "budget":
        for each in session.scalars(select(BudgetRate).order_by(BudgetRate.currency, BudgetRate.first.desc())):
            budget[each.currency].append(Span(first=each.first, last=each.last, rate=Fraction(each.rate)))
    return Rates(session=session, base=moment.base_currency, today=moment.today, basis=basis, budget=budget)


def deals_at(
    session: CrmSession,
    *,
    basis: Basis = "close",
    as_of: date | datetime | None = None,
    known_at: date | datetime | None = None,
    chosen: Chosen = ALL,
    rates: Rates | None = None,
) -> list[Deal]:
    """Return the deals as they stood at an instant, or at the end of a day: open ones and closed ones, in no order.

    Who does not see all opportunities sees those that are theirs now, since they are.
    """
    moment = moment_of(session, as_of, known_at)
    rates = rates or rates_of(session, basis, as_of)
    zone = ZoneInfo(moment.zone)
    states = states_at(moment.as_of, None if moment.present else moment.known_at)
    # A state that somebody else wrote over is no longer the last one, though it is the last that one sees.
    joined = select(states, Opportunity.opened_at, Opportunity.closed_at).join(
        Opportunity, Opportunity.id == states.c.opportunity_id, isouter=sees_all(session)
    )
    return [_deal(row, rates, zone) for row in session.execute(_chosen(joined, states, chosen))]


def sees_all(session: CrmSession) -> bool:
    """Say whether the actor sees all opportunities that there are."""
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope("sales.opportunity", "read") == "all")


def _chosen(statement: Any, states: Any, chosen: Chosen) -> Any:
    conditions: list[ColumnElement[bool]] = []
    if chosen.pipeline_id is not None:
        conditions.append(states.c.pipeline_id == chosen.pipeline_id)
    if chosen.owner_id is not None:
        conditions.append(states.c.owner_id == chosen.owner_id)
    if chosen.team_id is not None:
        conditions.append(states.c.team_id == chosen.team_id)
    return statement.where(*conditions)


def _deal(row: Any, rates: Rates, zone: ZoneInfo) -> Deal:
    kind: Kind = row.stage_kind
    closed_on = None
    if kind != "open":
        # What was changed after it was closed has a later state; the opportunity itself knows when it was closed.
        closed_at = row.closed_at if row.closed_at is not None and row.closed_at <= row.since else row.since
        closed_on = closed_at.astimezone(zone).date()
    opened_on = (row.opened_at or row.since).astimezone(zone).date()
    close_on = closed_on if kind == "won" else row.expected_close
    day = rates.day_of(opened_on, closed_on, close_on)
    return Deal(
        id=row.opportunity_id,
        kind=kind,
        category=row.category,
        probability=row.probability,
        value=rates.value(row.amount_minor, row.currency, day),
        amount_minor=row.amount_minor,
        currency=row.currency,
        close_on=close_on,
        opened_on=opened_on,
        closed_on=closed_on,
        stage=row.stage,
        stage_id=row.stage_id,
        pipeline_id=row.pipeline_id,
        customer_id=row.customer_id,
        owner_id=row.owner_id,
        team_id=row.team_id,
    )


def titles_of(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the titles of opportunities that the actor may see, by id."""
    found: dict[UUID, str] = {}
    for start in range(0, len(ids), 1000):
        query = select(Opportunity.id, Opportunity.title).where(Opportunity.id.in_(ids[start : start + 1000]))
        found.update((row.id, row.title) for row in session.execute(query))
    return found
