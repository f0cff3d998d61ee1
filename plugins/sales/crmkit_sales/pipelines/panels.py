"""What the page of an opportunity says beside its fields: what is missing for the next stage, what makes it rot, and
how it came to where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import CardLine, CrmSession, Money, RecordPanel, texts
from crmkit_sales.pipelines.guards import ahead
from crmkit_sales.pipelines.models import Opportunity, OpportunityState
from crmkit_sales.pipelines.pipeline_models import Stage
from crmkit_sales.pipelines.rotting import days_rotting
from crmkit_sales.pipelines.stages import CAUSES

_ = texts("crmkit_sales")

SHOWN = 12
"""States of the past that are shown."""


def panels(session: CrmSession, opportunity: Opportunity) -> Sequence[RecordPanel]:
    """Return what stands beside the fields of an opportunity."""
    return [*_ahead(session, opportunity), _past(session, opportunity)]


def _ahead(session: CrmSession, opportunity: Opportunity) -> list[RecordPanel]:
    stage, problems = ahead(session, opportunity)
    if stage is None:
        return []
    lines = [
        CardLine(title=each.message, values={"field": each.field, **each.values}, icon="x", tone="warn")
        for each in problems
    ]
    if opportunity.next_step is None and opportunity.next_step_on is None:
        lines.append(CardLine(title=_("No next step"), icon="calendar", tone="warn"))
    elif opportunity.next_step_on is not None and opportunity.next_step_on < session.today():
        late = _("The next step is late.")
        lines.append(CardLine(title=late, at=opportunity.next_step_on, icon="calendar", tone="warn"))
    rotten = _("Nothing for {days} days")
    lines.extend(
        CardLine(title=rotten, values={"days": days}, icon="hourglass", tone="bad")
        for days in days_rotting(session, [opportunity]).values()
    )
    ready = _("Nothing is missing.")
    title = _("Missing for the next stage: {stage}")
    return [RecordPanel(title=title, values={"stage": stage.title}, lines=lines, empty=ready, icon="list-check")]


def _past(session: CrmSession, opportunity: Opportunity) -> RecordPanel:
    query = (
        select(OpportunityState)
        .where(OpportunityState.opportunity_id == opportunity.id)
        .order_by(OpportunityState.since.desc(), OpportunityState.id.desc())
        .limit(SHOWN)
    )
    states = session.scalars(query).all()
    titles = _titles(session, {each.stage_id for each in states})
    lines = [
        CardLine(
            title=CAUSES[each.cause],
            hint=titles.get(each.stage_id, each.stage),
            at=each.since,
            figure=Money(each.amount_minor, each.currency) if each.amount_minor is not None and each.currency else None,
            icon="history",
        )
        for each in states
    ]
    return RecordPanel(title=_("How it came here"), lines=lines, icon="history")


def _titles(session: CrmSession, ids: set[UUID]) -> Mapping[UUID, str]:
    query = select(Stage.id, Stage.title).where(Stage.id.in_(ids))
    return {each.id: each.title for each in session.execute(query)}
