"""What the operations on leads take. Must not touch the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import attrs

from crmkit import UNSET, Input, InvalidInput, Money, Problem, UnsetType, texts
from crmkit_sales.leads.words import ABILITIES, INTENTS, TIMINGS

_ = texts("crmkit_sales")

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
SourceId = Annotated[UUID | None, Input(title=_("Source"), resource="sales.lead_source", classified="internal")]
Campaign = Annotated[str | None, Input(title=_("Campaign"), max_length=120, classified="internal")]
Intent = Annotated[str, Input(title=_("Intent"), choices=INTENTS, classified="internal")]
Ability = Annotated[str, Input(title=_("Ability to pay"), choices=ABILITIES, classified="internal")]
Timing = Annotated[str, Input(title=_("Timing"), choices=TIMINGS, classified="internal")]
Minor = Annotated[int | None, Input(title=_("Budget"), minimum=0, classified="internal")]
Currency = Annotated[str | None, Input(title=_("Currency"), max_length=3, classified="internal")]
Day = Annotated[date | None, Input(title=_("Wanted by"), classified="internal")]
Need = Annotated[str | None, Input(title=_("Need"), max_length=5000, multiline=True)]
Reason = Annotated[str, Input(title=_("Why"), max_length=1000, multiline=True)]


@attrs.frozen(kw_only=True)
class NewLead:
    """A lead of a customer who is known. Its owner is the customer's unless said otherwise."""

    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
    title: Title = ""
    source_id: SourceId = None
    campaign: Campaign = None
    intent: Intent = "none"
    ability: Ability = "unknown"
    budget_minor: Minor = None
    currency: Currency = None
    timing: Timing = "unknown"
    wanted_on: Day = None
    need: Need = None
    owner_id: Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="internal")] = None
    queue: Annotated[str, Input(title=_("Queue"), resource="work.queue", max_length=60, classified="internal")] = ""


@attrs.frozen(kw_only=True)
class LeadUpdate:
    """What to change of a lead; what is not given stays."""

    title: Title | UnsetType = UNSET
    source_id: SourceId | UnsetType = UNSET
    campaign: Campaign | UnsetType = UNSET
    intent: Intent | UnsetType = UNSET
    ability: Ability | UnsetType = UNSET
    budget_minor: Minor | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    timing: Timing | UnsetType = UNSET
    wanted_on: Day | UnsetType = UNSET
    need: Need | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class NewInquiry:
    """Somebody who came in, as another system says it: it is found out who that is.

    With ``external_id`` it counts once, however often ``external_source`` sends it. ``consents`` are the purposes that
    were allowed, ``evidence`` how. ``source`` is the name of a source.
    """

    name: Annotated[str, Input(title=_("Name"), max_length=300, classified="personal")] = ""
    email: Annotated[str, Input(title=_("E-mail"), max_length=320)] = ""
    phone: Annotated[str, Input(title=_("Telephone"), max_length=100)] = ""
    company: Annotated[str, Input(title=_("Company"), max_length=300, classified="personal")] = ""
    job_title: Annotated[str, Input(title=_("Job title"), max_length=200, classified="personal")] = ""
    city: Annotated[str, Input(title=_("City"), max_length=120, classified="personal")] = ""
    country: Annotated[str, Input(title=_("Country"), max_length=100, classified="personal")] = ""
    language: Annotated[str, Input(title=_("Language"), max_length=12, classified="personal")] = ""
    need: Annotated[str, Input(title=_("Need"), max_length=5000, multiline=True)] = ""
    title: Title = ""
    source: Annotated[str, Input(title=_("Source"), max_length=60, classified="internal")] = ""
    campaign: Annotated[str, Input(title=_("Campaign"), max_length=120, classified="internal")] = ""
    intent: Intent = "none"
    ability: Ability = "unknown"
    budget_minor: Minor = None
    currency: Currency = None
    timing: Timing = "unknown"
    consents: Annotated[tuple[str, ...], Input(title=_("Consent"), max_length=50, classified="internal")] = ()
    evidence: Annotated[str, Input(title=_("Evidence"), max_length=2000, multiline=True)] = ""
    queue: Annotated[str, Input(title=_("Queue"), resource="work.queue", max_length=60, classified="internal")] = ""
    external_source: Annotated[str, Input(title=_("Sender"), max_length=60, classified="internal")] = "api"
    external_id: Annotated[str | None, Input(title=_("Id at the sender"), max_length=200, classified="internal")] = None


def problem(field: str, message: str, **values: Any) -> InvalidInput:
    """Return the error for one field."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])


def check_choice(field: str, value: str, choices: Mapping[str, str]) -> None:
    """Return for a value that is one of some choices. Raises InvalidInput."""
    if value not in choices:
        raise problem(field, _("There is no such choice."), value=value)


def check_amount(minor: int | None, currency: str | None, field: str = "budget_minor") -> None:
    """Return for an amount with its currency, or neither. Raises InvalidInput."""
    if (minor is None) != (currency is None):
        missing = "currency" if currency is None else field
        raise problem(missing, _("An amount and its currency are given together."))
    if minor is not None and currency is not None:
        Money(minor, currency)
