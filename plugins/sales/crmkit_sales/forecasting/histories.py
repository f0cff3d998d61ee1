"""The past of opportunities as a model may learn from it, and by how much closings slipped, read from the history.

Must not change anything, and not decide what is learnt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CrmSession, Interaction, Money
from crmkit_sales.forecasting.past import Past, Step
from crmkit_sales.forecasting.rates import Rates
from crmkit_sales.forecasting.reading import rates_of
from crmkit_sales.pipelines.models import Opportunity, OpportunityState
from crmkit_sales.pipelines.pipeline_models import Pipeline, PipelineVersion, Stage

CHUNK = 500
LEAD = timedelta(days=30)
"""By how much a closing slipped is told from the day that was expected so long before it."""
SLIPS = 2000
"""From so many of the last closings at most."""
NO_CONTACT = ("purchase", "refund")
"""Kinds of interactions in which nobody speaks with anybody."""


def pasts_of(session: CrmSession, ids: Sequence[UUID]) -> Iterator[Past]:
    """Yield the past of some opportunities, in the order of their ids; of one that is not seen there is none."""
    rates = rates_of(session, "deal")
    stages = _stages(session)
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        among = ordered[start : start + CHUNK]
        query = select(Opportunity.id, Opportunity.customer_id, Opportunity.opened_at, Opportunity.source)
        known = {row.id: row for row in session.execute(query.where(Opportunity.id.in_(among)))}
        contacts = _contacts(session, {row.customer_id for row in known.values()})
        states = (
            select(OpportunityState)
            .where(OpportunityState.opportunity_id.in_(among))
            .order_by(OpportunityState.opportunity_id, OpportunityState.since, OpportunityState.id)
        )
        for identity, rows in groupby(session.scalars(states), key=lambda each: each.opportunity_id):
            row = known.get(identity)
            if row is None:
                continue
            yield Past(
                opportunity_id=identity,
                opened_at=row.opened_at,
                source=row.source,
                steps=[_step(each, stages, rates, row.opened_at) for each in rows],
                contacts=contacts.get(row.customer_id, ()),
            )


def closed_ids(session: CrmSession) -> list[UUID]:
    """Return the ids of the opportunities that are won or lost."""
    return list(session.scalars(select(Opportunity.id).where(Opportunity.stage_kind != "open")))


def slips(session: CrmSession) -> list[int]:
    """Return by how many days the last won opportunities closed later than expected (earlier: below 0).

    What was expected is taken from 30 days before the closing, or from the beginning of one that took less time.
    """
    zone = ZoneInfo(session.crm.config.get(session).zone)
    won = (
        select(Opportunity.id, Opportunity.closed_at)
        .where(Opportunity.stage_kind == "won", Opportunity.closed_at.is_not(None))
        .order_by(Opportunity.closed_at.desc(), Opportunity.id)
        .limit(SLIPS)
    )
    closed = {row.id: row.closed_at for row in session.execute(won)}
    ids = list(closed)
    found: dict[UUID, int] = {}
    for start in range(0, len(ids), CHUNK):
        query = (
            select(OpportunityState.opportunity_id, OpportunityState.since, OpportunityState.expected_close)
            .where(
                OpportunityState.opportunity_id.in_(ids[start : start + CHUNK]),
                OpportunityState.stage_kind == "open",
                OpportunityState.expected_close.is_not(None),
            )
            .order_by(OpportunityState.opportunity_id, OpportunityState.since, OpportunityState.id)
        )
        for identity, rows in groupby(session.execute(query), key=lambda row: row.opportunity_id):
            expected = _expected(list(rows), closed[identity] - LEAD)
            found[identity] = (closed[identity].astimezone(zone).date() - expected).days
    return [found[identity] for identity in sorted(found)]


def _expected(rows: Sequence[Any], at: datetime) -> date:
    before = [row.expected_close for row in rows if row.since <= at]
    day: date = before[-1] if before else rows[0].expected_close
    return day


def _step(state: OpportunityState, stages: dict[UUID, tuple[str, float]], rates: Rates, opened_at: datetime) -> Step:
    name, typed = stages.get(state.stage_id, (state.stage, 0.0))
    minor = rates.value(state.amount_minor, state.currency, opened_at.date())
    value = float(Money(minor, rates.base).value) if minor and rates.base else None
    return Step(
        since=state.since,
        kind=state.stage_kind,
        stage=name,
        typed=typed,
        value=value,
        expected_close=state.expected_close,
    )


def _stages(session: CrmSession) -> dict[UUID, tuple[str, float]]:
    """Return, by stage, what it is called among all pipelines, and the probability that was typed for it."""
    query = (
        select(Stage.id, Stage.name, Stage.probability, Pipeline.name.label("pipeline"))
        .join(PipelineVersion, PipelineVersion.id == Stage.version_id)
        .join(Pipeline, Pipeline.id == PipelineVersion.pipeline_id)
    )
    return {row.id: (f"{row.pipeline}/{row.name}", row.probability / 100) for row in session.execute(query)}


def _contacts(session: CrmSession, customers: set[UUID]) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = defaultdict(list)
    query = (
        select(Interaction.customer_id, Interaction.occurred_at)
        .where(Interaction.customer_id.in_(customers), Interaction.kind.not_in(NO_CONTACT))
        .order_by(Interaction.occurred_at)
    )
    for customer_id, at in session.execute(query):
        if customer_id is not None:
            found[customer_id].append(at)
    return found
