"""What is said of feedback when it is taken in or changed. Must not know what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from crmkit import Input, texts
from crmkit_feedback.items.words import BANDS, SOURCES, STATES

_ = texts("crmkit_feedback")

Source = Annotated[
    Literal["call", "review", "social", "mail", "note", "api"],
    Input(
        title=_("Source"),
        classified="internal",
        choices={name: SOURCES[name] for name in SOURCES if name not in ("survey", "case")},
    ),
]
State = Annotated[
    Literal["new", "triaged", "assigned", "in_progress", "customer_contacted", "resolved", "verified", "closed"],
    Input(title=_("State"), classified="internal", choices=STATES),
]
Metric = Annotated[
    Literal["nps", "csat", "ces", "stars"],
    Input(
        title=_("Measure"),
        classified="internal",
        choices={"nps": "NPS", "csat": "CSAT", "ces": "CES", "stars": _("Stars (1 to 5)")},
    ),
]
Band = Annotated[Literal["bad", "middling", "good"], Input(title=_("Band"), classified="internal", choices=BANDS)]
Bands = Annotated[
    tuple[Literal["bad", "middling", "good"], ...], Input(title=_("Bands"), classified="public", choices=BANDS)
]
Sources = Annotated[
    tuple[Literal["survey", "call", "case", "review", "social", "mail", "note", "api"], ...],
    Input(title=_("Sources"), classified="public", choices=SOURCES),
]
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
UserId = Annotated[UUID, Input(title=_("To whom"), resource="user", classified="internal")]
TeamId = Annotated[UUID, Input(title=_("Team"), resource="team", classified="internal")]
ProductId = Annotated[UUID, Input(title=_("Product"), resource="product", classified="internal")]
InteractionId = Annotated[UUID, Input(title=_("Interaction"), resource="interaction", classified="internal")]
Verbatim = Annotated[str, Input(title=_("What was said"), max_length=8000, multiline=True, classified="text")]
Score = Annotated[int, Input(title=_("Score"), minimum=0, maximum=10, classified="internal")]
About = Annotated[str, Input(title=_("About what"), max_length=200, classified="internal")]
Touchpoint = Annotated[str, Input(title=_("Touchpoint"), max_length=80, classified="internal")]
Channel = Annotated[str, Input(title=_("Channel"), max_length=40, classified="internal")]
Language = Annotated[str, Input(title=_("Language"), max_length=12, classified="internal")]
Instant = Annotated[datetime, Input(title=_("Received at"), classified="internal")]
System = Annotated[str, Input(title=_("System"), max_length=60, classified="internal")]
ExternalId = Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")]
Loop = Annotated[
    bool | None,
    Input(title=_("To be seen to"), classified="internal", help=_("Without an answer the policies decide.")),
]
Text = Annotated[str, Input(title=_("Note"), max_length=2000, multiline=True, classified="text")]
Resolution = Annotated[str, Input(title=_("What was done"), max_length=2000, multiline=True, classified="text")]
Cause = Annotated[str, Input(title=_("Cause"), max_length=200, classified="internal")]
