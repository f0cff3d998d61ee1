"""Adding opportunities, changing them and moving them between the open stages.

Each operation ends by writing down how the opportunity stands now. Closing is in `crmkit_sales.pipelines.closing`.
"""

from __future__ import annotations

from sqlalchemy import select

from crmkit import CrmSession, InvalidInput, Problem, given, operation, texts
from crmkit_sales.pipelines.choosing import open_stage, pipeline_named, published
from crmkit_sales.pipelines.events import OpportunityChanged, OpportunityCreated, OpportunityMoved, OpportunityRemoved
from crmkit_sales.pipelines.guards import MOVE, require_ready
from crmkit_sales.pipelines.history import note
from crmkit_sales.pipelines.inputs import (
    Category,
    CompetitorId,
    Currency,
    CustomerId,
    Day,
    Minor,
    OpportunityUpdate,
    OwnerId,
    Percent,
    PipelineName,
    Source,
    Stage,
    Step,
    StepDay,
    Title,
    check_amount,
    check_category,
    check_competitor,
    cleaned,
    require_customer,
    require_open,
)
from crmkit_sales.pipelines.models import Opportunity, OpportunityLine
from crmkit_sales.pipelines.numbers import next_number
from crmkit_sales.pipelines.pipeline_models import Stage as StageRecord

_ = texts("crmkit_sales")

COUNTER = "opportunity"


@operation("sales.opportunity.create", title=_("Add an opportunity"), effect="create")
def create_opportunity(
    session: CrmSession,
    *,
    customer_id: CustomerId,
    title: Title,
    stage: Stage | None = None,
    amount_minor: Minor | None = None,
    currency: Currency | None = None,
    expected_close: Day | None = None,
    owner_id: OwnerId | None = None,
    pipeline: PipelineName | None = None,
    probability: Percent | None = None,
    category: Category | None = None,
    next_step: Step | None = None,
    next_step_on: StepDay | None = None,
    source: Source | None = None,
    competitor_id: CompetitorId | None = None,
) -> Opportunity:
    """Add an opportunity of a customer, in an open stage, the first of the usual pipeline unless said otherwise; its
    owner is the customer's unless said otherwise.

    Raises NotFound for an unknown customer, pipeline or competitor, InvalidInput for a stage that is not open or half
    an amount.
    """
    customer = require_customer(session, customer_id)
    version = published(session, pipeline_named(session, pipeline).id)
    first = open_stage(session, version.id, stage)
    check_amount(amount_minor, currency)
    check_category(category)
    check_competitor(session, competitor_id)
    now = session.gate.clock.business_now()
    opportunity = Opportunity(
        number=next_number(session, COUNTER),
        customer_id=customer.id,
        owner_id=owner_id or customer.owner_id,
        team_id=customer.team_id,
        title=title,
        pipeline_id=version.pipeline_id,
        version_id=version.id,
        amount_minor=amount_minor,
        currency=currency,
        expected_close=expected_close,
        probability=probability,
        category=category,
        next_step=cleaned({"next_step": next_step})["next_step"],
        next_step_on=next_step_on,
        source=source,
        competitor_id=competitor_id,
        opened_at=now,
        reopened=0,
    )
    place(opportunity, first, now)
    session.add(opportunity)
    note(session, opportunity, "created", since=now)
    session.emit(OpportunityCreated(opportunity_id=opportunity.id, customer_id=customer.id))
    return opportunity


@operation("sales.opportunity.update", title=_("Change the opportunity"), effect="update")
def update_opportunity(session: CrmSession, opportunity: Opportunity, changes: OpportunityUpdate) -> Opportunity:
    """Change an open opportunity. Raises Conflict when it is closed, InvalidInput for half an amount, or one beside its
    lines."""
    require_open(opportunity)
    values = cleaned(given(changes))
    if "amount_minor" in values or "currency" in values:
        _refuse_beside_lines(session, opportunity, values)
    check_category(values.get("category"))
    check_competitor(session, values.get("competitor_id"))
    for name, value in values.items():
        setattr(opportunity, name, value)
    check_amount(opportunity.amount_minor, opportunity.currency)
    if note(session, opportunity, "updated"):
        session.emit(OpportunityChanged(opportunity_id=opportunity.id, customer_id=opportunity.customer_id))
    return opportunity


@operation(MOVE, title=_("Move to another stage"), permission="sales.opportunity.update", effect="update")
def move_opportunity(session: CrmSession, opportunity: Opportunity, *, stage: Stage) -> Opportunity:
    """Move an open opportunity to another open stage, forward or back; to the same stage nothing happens.

    Raises Conflict when it is closed, InvalidInput for a stage that is not open, StageRefused with each criterion of
    the stages that is not met.
    """
    require_open(opportunity)
    wanted = open_stage(session, opportunity.version_id, stage)
    if wanted.id != opportunity.stage_id:
        require_ready(session, opportunity, wanted, MOVE, {"stage": stage})
        move(session, opportunity, wanted, "moved")
    return opportunity


@operation("sales.opportunity.remove", title=_("Remove the opportunity"), effect="delete")
def remove_opportunity(session: CrmSession, opportunity: Opportunity) -> None:
    """Remove an opportunity that was added by mistake. What it was until now stays in the figures of earlier days."""
    note(session, opportunity, "removed")
    session.emit(OpportunityRemoved(opportunity_id=opportunity.id, customer_id=opportunity.customer_id))
    session.delete(opportunity)


def place(opportunity: Opportunity, stage: StageRecord, since: object) -> None:
    """Put an opportunity into a stage, without asking or telling."""
    opportunity.stage_id, opportunity.stage, opportunity.stage_kind = stage.id, stage.name, stage.kind
    opportunity.stage_since = since  # type: ignore[assignment]


def move(session: CrmSession, opportunity: Opportunity, stage: StageRecord, cause: str) -> None:
    """Put an opportunity into an open stage, write it down and tell of it."""
    before = opportunity.stage
    now = session.gate.clock.business_now()
    place(opportunity, stage, now)
    note(session, opportunity, cause, since=now)
    session.emit(
        OpportunityMoved(
            opportunity_id=opportunity.id,
            customer_id=opportunity.customer_id,
            from_stage=before,
            to_stage=stage.name,
        )
    )


def has_lines(session: CrmSession, opportunity: Opportunity) -> bool:
    """Say whether the amount of an opportunity is that of its lines."""
    query = select(OpportunityLine.id).where(OpportunityLine.opportunity_id == opportunity.id).limit(1)
    return session.scalar(query) is not None


def _refuse_beside_lines(session: CrmSession, opportunity: Opportunity, values: dict[str, object]) -> None:
    """Raise InvalidInput for another amount than its lines have."""
    names = ("amount_minor", "currency")
    changed = [name for name in names if name in values and values[name] != getattr(opportunity, name)]
    if changed and has_lines(session, opportunity):
        message = _("The amount is that of its lines.")
        raise InvalidInput([Problem(InvalidInput.code, message, field=changed[0], hint=_("Change the lines."))])


OPERATIONS = [create_opportunity, update_opportunity, move_opportunity, remove_opportunity]
