"""What operations on needs take."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_needs.catalogue.words import COMPLEXITIES, DECLINES, IMPORTANCES, KINDS, SCOPES, SOURCES, STATES, URGENCIES

_ = texts("crmkit_needs")

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Description = Annotated[str, Input(title=_("Description"), max_length=8000, multiline=True, classified="internal")]
Kind = Annotated[
    Literal["request", "problem", "compliance", "idea"], Input(title=_("Kind"), choices=KINDS, classified="internal")
]
Scope = Annotated[
    Literal["standard", "custom", "special"], Input(title=_("Scope"), choices=SCOPES, classified="internal")
]
Urgency = Annotated[
    Literal["low", "normal", "high", "critical"], Input(title=_("Urgency"), choices=URGENCIES, classified="internal")
]
Complexity = Annotated[
    Literal["small", "medium", "large", "unknown"],
    Input(title=_("Complexity"), choices=COMPLEXITIES, classified="internal"),
]
State = Annotated[
    Literal["new", "under_review", "accepted", "planned", "in_progress", "delivered", "declined"],
    Input(title=_("State"), choices={name: title for name, title in STATES.items() if name != "duplicate"},
          classified="internal"),
]  # fmt: skip
Decline = Annotated[
    Literal["out_of_scope", "no_value", "too_costly", "not_possible", "exists", "stale", "other"],
    Input(title=_("Why it was declined"), choices=DECLINES, classified="internal"),
]
Area = Annotated[str, Input(title=_("Product area"), max_length=60, resource="needs.area", classified="internal")]
OwnerId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
TeamId = Annotated[UUID, Input(title=_("Team"), resource="team", classified="internal")]
Day = Annotated[date, Input(classified="internal")]
DueOn = Annotated[date, Input(title=_("Due on"), classified="internal")]
PromisedOn = Annotated[date, Input(title=_("Promised for"), classified="internal")]
Release = Annotated[str, Input(title=_("Release"), max_length=80, classified="internal")]
Links = Annotated[
    tuple[str, ...],
    Input(title=_("Linked"), help=_("Records, each as resource:id."), max_length=50, classified="internal"),
]
Tags = Annotated[tuple[str, ...], Input(title=_("Tags"), max_length=50, classified="internal")]
Public = Annotated[str, Input(title=_("What customers read"), max_length=4000, multiline=True, classified="internal")]
Internal = Annotated[str, Input(title=_("Note for colleagues"), max_length=4000, multiline=True, classified="internal")]
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
Quote = Annotated[str, Input(title=_("In their words"), max_length=4000, multiline=True)]
Importance = Annotated[
    int, Input(title=_("Importance"), choices=IMPORTANCES, minimum=1, maximum=5, classified="internal")
]
Met = Annotated[
    int,
    Input(
        title=_("Met today"),
        help=_("From 1, not at all, to 5, wholly."),
        minimum=1,
        maximum=5,
        classified="internal",
    ),
]
Source = Annotated[
    Literal["manual", "interaction", "case", "feedback", "opportunity", "board", "import", "mined"],
    Input(title=_("Source"), choices=SOURCES, classified="internal"),
]
Ref = Annotated[
    str, Input(title=_("Comes from"), help=_("A record, as resource:id."), max_length=160, classified="internal")
]
News = Annotated[bool, Input(title=_("Is told what becomes of it"), classified="internal")]


@frozen(kw_only=True)
class NewNeed:
    """A need as it is written down. The area is named; without an owner it is whoever answers for the area."""

    title: Title
    description: Description = ""
    kind: Kind = "request"
    scope: Scope = "standard"
    urgency: Urgency = "normal"
    complexity: Complexity = "unknown"
    area: Area = ""
    owner_id: OwnerId | None = None
    team_id: TeamId | None = None
    due_on: DueOn | None = None
    promised_on: PromisedOn | None = None
    release: Release = ""
    tags: Tags = ()
    internal_note: Internal = ""


@frozen(kw_only=True)
class NeedUpdate:
    """What is to be changed; what is not given stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    scope: Scope | UnsetType = UNSET
    urgency: Urgency | UnsetType = UNSET
    complexity: Complexity | UnsetType = UNSET
    area: Area | UnsetType = UNSET
    owner_id: OwnerId | UnsetType | None = UNSET
    team_id: TeamId | UnsetType | None = UNSET
    due_on: DueOn | UnsetType | None = UNSET
    promised_on: PromisedOn | UnsetType | None = UNSET
    release: Release | UnsetType = UNSET
    links: Links | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    internal_note: Internal | UnsetType = UNSET
    public_title: Title | UnsetType = UNSET
    public_text: Public | UnsetType = UNSET


@frozen(kw_only=True)
class NewEvidence:
    """That a customer needs something."""

    customer_id: CustomerId
    quote: Quote = ""
    importance: Importance = 3
    satisfaction: Met | None = None
    source: Source = "manual"
    ref: Ref = ""
    wants_news: News = True
    promised_on: PromisedOn | None = None


@frozen(kw_only=True)
class EvidenceUpdate:
    """What is to be changed; what is not given stays."""

    quote: Quote | UnsetType = UNSET
    importance: Importance | UnsetType = UNSET
    satisfaction: Met | UnsetType | None = UNSET
    wants_news: News | UnsetType = UNSET
    promised_on: PromisedOn | UnsetType | None = UNSET
