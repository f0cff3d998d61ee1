"""What is said of a contract when it is made or changed. Must not know what becomes of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import attrs

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_sales.contracts.terms import PERIODS
from crmkit_sales.contracts.words import RENEWALS

_ = texts("crmkit_sales")

CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
UserId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
OrderId = Annotated[UUID, Input(title=_("Order"), resource="sales.order", classified="internal")]
OpportunityId = Annotated[UUID, Input(title=_("Opportunity"), resource="sales.opportunity", classified="internal")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
StartOn = Annotated[date, Input(title=_("Begins on"), classified="internal")]
Months = Annotated[
    int,
    Input(
        title=_("Months"),
        minimum=1,
        maximum=600,
        classified="internal",
        help=_("Empty: until notice is given."),
    ),
]
NextMonths = Annotated[
    int,
    Input(
        title=_("Months of the next term"),
        minimum=1,
        maximum=600,
        classified="internal",
        help=_("Empty: as many as before."),
    ),
]
Renewal = Annotated[str, Input(title=_("At the end"), choices=RENEWALS, max_length=9, classified="internal")]
NoticeDays = Annotated[int, Input(title=_("Days of notice"), minimum=0, maximum=3660, classified="internal")]
RemindDays = Annotated[
    int, Input(title=_("Remind so many days before notice"), minimum=0, maximum=3660, classified="internal")
]
Minor = Annotated[int, Input(title=_("Value each time in minor units"), minimum=0, classified="internal")]
Currency = Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")]
Every = Annotated[str, Input(title=_("Paid every"), choices=PERIODS, max_length=7, classified="internal")]
Notes = Annotated[str, Input(title=_("Notes"), max_length=5000, multiline=True, classified="text")]


@attrs.frozen(kw_only=True)
class NewContract:
    """A contract to be added, as a draft. ``value_minor`` is what each ``period`` costs, in minor units of
    ``currency``; without a currency it is in the base currency."""

    customer_id: CustomerId
    title: Title
    start_on: StartOn
    term_months: Months | None = None
    renewal: Renewal = "manual"
    renewal_months: NextMonths | None = None
    notice_days: NoticeDays = 30
    remind_days: RemindDays = 30
    value_minor: Minor | None = None
    currency: Currency | None = None
    period: Every = "month"
    notes: Notes | None = None
    order_id: OrderId | None = None
    opportunity_id: OpportunityId | None = None
    owner_id: UserId | None = None


@attrs.frozen(kw_only=True)
class ContractUpdate:
    """What to change of a contract; what is not given stays. Once it is active its days and its value stay as they were
    agreed on."""

    title: Title | UnsetType = UNSET
    start_on: StartOn | UnsetType = UNSET
    term_months: Months | UnsetType | None = UNSET
    renewal: Renewal | UnsetType = UNSET
    renewal_months: NextMonths | UnsetType | None = UNSET
    notice_days: NoticeDays | UnsetType = UNSET
    remind_days: RemindDays | UnsetType = UNSET
    value_minor: Minor | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    period: Every | UnsetType = UNSET
    notes: Notes | UnsetType | None = UNSET
    order_id: OrderId | UnsetType | None = UNSET
    opportunity_id: OpportunityId | UnsetType | None = UNSET
    owner_id: UserId | UnsetType | None = UNSET


AGREED = frozenset(("start_on", "term_months", "notice_days", "value_minor", "currency", "period"))
"""What does not change once a contract is active."""
