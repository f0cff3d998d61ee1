"""Laying down ladders, and who is on call when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import attrs
from crmkit_work.api import Queue
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    Team,
    UnsetType,
    User,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_service.sla.errors import ShiftsOverlap
from crmkit_service.sla.ladders import format_steps, parse_steps
from crmkit_service.sla.models import Ladder, Rota, RotaShift
from crmkit_service.sla.recomputing import JOB

_ = texts("crmkit_service")

MANAGE = "service.sla_policy.manage"
Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Steps = Annotated[
    str,
    Input(
        title=_("Steps"),
        max_length=4000,
        multiline=True,
        classified="public",
        help=_("One a line, such as 75% owner; 0 lead priority:urgent; +2h manager repeat 1h x3; +4h rota:night."),
    ),
]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]


@operation("service.sla_ladder.create", title=_("Add an escalation ladder"), permission=MANAGE, effect="create")
def create_ladder(session: CrmSession, *, name: Name, steps: Steps, title: Title = "") -> Ladder:
    """Add a ladder; policies name it. Raises AlreadyExists for a name that is taken, InvalidInput for steps that are
    not understood, NotFound for a user, team, rota or queue that there is not."""
    _named(session, Ladder, name)
    ladder = Ladder(name=name.strip(), title=title or name, steps=_checked(session, steps))
    session.add(ladder)
    return ladder


@attrs.frozen(kw_only=True)
class SlaLadderUpdate:
    """What to change of a ladder; what is not given stays."""

    title: Title | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    active: Active | UnsetType = UNSET


@operation("service.sla_ladder.update", title=_("Change the ladder"), permission=MANAGE, effect="update")
def update_ladder(session: CrmSession, ladder: Ladder, changes: SlaLadderUpdate) -> Ladder:
    """Change a ladder; clocks that run go on by it. Raises InvalidInput and NotFound as adding does."""
    values = given(changes)
    if "steps" in values:
        values["steps"] = _checked(session, values["steps"])
    for name, value in values.items():
        setattr(ladder, name, value)
    session.defer(JOB)
    return ladder


@operation("service.rota.create", title=_("Add a rota"), permission=MANAGE, effect="create")
def create_rota(session: CrmSession, *, name: Name, title: Title = "") -> Rota:
    """Add a rota, a list of who is on call. Raises AlreadyExists for a name that is taken."""
    _named(session, Rota, name)
    rota = Rota(name=name.strip(), title=title or name)
    session.add(rota)
    return rota


@operation("service.rota.add_shift", title=_("Put somebody on call"), permission=MANAGE, effect="update")
def add_shift(
    session: CrmSession,
    rota: Rota,
    *,
    user_id: Annotated[UUID, Input(title=_("On call"), resource="user", classified="internal")],
    starts_at: Annotated[datetime, Input(title=_("Since"), classified="internal")],
    ends_at: Annotated[datetime, Input(title=_("Until"), classified="internal")],
) -> RotaShift:
    """Put somebody on call for a time. Raises NotFound for nobody active, InvalidInput for a time that ends before it
    begins, ShiftsOverlap where somebody else is on call then."""
    if session.scalar(select(User.id).where(User.id == user_id, User.active)) is None:
        raise NotFound(_("There is no active user {id}."), id=user_id)
    if ends_at <= starts_at:
        raise InvalidInput([Problem(InvalidInput.code, _("It ends before it begins."), field="ends_at")])
    other = select(RotaShift.id).where(
        RotaShift.rota_id == rota.id, RotaShift.starts_at < ends_at, RotaShift.ends_at > starts_at
    )
    if session.scalar(other.limit(1)) is not None:
        raise ShiftsOverlap(fix=_("Take the other turn away first, or choose another time."))
    shift = RotaShift(rota_id=rota.id, user_id=user_id, starts_at=starts_at, ends_at=ends_at)
    session.add(shift)
    return shift


@operation("service.rota.remove_shift", title=_("Take off call"), permission=MANAGE, effect="delete")
def remove_shift(session: CrmSession, shift: RotaShift) -> None:
    """Take a turn away from a rota."""
    session.delete(shift)


def _named(session: CrmSession, model: type[Ladder] | type[Rota], name: str) -> None:
    if not name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(model.id).where(model.name == name.strip())) is not None:
        raise AlreadyExists(_('The name "{name}" is taken.'), name=name.strip())


def _checked(session: CrmSession, text: str) -> str:
    """Return steps as they are kept. Raises InvalidInput for what is not understood, NotFound for who is not there."""
    steps = parse_steps(text)
    for step in steps:
        model, column = {"user": (User, User.login), "team": (Team, Team.name), "rota": (Rota, Rota.name)}.get(
            step.target, (None, None)
        )
        if model is not None and session.scalar(select(model.id).where(column == step.name)) is None:
            raise NotFound(_('There is no {kind} "{name}".'), kind=step.target, name=step.name)
        if step.queue and session.scalar(select(Queue.id).where(Queue.name == step.queue)) is None:
            raise NotFound(_('There is no queue "{name}".'), name=step.queue)
    return format_steps(steps)


OPERATIONS = [create_ladder, update_ladder, create_rota, add_shift, remove_shift]
