"""What operations on insights take."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_knowledge.insights.words import KINDS, LEVELS, SOURCES, WHYS

_ = texts("crmkit_knowledge")

RECORDS = ("interaction", "service.case", "feedback.feedback", "feedback.response", "sales.opportunity")
"""Resources on whose pages something can be noted about the customer."""
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
Topic = Annotated[str, Input(title=_("Topic"), max_length=60, resource="knowledge.insight_topic", classified="public")]
Kind = Annotated[
    Literal["preference", "constraint", "promise", "fact"],
    Input(title=_("Kind"), help=_("The usual one of the topic, unless said."), choices=KINDS, classified="internal"),
]
Said = Annotated[str, Input(title=_("What is known"), max_length=2000, multiline=True, classified="text")]
Source = Annotated[
    Literal["said", "observed", "inferred", "document"],
    Input(title=_("Source"), choices=SOURCES, classified="internal"),
]
Ref = Annotated[
    str,
    Input(
        title=_("Comes from"),
        help=_("A record about the customer, as resource:id."),
        max_length=160,
        classified="internal",
    ),
]
Record = Annotated[
    str,
    Input(
        title=_("Learnt from"),
        help=_("A record, as resource:id."),
        max_length=160,
        classified="internal",
        records=RECORDS,
    ),
]
Confidence = Annotated[
    str,
    Input(
        title=_("Confidence"),
        help=_("sure, likely, guess, or a number from 0 to 1; by the source, unless said."),
        max_length=20,
        classified="internal",
    ),
]
LearntAt = Annotated[datetime, Input(title=_("Learnt at"), classified="internal")]
ExpiresOn = Annotated[
    date,
    Input(title=_("Expires on"), help=_("As long as the topic says, unless said."), classified="internal"),
]
DueOn = Annotated[date, Input(title=_("Promised for"), help=_("Of a promise alone."), classified="internal")]
OwnerId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
On = Annotated[date, Input(title=_("On"), help=_("Today, unless said."), classified="internal")]
Outcome = Annotated[str, Input(title=_("What came of it"), max_length=2000, multiline=True, classified="text")]
Why = Annotated[
    Literal["wrong", "over", "not_wanted", "private", "other"],
    Input(title=_("Why"), choices=WHYS, classified="internal"),
]
ExternalSource = Annotated[str, Input(title=_("System"), max_length=60, classified="internal")]
ExternalId = Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")]


@frozen(kw_only=True)
class NewInsight:
    """Something that was learnt about a customer. A promise has the day for which it was made."""

    customer_id: CustomerId
    topic: Topic
    text: Said
    kind: Kind | None = None
    source: Source = "said"
    ref: Ref = ""
    confidence: Confidence = ""
    learnt_at: LearntAt | None = None
    expires_on: ExpiresOn | None = None
    due_on: DueOn | None = None
    owner_id: OwnerId | None = None


@frozen(kw_only=True)
class PastInsight:
    """Something that another system knows of a customer; words are this plugin's names."""

    customer_id: CustomerId
    topic: Topic
    text: Said
    kind: Kind | None = None
    source: Source = "document"
    confidence: Confidence = ""
    learnt_at: LearntAt | None = None
    expires_on: ExpiresOn | None = None
    due_on: DueOn | None = None
    owner_id: OwnerId | None = None
    external_source: ExternalSource | None = None
    external_id: ExternalId | None = None


@frozen(kw_only=True)
class InsightUpdate:
    """What is to be corrected; what is not given stays."""

    text: Said | UnsetType = UNSET
    confidence: Confidence | UnsetType = UNSET
    source: Source | UnsetType = UNSET
    expires_on: ExpiresOn | UnsetType | None = UNSET
    due_on: DueOn | UnsetType = UNSET
    owner_id: OwnerId | UnsetType | None = UNSET


@frozen(kw_only=True)
class TopicUpdate:
    """What is to be changed; what is not given stays."""

    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="public")] | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    single: Annotated[bool, Input(title=_("One at a time"), classified="public")] | UnsetType = UNSET
    days: (
        Annotated[int, Input(title=_("Holds for (days)"), minimum=0, maximum=36500, classified="public")] | UnsetType
    ) = UNSET
    position: Annotated[int, Input(title=_("Position"), classified="public")] | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="public")] | UnsetType = UNSET


def number_of(confidence: str, otherwise: Decimal) -> Decimal | None:
    """Return the number that a confidence stands for, ``otherwise`` for an empty one, None for what is neither a word
    nor a number from 0 to 1."""
    said = confidence.strip().casefold()
    if not said:
        return otherwise
    if said in LEVELS:
        return LEVELS[said]
    # Decimal takes more than people write: "nan", "1e-3", digits of other scripts.
    if not said.isascii() or not said.replace(".", "", 1).isdigit():
        return None
    found = Decimal(said)
    return round(found, 6) if found <= 1 else None
