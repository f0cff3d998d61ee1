"""Writing challenges: a draft is changed until it is published; then members take part, until it is retired."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from attrs import frozen
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_loyalty.challenges.errors import NotADraftChallenge
from crmkit_loyalty.challenges.events import ChallengePublished
from crmkit_loyalty.challenges.happened import checked_condition
from crmkit_loyalty.challenges.models import Challenge
from crmkit_loyalty.challenges.words import BADGES, KINDS, STATES, UNITS, WINDOWS
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import program_named, type_named
from crmkit_loyalty.programs.inputs import ProgramName, Title, TypeName

_ = texts("crmkit_loyalty")

MANAGE = "loyalty.challenge.manage"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
LONGEST_ROW = 3660

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Description = Annotated[str, Input(title=_("Description"), max_length=2000, multiline=True, classified="public")]
Kind = Annotated[Literal["count", "sum", "streak"], Input(title=_("Counts"), choices=KINDS, classified="internal")]
Event = Annotated[
    str,
    Input(title=_("For"), help=_("A kind of interactions, such as purchase."), max_length=60, classified="internal"),
]
Condition = Annotated[
    str,
    Input(
        title=_("Condition"),
        help=_("An expression such as amount >= 100 and channel == “store”. Empty: always."),
        max_length=2000,
        multiline=True,
        classified="internal",
    ),
]
Target = Annotated[
    Decimal,
    Input(
        title=_("How much it takes"),
        help=_("Times, money in the base currency, or how many in a row."),
        minimum=0,
        maximum=1_000_000_000,
        classified="public",
    ),
]
Window = Annotated[
    Literal["whole", "day", "week", "month", "quarter", "year"],
    Input(title=_("Within"), help=_("Not of a streak."), choices=WINDOWS, classified="internal"),
]
Unit = Annotated[
    Literal["day", "week", "month"],
    Input(title=_("In a row"), help=_("Of a streak."), choices=UNITS, classified="internal"),
]
PerUnit = Annotated[
    int, Input(title=_("Times in each"), help=_("Of a streak."), minimum=1, maximum=1000, classified="internal")
]
Again = Annotated[bool, Input(title=_("Can be done again"), help=_("Of a streak."), classified="internal")]
Day = Annotated[date, Input(classified="public")]
Points = Annotated[int, Input(title=_("Points for it"), minimum=0, maximum=1_000_000_000, classified="public")]
BadgeTitle = Annotated[
    str, Input(title=_("Badge"), help=_("What is shown for it; empty: none."), max_length=120, classified="public")
]
BadgeRule = Annotated[Literal["keep", "take_away"], Input(title=_("The badge"), choices=BADGES, classified="internal")]


@frozen(kw_only=True)
class NewChallenge:
    """A challenge that is added as a draft."""

    name: Name
    target: Target
    title: Title = ""
    description: Description = ""
    kind: Kind = "count"
    event: Event = "purchase"
    condition: Condition = ""
    window: Window = "whole"
    unit: Unit = "day"
    per_unit: PerUnit = 1
    again: Again = True
    since: Annotated[date | None, Input(title=_("From"), classified="public")] = None
    until: Annotated[date | None, Input(title=_("Until"), classified="public")] = None
    points: Points = 0
    badge: BadgeTitle = ""
    badge_rule: BadgeRule = "take_away"
    point_type: TypeName = ""
    program: ProgramName = ""


@frozen(kw_only=True)
class ChallengeUpdate:
    """What is to be changed of a draft; what is not given stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    event: Event | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    target: Target | UnsetType = UNSET
    window: Window | UnsetType = UNSET
    unit: Unit | UnsetType = UNSET
    per_unit: PerUnit | UnsetType = UNSET
    again: Again | UnsetType = UNSET
    since: Day | UnsetType | None = UNSET
    until: Day | UnsetType | None = UNSET
    points: Points | UnsetType = UNSET
    badge: BadgeTitle | UnsetType = UNSET
    badge_rule: BadgeRule | UnsetType = UNSET


