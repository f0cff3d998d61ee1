"""What operations on programmes take."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_loyalty.programs.words import CLAWBACKS, ENROLMENTS, EXPIRIES, ROLES, ROUNDINGS

_ = texts("crmkit_loyalty")

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
ProgramName = Annotated[
    str, Input(title=_("Programme"), max_length=60, resource="loyalty.program", classified="internal")
]
TypeName = Annotated[str, Input(title=_("Points"), max_length=60, classified="internal")]
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
Enrolment = Annotated[
    Literal["automatic", "by_hand"], Input(title=_("Takes part"), choices=ENROLMENTS, classified="internal")
]
Clawback = Annotated[
    Literal["negative", "other_lots", "write_off"],
    Input(title=_("Spent points of a refund"), choices=CLAWBACKS, classified="internal"),
]
Role = Annotated[
    Literal["owner", "spender", "earner"],
    Input(title=_("What they may do"), choices=ROLES, classified="internal"),
]
Expiry = Annotated[
    Literal["never", "rolling", "fixed", "sliding"], Input(title=_("Expire"), choices=EXPIRIES, classified="internal")
]
Rounding = Annotated[
    Literal["none", "month", "quarter", "half", "year"],
    Input(title=_("Good until"), choices=ROUNDINGS, classified="internal"),
]
Days = Annotated[int, Input(minimum=0, maximum=3650, classified="internal")]
Months = Annotated[int, Input(title=_("Months until then"), minimum=0, maximum=1200, classified="internal")]
Month = Annotated[int, Input(title=_("Month of the day"), minimum=1, maximum=12, classified="internal")]
DayOfMonth = Annotated[int, Input(title=_("Day of the month"), minimum=1, maximum=31, classified="internal")]
Cost = Annotated[
    Decimal,
    Input(
        title=_("Cost of a point"),
        help=_("What a point costs when it is spent, in the base currency."),
        minimum=0,
        maximum=1_000_000,
        classified="internal",
    ),
]
Percent = Annotated[int, Input(title=_("Held out (%)"), minimum=0, maximum=50, classified="internal")]
Flag = Annotated[bool, Input(classified="internal")]
GivenBackDays = Annotated[
    int, Input(title=_("Days for points given back"), minimum=0, maximum=3650, classified="internal")
]
PendingDays = Annotated[int, Input(title=_("Waiting time (days)"), minimum=0, maximum=3650, classified="internal")]
Active = Annotated[bool, Input(title=_("Active"), classified="internal")]
Spendable = Annotated[bool, Input(title=_("Can be spent"), classified="internal")]
Transferable = Annotated[bool, Input(title=_("Can be given to others"), classified="internal")]
Minutes = Annotated[
    int, Input(title=_("Minutes for which points are reserved"), minimum=1, maximum=43_200, classified="internal")
]


@frozen(kw_only=True)
class ProgramUpdate:
    """What is to be changed of a programme; what is not given stays."""

    title: Title | UnsetType = UNSET
    enrolment: Enrolment | UnsetType = UNSET
    clawback: Clawback | UnsetType = UNSET
    grace_days: GivenBackDays | UnsetType = UNSET
    hold_minutes: Minutes | UnsetType = UNSET
    holdout: Percent | UnsetType = UNSET
    active: Active | UnsetType = UNSET


@frozen(kw_only=True)
class NewPointType:
    """A kind of points that is added to a programme."""

    program: ProgramName
    name: Name
    title: Title = ""
    spendable: Spendable = True
    transferable: Transferable = False
    pending_days: PendingDays = 0
    expiry: Expiry = "never"
    expiry_months: Months = 24
    expiry_rounding: Rounding = "none"
    expiry_month: Month = 12
    expiry_day: DayOfMonth = 31
    unit_cost: Cost = Decimal("0.01")


@frozen(kw_only=True)
class PointTypeUpdate:
    """What is to be changed of a kind of points. Points that were earned keep the expiry that they were earned with."""

    title: Title | UnsetType = UNSET
    transferable: Transferable | UnsetType = UNSET
    pending_days: PendingDays | UnsetType = UNSET
    expiry: Expiry | UnsetType = UNSET
    expiry_months: Months | UnsetType = UNSET
    expiry_rounding: Rounding | UnsetType = UNSET
    expiry_month: Month | UnsetType = UNSET
    expiry_day: DayOfMonth | UnsetType = UNSET
    unit_cost: Cost | UnsetType = UNSET
    active: Active | UnsetType = UNSET
