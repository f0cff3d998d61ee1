"""What is said of an opportunity when it is added or changed, and whether it can be said. Must not change anything."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
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
    texts,
)
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import ClosingReason, Competitor
from crmkit_sales.pipelines.stages import CATEGORIES, KINDS

_ = texts("crmkit_sales")

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
OwnerId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
Minor = Annotated[int, Input(title=_("Amount in minor units"), minimum=0, classified="internal")]
Currency = Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")]
Day = Annotated[date, Input(title=_("Expected to close on"), classified="internal")]
Stage = Annotated[str, Input(title=_("Stage"), max_length=60, classified="internal")]
PipelineName = Annotated[str, Input(title=_("Pipeline"), max_length=60, classified="internal")]
Percent = Annotated[int, Input(title=_("Own probability (percent)"), minimum=0, maximum=100, classified="internal")]
Category = Annotated[
    str,
    Input(
        title=_("Own forecast category"),
        max_length=10,
        classified="internal",
        choices={name: title for name, title in CATEGORIES.items() if name != "closed"},
    ),
]
Step = Annotated[str, Input(title=_("Next step"), max_length=200, classified="internal")]
StepDay = Annotated[date, Input(title=_("Next step on"), classified="internal")]
Source = Annotated[str, Input(title=_("Source"), max_length=60, classified="internal", options="source")]
CompetitorId = Annotated[UUID, Input(title=_("Competitor"), resource="sales.competitor", classified="internal")]
ReasonId = Annotated[UUID, Input(title=_("Reason"), resource="sales.reason", classified="internal")]
ReasonText = Annotated[str, Input(title=_("In words"), max_length=500, multiline=True)]
Instant = Annotated[datetime, Input(title=_("When"), classified="internal")]


@attrs.frozen(kw_only=True)
class OpportunityUpdate:
    """What to change of an opportunity; what is not given stays."""

    title: Title | UnsetType = UNSET
    amount_minor: Minor | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    expected_close: Day | UnsetType | None = UNSET
    owner_id: OwnerId | UnsetType | None = UNSET
    probability: Percent | UnsetType | None = UNSET
    category: Category | UnsetType | None = UNSET
    next_step: Step | UnsetType | None = UNSET
    next_step_on: StepDay | UnsetType | None = UNSET
    source: Source | UnsetType | None = UNSET
    competitor_id: CompetitorId | UnsetType | None = UNSET


def require_customer(session: CrmSession, customer_id: UUID) -> Customer:
    """Return a customer that the actor sees. Raises NotFound."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    return customer


def require_open(opportunity: Opportunity) -> None:
    """Raise Conflict for an opportunity that is won or lost."""
    if not opportunity.is_open:
        raise Conflict(
            _('"{title}" is closed: {stage}.'),
            fix=_("Open it again first."),
            title=opportunity.title,
            stage=KINDS[opportunity.stage_kind],
        )


def check_amount(amount_minor: int | None, currency: str | None) -> None:
    """Raise InvalidInput for half an amount, or a currency that there is not."""
    if (amount_minor is None) != (currency is None):
        missing = "currency" if currency is None else "amount_minor"
        raise InvalidInput(
            [Problem(InvalidInput.code, _("An amount and its currency are given together."), field=missing)]
        )
    if amount_minor is not None and currency is not None:
        Money(amount_minor, currency)


def check_category(category: str | None) -> None:
    """Raise InvalidInput for what is no category of an open opportunity."""
    if category is not None and (category not in CATEGORIES or category == "closed"):
        known = ", ".join(name for name in CATEGORIES if name != "closed")
        problem = Problem(
            InvalidInput.code,
            _("This is no forecast category of an open opportunity."),
            field="category",
            hint=_("There are: {known}."),
            known=known,
        )
        raise InvalidInput([problem])


def check_competitor(session: CrmSession, competitor_id: UUID | None) -> None:
    """Raise NotFound for a competitor that there is not."""
    if competitor_id is not None and session.get(Competitor, competitor_id) is None:
        raise NotFound(_("There is no competitor {id}."), id=competitor_id)


def reason_of(session: CrmSession, reason_id: UUID | None, kind: str) -> ClosingReason | None:
    """Return an active reason of a kind by its id. Raises NotFound for another one."""
    if reason_id is None:
        return None
    found = session.get(ClosingReason, reason_id)
    if found is None or not found.active or found.kind != kind:
        raise NotFound(_("There is no such reason for this: {id}."), id=reason_id)
    return found


def cleaned(changes: dict[str, Any]) -> dict[str, Any]:
    """Return changes with texts without needless spaces, and nothing for an empty next step."""
    if isinstance(changes.get("next_step"), str):
        changes["next_step"] = " ".join(changes["next_step"].split()) or None
    return changes
