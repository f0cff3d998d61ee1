"""What is said of a distribution. Must not know what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_feedback.asking.words import CALL_OUTCOMES, WAYS

_ = texts("crmkit_feedback")

CONDITION = 2000

Name = Annotated[
    str,
    Input(
        title=_("Name"), max_length=60, classified="public", help=_("Small letters, digits, - and _, such as spring.")
    ),
]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
SurveyName = Annotated[
    str, Input(title=_("Survey"), max_length=60, classified="public", help=_("The name of the survey."))
]
Way = Annotated[Literal["mail", "sms", "phone", "link"], Input(title=_("By"), choices=WAYS, classified="public")]
Segment = Annotated[
    str,
    Input(title=_("Segment"), max_length=80, classified="public", help=_("The name of the segment that is asked.")),
]
Condition = Annotated[
    str,
    Input(
        title=_("Condition"),
        max_length=CONDITION,
        classified="internal",
        help=_("Facts of those who are asked, such as purchase.count >= 2."),
    ),
]
Event = Annotated[
    str,
    Input(
        title=_("Event"),
        max_length=80,
        classified="public",
        help=_("Asks after each of these, such as service.case.resolved or interaction.recorded:purchase."),
    ),
]
DelayHours = Annotated[int, Input(title=_("Hours after the event"), minimum=0, maximum=8760, classified="public")]
SamplePercent = Annotated[
    int, Input(title=_("Part that is asked (percent)"), minimum=0, maximum=100, classified="public")
]
Rules = Annotated[
    tuple[str, ...],
    Input(
        title=_("Not asked where"),
        max_length=20,
        classified="internal",
        help=_("Conditions, one a line: whoever fulfils one of them is not asked."),
    ),
]
Reminders = Annotated[
    tuple[int, ...],
    Input(
        title=_("Reminders after (days)"),
        max_length=5,
        classified="public",
        help=_("Days after the invitation, one a line."),
    ),
]
ExpiresDays = Annotated[int, Input(title=_("Can be answered for (days)"), minimum=1, maximum=365, classified="public")]
ConsentPurpose = Annotated[
    str, Input(title=_("Purpose of consent"), max_length=60, options="consent_purpose", classified="public")
]
Template = Annotated[
    str | None,
    Input(
        title=_("Message template"),
        max_length=120,
        classified="public",
        help=_("One of messaging's; it gets the values link and survey. Without it there is a text of its own."),
    ),
]
Touchpoint = Annotated[str | None, Input(title=_("Touchpoint"), max_length=80, classified="public")]
StartsAt = Annotated[datetime | None, Input(title=_("Begins at"), classified="public")]
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
Outcome = Annotated[
    Literal["reached", "no_answer", "busy", "call_back", "refused", "wrong_number"],
    Input(title=_("Outcome"), choices=CALL_OUTCOMES, classified="internal"),
]


@frozen(kw_only=True)
class Quota:
    """A cell: once ``most`` customers who fulfil the condition have answered, no more of them are asked."""

    when: Annotated[str, Input(title=_("Condition"), max_length=CONDITION, classified="internal")] = ""
    most: Annotated[int, Input(title=_("Answers at most"), minimum=0, maximum=10_000_000, classified="internal")]


Quotas = Annotated[tuple[Quota, ...], Input(title=_("Quotas"), max_length=50, classified="internal")]


@frozen(kw_only=True)
class DistributionUpdate:
    """What is to be changed; what is not given stays."""

    title: Title | UnsetType = UNSET
    way: Way | UnsetType = UNSET
    segment: Segment | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    event: Event | UnsetType = UNSET
    delay_hours: DelayHours | UnsetType = UNSET
    sample_percent: SamplePercent | UnsetType = UNSET
    quotas: Quotas | UnsetType = UNSET
    rules: Rules | UnsetType = UNSET
    reminders: Reminders | UnsetType = UNSET
    expires_days: ExpiresDays | UnsetType = UNSET
    purpose: ConsentPurpose | UnsetType = UNSET
    template: Template | UnsetType = UNSET
    touchpoint: Touchpoint | UnsetType = UNSET
    starts_at: StartsAt | UnsetType = UNSET


@frozen(kw_only=True)
class CallAnswer:
    """What was said in a call: a field of the survey's form and its value, several of a field for several choices."""

    field: Annotated[str, Input(title=_("Field"), max_length=130, classified="internal")]
    value: Annotated[str, Input(title=_("Value"), max_length=8000, classified="sensitive")] = ""
