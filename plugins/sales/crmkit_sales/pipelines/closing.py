"""Winning and losing opportunities, and taking that back.

A won opportunity is an expectation fulfilled, no purchase: what is bought is recorded as a purchase by whoever invoices
it, so that revenue is never counted twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmkit import Conflict, CrmSession, InvalidInput, Problem, operation, texts
from crmkit_sales.pipelines.choosing import lost_stage, open_stage, won_stage
from crmkit_sales.pipelines.events import OpportunityLost, OpportunityWon
from crmkit_sales.pipelines.guards import WIN, require_ready
from crmkit_sales.pipelines.history import note
from crmkit_sales.pipelines.inputs import (
    CompetitorId,
    ReasonId,
    ReasonText,
    Stage,
    check_competitor,
    reason_of,
    require_open,
)
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.operations import move, place
from crmkit_sales.pipelines.pipeline_models import Stage as StageRecord
from crmkit_sales.pipelines.stages import LOST, WON

_ = texts("crmkit_sales")

LOSE = "sales.opportunity.lose"
CLOSE = "sales.opportunity.close"


@operation(WIN, title=_("Win"), permission=CLOSE, effect="update")
def win_opportunity(session: CrmSession, opportunity: Opportunity, *, reason_id: ReasonId | None = None) -> Opportunity:
    """Close an opportunity as won.

    Raises Conflict when it is closed already, InvalidInput where its pipeline asks for a reason, StageRefused with each
    criterion that is not met.
    """
    require_open(opportunity)
    stage = won_stage(session, opportunity.version_id)
    _require_reason(stage, reason_id)
    reason_of(session, reason_id, WON)
    require_ready(session, opportunity, stage, WIN, _said(reason_id=reason_id))
    opportunity.reason_id = reason_id
    _close(session, opportunity, stage, "won")
    session.emit(
        OpportunityWon(
            opportunity_id=opportunity.id,
            customer_id=opportunity.customer_id,
            amount_minor=opportunity.amount_minor,
            currency=opportunity.currency,
        )
    )
    return opportunity


@operation(LOSE, title=_("Lose"), permission=CLOSE, effect="update")
def lose_opportunity(
    session: CrmSession,
    opportunity: Opportunity,
    *,
    reason_id: ReasonId | None = None,
    reason: ReasonText | None = None,
    competitor_id: CompetitorId | None = None,
    stage: Stage | None = None,
) -> Opportunity:
    """Close an opportunity as lost, in the first lost stage of its pipeline unless another is named.

    Raises Conflict when it is closed already, InvalidInput where the stage asks for a reason and there is none, neither
    one of those to choose from nor one in words, StageRefused with each criterion that is not met.
    """
    require_open(opportunity)
    wanted = lost_stage(session, opportunity.version_id, stage)
    words = (reason or "").strip() or None
    _require_reason(wanted, reason_id or words)
    reason_of(session, reason_id, LOST)
    check_competitor(session, competitor_id)
    if competitor_id is not None:
        opportunity.competitor_id = competitor_id
    values = _said(reason_id=reason_id, reason=reason, competitor_id=competitor_id, stage=stage)
    require_ready(session, opportunity, wanted, LOSE, values)
    opportunity.reason_id, opportunity.lost_reason = reason_id, words
    _close(session, opportunity, wanted, "lost")
    session.emit(OpportunityLost(opportunity_id=opportunity.id, customer_id=opportunity.customer_id))
    return opportunity


@operation("sales.opportunity.reopen", title=_("Open again"), permission=CLOSE, effect="update")
def reopen_opportunity(session: CrmSession, opportunity: Opportunity, *, stage: Stage | None = None) -> Opportunity:
    """Take back that an opportunity was closed, into its pipeline's first stage unless another is named.

    Raises Conflict when it is open, InvalidInput for a stage that is not open.
    """
    if opportunity.is_open:
        raise Conflict(_('"{title}" is open.'), title=opportunity.title)
    wanted = open_stage(session, opportunity.version_id, stage)
    opportunity.closed_at = opportunity.lost_reason = opportunity.reason_id = None
    opportunity.reopened += 1
    move(session, opportunity, wanted, "reopened")
    return opportunity


def _close(session: CrmSession, opportunity: Opportunity, stage: StageRecord, cause: str) -> None:
    now = session.gate.clock.business_now()
    place(opportunity, stage, now)
    opportunity.closed_at = now
    note(session, opportunity, cause, since=now)


def _require_reason(stage: StageRecord, reason: UUID | str | None) -> None:
    if stage.reason_required and not reason:
        problem = Problem(
            InvalidInput.code,
            _('"{stage}" asks for a reason.'),
            field="reason_id",
            hint=_("Choose one, or say it in words."),
            stage=stage.title,
        )
        raise InvalidInput([problem])


def _said(**values: Any) -> dict[str, Any]:
    """Return the values that were given, as a chain of approval knows them."""
    return {name: value for name, value in values.items() if value is not None}


OPERATIONS = [win_opportunity, lose_opportunity, reopen_opportunity]
