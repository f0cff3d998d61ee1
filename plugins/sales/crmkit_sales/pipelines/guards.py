"""Whether an opportunity may go to a stage: each criterion that is not met is named.

Going forward, and winning, asks for what the stage that it leaves and the one that it enters ask for; going back asks
for nothing, and losing only for what the lost stage itself asks for. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from crmkit_work.api import approvals_needed, require_approval
from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from crmkit import CrmkitError, CrmSession, Interaction, Problem, Refused, customers_where, texts
from crmkit_sales.pipelines.choosing import stage_of, way_of
from crmkit_sales.pipelines.criteria import (
    ANY,
    FIELDS,
    Activity,
    Approved,
    Criterion,
    FieldFilled,
    Holds,
    MinDays,
    parse_criteria,
)
from crmkit_sales.pipelines.errors import StageRefused
from crmkit_sales.pipelines.models import Opportunity, OpportunityLine
from crmkit_sales.pipelines.pipeline_models import Stage
from crmkit_sales.pipelines.stages import LOST, OPEN_KIND

_ = texts("crmkit_sales")

DAY = timedelta(days=1)
MOVE, WIN = "sales.opportunity.move", "sales.opportunity.win"


def require_ready(
    session: CrmSession, opportunity: Opportunity, stage: Stage, operation: str, values: Mapping[str, Any]
) -> None:
    """Refuse to bring an opportunity to a stage by an operation with some values. Raises StageRefused."""
    found = unmet(session, opportunity, stage, operation, values)
    if found:
        raise StageRefused(stage.title, found)


def unmet(
    session: CrmSession, opportunity: Opportunity, stage: Stage, operation: str, values: Mapping[str, Any]
) -> list[Problem]:
    """Return a problem for each criterion that keeps an opportunity from a stage, in words and with its field."""
    found: list[Problem] = []
    for criterion in asked(session, opportunity, stage):
        problem = _problem(session, opportunity, criterion, operation, values)
        if problem is not None:
            found.append(problem)
    return found


def asked(session: CrmSession, opportunity: Opportunity, stage: Stage) -> tuple[Criterion, ...]:
    """Return the criteria that stand between an opportunity and a stage."""
    present = stage_of(session, opportunity)
    if stage.kind == LOST:
        return parse_criteria(stage.entry, "entry")
    if stage.kind == OPEN_KIND and stage.position <= present.position:
        return ()
    return (*parse_criteria(present.exit, "exit"), *parse_criteria(stage.entry, "entry"))


def next_stage(session: CrmSession, opportunity: Opportunity) -> Stage | None:
    """Return the stage that follows the present one of an open opportunity: the next open one, else the won one."""
    if not opportunity.is_open:
        return None
    way = way_of(session, opportunity)
    place = next((at for at, each in enumerate(way) if each.id == opportunity.stage_id), len(way))
    return next(iter(way[place + 1 :]), None)


def ahead(session: CrmSession, opportunity: Opportunity) -> tuple[Stage | None, list[Problem]]:
    """Return the stage that follows, if any, with what keeps an opportunity from it."""
    stage = next_stage(session, opportunity)
    if stage is None:
        return None, []
    if stage.kind == OPEN_KIND:
        return stage, unmet(session, opportunity, stage, MOVE, {"stage": stage.name})
    return stage, unmet(session, opportunity, stage, WIN, {})


def _problem(
    session: CrmSession, opportunity: Opportunity, criterion: Criterion, operation: str, values: Mapping[str, Any]
) -> Problem | None:
    met: Callable[..., Problem | None] = _CHECKS[type(criterion)]
    return met(session, opportunity, criterion, operation, values)


def _unmet(message: str, field: str | None = None, **values: object) -> Problem:
    return Problem(StageRefused.code, message, field=field, **values)


def _field(session: CrmSession, opportunity: Opportunity, criterion: FieldFilled, *_more: Any) -> Problem | None:
    if criterion.field == "lines":
        query = select(OpportunityLine.id).where(OpportunityLine.opportunity_id == opportunity.id).limit(1)
        filled = session.scalar(query) is not None
    else:
        filled = getattr(opportunity, criterion.field) not in (None, "")
    return None if filled else _unmet(_("{title} is missing."), criterion.field, title=FIELDS[criterion.field])


def _activity(session: CrmSession, opportunity: Opportunity, criterion: Activity, *_more: Any) -> Problem | None:
    reversal = aliased(Interaction)
    query = select(func.count(Interaction.id)).where(
        Interaction.customer_id == opportunity.customer_id,
        Interaction.occurred_at >= opportunity.stage_since,
        Interaction.reverses_id.is_(None),
        ~exists().where(reversal.reverses_id == Interaction.id),
    )
    if criterion.interaction != ANY:
        query = query.where(Interaction.kind == criterion.interaction)
    there = session.scalars(query).one()
    if there >= criterion.count:
        return None
    known = session.gate.registry.interaction_kinds.get(criterion.interaction)
    kind = known.title if known is not None else criterion.interaction
    if criterion.interaction == ANY:
        return _unmet(
            _("{count} contacts are needed in this stage; there are {there}."), count=criterion.count, there=there
        )
    message = _('{count} times "{kind}" is needed in this stage; there is {there}.')
    return _unmet(message, count=criterion.count, kind=kind, there=there)


def _min_days(session: CrmSession, opportunity: Opportunity, criterion: MinDays, *_more: Any) -> Problem | None:
    stayed = (session.gate.clock.business_now() - opportunity.stage_since) // DAY
    if stayed >= criterion.days:
        return None
    return _unmet(_("{days} days in this stage are needed; it has been {there}."), days=criterion.days, there=stayed)


def _approved(
    session: CrmSession, opportunity: Opportunity, criterion: Approved, operation: str, values: Mapping[str, Any]
) -> Problem | None:
    try:
        chains: Sequence[str] = approvals_needed(session, operation, values)
        require_approval(session, operation, values)
    except Refused:
        return _unmet(_('Others have to agree first: ask by the chain "{chain}".'), chain=criterion.chain)
    if criterion.chain in chains:
        return None
    message = _('No active chain "{chain}" asks for approval of {operation}.')
    return _unmet(message, chain=criterion.chain, operation=operation)


def _holds(session: CrmSession, opportunity: Opportunity, criterion: Holds, *_more: Any) -> Problem | None:
    try:
        query = customers_where(session, criterion.condition, among=[opportunity.customer_id])
        holds = session.scalar(query) is not None
    except CrmkitError as error:
        return _unmet(_("The condition cannot be looked at: {reason}"), reason=error.render())
    if holds:
        return None
    return _unmet(_("This does not hold of the customer: {words}"), words=criterion.words or criterion.condition)


_CHECKS: Mapping[type[Any], Callable[..., Problem | None]] = {
    FieldFilled: _field,
    Activity: _activity,
    MinDays: _min_days,
    Approved: _approved,
    Holds: _holds,
}
