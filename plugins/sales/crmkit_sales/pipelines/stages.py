"""The words of a sale: kinds of stages, forecast categories, and the stages that everybody begins with. Must not know
the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from crmkit import texts

_ = texts("crmkit_sales")

Kind = Literal["open", "won", "lost"]

OPEN_KIND: Kind = "open"
WON: Kind = "won"
LOST: Kind = "lost"

KINDS: Mapping[str, str] = {"open": _("Open"), "won": _("Won"), "lost": _("Lost")}
"""What a stage means for whoever counts, with titles."""

CATEGORIES: Mapping[str, str] = {
    "pipeline": _("Pipeline"),
    "best_case": _("Best case"),
    "commit": _("Commit"),
    "closed": _("Closed"),
    "omitted": _("Omitted"),
}
"""The categories of a forecast, with titles."""

CAUSES: Mapping[str, str] = {
    "created": _("Added"),
    "updated": _("Changed"),
    "moved": _("Moved"),
    "won": _("Won"),
    "lost": _("Lost"),
    "reopened": _("Opened again"),
    "migrated": _("Brought to another pipeline"),
    "removed": _("Removed"),
}
"""Why an opportunity's state is another one than before, with titles."""


@frozen(kw_only=True)
class NewStage:
    """A stage as a pipeline is given it; ``probability`` is in percent, ``rot_days`` None for never."""

    name: str
    title: str
    kind: Kind = "open"
    probability: int
    category: str
    rot_days: int | None = None
    reason_required: bool = False


STANDARD: tuple[NewStage, ...] = (
    NewStage(name="qualification", title=_("Qualification"), probability=20, category="pipeline", rot_days=30),
    NewStage(name="proposal", title=_("Proposal"), probability=50, category="best_case", rot_days=30),
    NewStage(name="negotiation", title=_("Negotiation"), probability=80, category="commit", rot_days=14),
    NewStage(name="won", title=_("Won"), kind="won", probability=100, category="closed"),
    NewStage(name="lost", title=_("Lost"), kind="lost", probability=0, category="omitted", reason_required=True),
)
"""The stages of the standard pipeline, in their order."""

STANDARD_NAME = "standard"
STANDARD_TITLE = _("Sales")

OPEN: Mapping[str, str] = {each.name: each.title for each in STANDARD if each.kind == OPEN_KIND}
"""Open stages of the standard pipeline, with their titles."""

STAGES: Mapping[str, str] = {each.name: each.title for each in STANDARD}
"""All stages of the standard pipeline, with their titles."""
