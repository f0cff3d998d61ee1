"""What can be done with opportunities.

A won opportunity is an expectation fulfilled, no purchase: what is bought is recorded as a purchase by whoever invoices
it, so that revenue is never counted twice.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import attrs

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    Money,
    NotFound,
    Problem,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit_sales.events import OpportunityCreated, OpportunityLost, OpportunityMoved, OpportunityWon
from crmkit_sales.models import Opportunity
from crmkit_sales.stages import FIRST, LOST, OPEN, STAGES, WON

_ = texts("crmkit_sales")

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Minor = Annotated[int, Input(title=_("Amount in minor units"), minimum=0, classified="internal")]
Currency = Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")]
Day = Annotated[date, Input(title=_("Expected to close on"), classified="internal")]
Stage = Annotated[str, Input(title=_("Stage"), choices=OPEN, classified="internal")]
Reason = Annotated[str, Input(title=_("Reason"), max_length=500, multiline=True)]


@operation("sales.opportunity.create", title=_("Add an opportunity"), effect="create")
def create_opportunity(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    title: Title,
    stage: Stage = FIRST,
    amount_minor: Minor | None = None,
    currency: Currency | None = None,
    expected_close: Day | None = None,
    owner_id: Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="internal")] = None,
) -> Opportunity:
    """Add an opportunity of a customer, in an open stage; its owner is the customer's unless said otherwise.

    Raises NotFound for an unknown customer, InvalidInput for a stage that is not open or half an amount.
    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    _check_open_stage(stage)
    _check_amount(amount_minor, currency)
    opportunity = Opportunity(
        customer_id=customer.id,
        owner_id=owner_id or customer.owner_id,
        team_id=customer.team_id,
        title=title,
        stage=stage,
        amount_minor=amount_minor,
        currency=currency,
        expected_close=expected_close,
        opened_at=session.gate.clock.business_now(),
    )
    session.add(opportunity)
    session.emit(OpportunityCreated(opportunity_id=opportunity.id, customer_id=customer.id))
    return opportunity


@attrs.frozen(kw_only=True)
class OpportunityUpdate:
    """What to change of an opportunity; what is not given stays."""

    title: Title | UnsetType = UNSET
    amount_minor: Minor | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    expected_close: Day | UnsetType | None = UNSET
    owner_id: Annotated[UUID | UnsetType | None, Input(title=_("Owner"), resource="user", classified="internal")] = (
        UNSET
    )


@operation("sales.opportunity.update", title=_("Change the opportunity"), effect="update")
def update_opportunity(session: CrmSession, opportunity: Opportunity, changes: OpportunityUpdate) -> Opportunity:
    """Change an open opportunity. Raises Conflict when it is closed, InvalidInput for half an amount."""
    _require_open(opportunity)
    for name, value in given(changes).items():
        setattr(opportunity, name, value)
    _check_amount(opportunity.amount_minor, opportunity.currency)
    return opportunity


@operation(
    "sales.opportunity.move",
    title=_("Move to another stage"),
    permission="sales.opportunity.update",
    effect="update",
)
def move_opportunity(session: CrmSession, opportunity: Opportunity, *, stage: Stage) -> Opportunity:
    """Move an open opportunity to another open stage, forward or back; to the same stage nothing happens.

    Raises Conflict when it is closed, InvalidInput for a stage that is not open.
    """
    _require_open(opportunity)
    _check_open_stage(stage)
    if stage != opportunity.stage:
        _move(session, opportunity, stage)
    return opportunity


@operation("sales.opportunity.win", title=_("Win"), permission="sales.opportunity.close", effect="update")
def win_opportunity(session: CrmSession, opportunity: Opportunity) -> Opportunity:
    """Close an opportunity as won. Raises Conflict when it is closed already."""
    _require_open(opportunity)
    opportunity.stage = WON
    opportunity.closed_at = session.gate.clock.business_now()
    session.emit(
        OpportunityWon(
            opportunity_id=opportunity.id,
            customer_id=opportunity.customer_id,
            amount_minor=opportunity.amount_minor,
            currency=opportunity.currency,
        )
    )
    return opportunity


@operation("sales.opportunity.lose", title=_("Lose"), permission="sales.opportunity.close", effect="update")
def lose_opportunity(session: CrmSession, opportunity: Opportunity, *, reason: Reason | None = None) -> Opportunity:
    """Close an opportunity as lost. Raises Conflict when it is closed already."""
    _require_open(opportunity)
    opportunity.stage = LOST
    opportunity.closed_at = session.gate.clock.business_now()
    opportunity.lost_reason = reason
    session.emit(OpportunityLost(opportunity_id=opportunity.id, customer_id=opportunity.customer_id))
    return opportunity


@operation("sales.opportunity.reopen", title=_("Open again"), permission="sales.opportunity.close", effect="update")
def reopen_opportunity(session: CrmSession, opportunity: Opportunity, *, stage: Stage = FIRST) -> Opportunity:
    """Take back that an opportunity was closed. Raises Conflict when it is open, InvalidInput for a closed stage."""
    if opportunity.is_open:
        raise Conflict(_('"{title}" is open.'), title=opportunity.title)
    _check_open_stage(stage)
    opportunity.closed_at = None
    opportunity.lost_reason = None
    _move(session, opportunity, stage)
    return opportunity


def _move(session: CrmSession, opportunity: Opportunity, stage: str) -> None:
    before, opportunity.stage = opportunity.stage, stage
    session.emit(
        OpportunityMoved(
            opportunity_id=opportunity.id,
            customer_id=opportunity.customer_id,
            from_stage=before,
            to_stage=stage,
        )
    )


def _require_open(opportunity: Opportunity) -> None:
    if not opportunity.is_open:
        raise Conflict(
            _('"{title}" is closed: {stage}.'),
            fix=_("Open it again first."),
            title=opportunity.title,
            stage=STAGES[opportunity.stage],
        )


def _check_open_stage(stage: str) -> None:
    if stage not in OPEN:
        raise InvalidInput(
            [
                Problem(
                    InvalidInput.code,
                    _('"{stage}" is no stage of an open opportunity.'),
                    field="stage",
                    hint=_("Use one of {stages}."),
                    stage=stage,
                    stages=", ".join(OPEN),
                )
            ]
        )


def _check_amount(amount_minor: int | None, currency: str | None) -> None:
    if (amount_minor is None) != (currency is None):
        missing = "currency" if currency is None else "amount_minor"
        raise InvalidInput(
            [Problem(InvalidInput.code, _("An amount and its currency are given together."), field=missing)]
        )
    if amount_minor is not None and currency is not None:
        Money(amount_minor, currency)


OPERATIONS = [
    create_opportunity,
    update_opportunity,
    move_opportunity,
    win_opportunity,
    lose_opportunity,
    reopen_opportunity,
]