@operation("loyalty.challenge.create", title=_("Add a challenge"), permission=MANAGE, effect="create")
def create(session: CrmSession, new: NewChallenge) -> Challenge:
    """Add a challenge as a draft. Raises AlreadyExists, InvalidInput for a name that is none, a condition that cannot
    be used or a target that cannot be reached, NotFound for points or a programme that there are not."""
    program = program_named(session, new.program)
    if not _NAME.fullmatch(new.name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))
    known = select(Challenge.id).where(Challenge.program_id == program.id, Challenge.name == new.name)
    if session.scalar(known) is not None:
        raise AlreadyExists(_('There is a challenge "{name}" already.'), name=new.name)
    made = Challenge(
        program_id=program.id,
        name=new.name,
        title=new.title.strip() or new.name,
        description=new.description.strip() or None,
        type_id=type_named(session, program, new.point_type).id,
        badge=new.badge.strip() or None,
        **{name: getattr(new, name) for name in _GIVEN},
    )
    _check(session, made)
    session.add(made)
    return made


@operation("loyalty.challenge.update", title=_("Change the challenge"), permission=MANAGE, effect="update")
def update(session: CrmSession, challenge: Challenge, changes: ChallengeUpdate) -> Challenge:
    """Change a draft. Raises NotADraftChallenge, InvalidInput as adding it does."""
    _require_draft(challenge)
    for name, value in given(changes).items():
        setattr(challenge, name, (value.strip() or None) if name in ("badge", "description") else value)
    challenge.title = challenge.title.strip() or challenge.name
    _check(session, challenge)
    return challenge


@operation("loyalty.challenge.publish", title=_("Publish the challenge"), permission=MANAGE, effect="update")
def publish(session: CrmSession, challenge: Challenge) -> Challenge:
    """Have members take part: what they do from its first day on counts, from today where none was said. Raises
    NotADraftChallenge, InvalidInput for a condition that cannot be used any more."""
    _require_draft(challenge)
    challenge.since = challenge.since or session.today()
    _check(session, challenge)
    challenge.state, challenge.published_at = "published", session.gate.clock.business_now()
    session.emit(ChallengePublished(challenge_id=challenge.id, challenge=challenge.name))
    return challenge


@operation("loyalty.challenge.retire", title=_("Retire the challenge"), permission=MANAGE, effect="update")
def retire(session: CrmSession, challenge: Challenge) -> Challenge:
    """End a challenge with today; who completed it keeps what they got, as long as it is not reversed. Raises
    InvalidInput for one that was not published."""
    if challenge.state == "draft":
        raise problem("challenge", _("It was not published yet."))
    if challenge.state == "published":
        today = session.today()
        challenge.state, challenge.retired_at = "retired", session.gate.clock.business_now()
        challenge.until = min(challenge.until or today, today)
    return challenge


@operation("loyalty.challenge.remove", title=_("Remove the draft"), permission=MANAGE, effect="delete")
def remove(session: CrmSession, challenge: Challenge) -> None:
    """Remove a draft. Raises NotADraftChallenge."""
    _require_draft(challenge)
    session.delete(challenge)


def _require_draft(challenge: Challenge) -> None:
    if challenge.state != "draft":
        raise NotADraftChallenge(challenge.title, STATES[challenge.state])


def _check(session: CrmSession, challenge: Challenge) -> None:
    checked_condition(session, challenge.condition)
    if challenge.target <= 0:
        raise problem("target", _("Say how much it takes: more than nought."))
    if challenge.kind != "sum" and challenge.target != int(challenge.target):
        raise problem("target", _("Say a whole number."))
    if challenge.kind == "streak" and challenge.target > LONGEST_ROW:
        raise problem("target", _("At most {number} in a row."), number=LONGEST_ROW)
    if challenge.since is not None and challenge.until is not None and challenge.until < challenge.since:
        raise problem("until", _("This is before its first day."))


_GIVEN = (
    "kind", "event", "condition", "target", "window", "unit", "per_unit", "again", "since", "until", "points",
    "badge_rule",
)  # fmt: skip
OPERATIONS = [create, update, publish, retire, remove]
