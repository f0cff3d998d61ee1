"""Reasons for winning and losing, and competitors: what one chooses from when an opportunity is closed."""

from __future__ import annotations

from typing import Annotated

import attrs
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_sales.pipelines.pipeline_models import ClosingReason, Competitor
from crmkit_sales.pipelines.stages import KINDS, LOST, WON

_ = texts("crmkit_sales")

MANAGE = "sales.pipeline.manage"
SIDES = {WON: KINDS[WON], LOST: KINDS[LOST]}

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]
CompetitorName = Annotated[str, Input(title=_("Name"), max_length=120, classified="internal")]
Website = Annotated[str, Input(title=_("Website"), max_length=300, classified="internal")]
Notes = Annotated[str, Input(title=_("Notes"), max_length=5000, multiline=True, classified="text")]


@operation("sales.reason.create", title=_("Add a reason"), permission=MANAGE, effect="create")
def create_reason(
    session: CrmSession,
    *,
    name: Name,
    title: Title,
    kind: Annotated[str, Input(title=_("Kind"), choices=SIDES, max_length=4, classified="public")] = LOST,
) -> ClosingReason:
    """Add a reason for winning or losing. Raises AlreadyExists for a name that is taken, InvalidInput for a kind that
    there is not."""
    if kind not in SIDES:
        raise InvalidInput([Problem(InvalidInput.code, _("Use won or lost."), field="kind")])
    if session.scalar(select(ClosingReason.id).where(ClosingReason.name == name)) is not None:
        raise AlreadyExists(_('There is a reason "{name}" already.'), name=name)
    reason = ClosingReason(kind=kind, name=name, title=title, active=True)
    session.add(reason)
    return reason


@attrs.frozen(kw_only=True)
class ReasonUpdate:
    """What to change of a reason; what is not given stays."""

    title: Title | UnsetType = UNSET
    active: Active | UnsetType = UNSET


@operation("sales.reason.update", title=_("Change the reason"), permission=MANAGE, effect="update")
def update_reason(session: CrmSession, reason: ClosingReason, changes: ReasonUpdate) -> ClosingReason:
    """Change a reason; opportunities keep it, also where it is not active any more."""
    for name, value in given(changes).items():
        setattr(reason, name, value)
    return reason


@operation("sales.competitor.create", title=_("Add a competitor"), effect="create")
def create_competitor(
    session: CrmSession, *, name: CompetitorName, website: Website | None = None, notes: Notes | None = None
) -> Competitor:
    """Add a competitor. Raises AlreadyExists for a name that is taken."""
    clean = " ".join(name.split())
    if not clean:
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(Competitor.id).where(Competitor.name == clean)) is not None:
        raise AlreadyExists(_('There is a competitor "{name}" already.'), name=clean)
    competitor = Competitor(name=clean, website=website, notes=notes, active=True)
    session.add(competitor)
    return competitor


@attrs.frozen(kw_only=True)
class CompetitorUpdate:
    """What to change of a competitor; what is not given stays."""

    website: Website | UnsetType | None = UNSET
    notes: Notes | UnsetType | None = UNSET
    active: Active | UnsetType = UNSET


@operation("sales.competitor.update", title=_("Change the competitor"), effect="update")
def update_competitor(session: CrmSession, competitor: Competitor, changes: CompetitorUpdate) -> Competitor:
    """Change a competitor."""
    for name, value in given(changes).items():
        setattr(competitor, name, value)
    return competitor


OPERATIONS = [create_reason, update_reason, create_competitor, update_competitor]
