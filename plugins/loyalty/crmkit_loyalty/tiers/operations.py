"""Saying which tiers there are, and giving one by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import program_named, type_named
from crmkit_loyalty.programs.inputs import Name, ProgramName, Title, TypeName
from crmkit_loyalty.programs.models import Member, Program
from crmkit_loyalty.tiers.models import MemberTier, Tier, TierMetric, TierPolicy
from crmkit_loyalty.tiers.moving import current_of, look_at, put
from crmkit_loyalty.tiers.words import DOWNGRADES, LANDINGS, SOURCES, WINDOWS

_ = texts("crmkit_loyalty")

MANAGE = "loyalty.program.manage"
GRANT = "loyalty.tier.grant"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
Window = Annotated[
    Literal["calendar_year", "rolling", "anniversary"],
    Input(title=_("Counted in"), choices=WINDOWS, classified="internal"),
]
Downgrade = Annotated[Literal["never", "period_end"], Input(title=_("Lost"), choices=DOWNGRADES, classified="internal")]
Landing = Annotated[Literal["one_down", "recompute"], Input(title=_("Then"), choices=LANDINGS, classified="internal")]
Source = Annotated[
    Literal["points", "spend", "events"], Input(title=_("Counts"), choices=SOURCES, classified="internal")
]
_LINES = _("One line for each thing that is counted: its name, a colon, the number.")
Reach = Annotated[
    Mapping[str, Decimal],
    Input(title=_("To reach it"), help=_LINES, classified="internal"),
]
Keep = Annotated[
    Mapping[str, Decimal],
    Input(title=_("To keep it"), help=_LINES, classified="internal"),
]
Grace = Annotated[int, Input(title=_("Grace (days)"), minimum=0, maximum=3650, classified="internal")]


@operation("loyalty.tier_policy.set", title=_("Say how tiers are won and lost"), permission=MANAGE, effect="update")
def set_policy(
    session: CrmSession,
    *,
    program: ProgramName = "",
    window: Window = "calendar_year",
    months: Annotated[int, Input(title=_("Months of that"), minimum=1, maximum=120, classified="internal")] = 12,
    downgrade: Downgrade = "period_end",
    grace_days: Grace = 0,
    landing: Landing = "recompute",
) -> TierPolicy:
    """Say how tiers of a programme are won and lost from now on. Raises NotFound."""
    found = program_named(session, program)
    policy = policy_of(session, found)
    policy.window, policy.months, policy.downgrade = window, months, downgrade
    policy.grace_days, policy.landing = grace_days, landing
    session.add(policy)
    return policy


@operation("loyalty.tier_metric.create", title=_("Add what is counted"), permission=MANAGE, effect="create")
def create_metric(
    session: CrmSession,
    *,
    name: Name,
    source: Source,
    title: Title = "",
    program: ProgramName = "",
    point_type: TypeName = "",
    event: Annotated[str, Input(title=_("What happened"), max_length=60, classified="internal")] = "",
) -> TierMetric:
    """Add something that is counted for tiers. Raises AlreadyExists, InvalidInput, NotFound."""
    found = program_named(session, program)
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))
    if name in {each.name for each in metrics_of(session, found)}:
        raise AlreadyExists(_('"{name}" is counted already.'), name=name)
    if source == "events" and not event:
        raise problem("event", _("Say what is counted: a kind of interactions."))
    made = TierMetric(
        program_id=found.id,
        name=name,
        title=title.strip() or name,
        source=source,
        type_id=type_named(session, found, point_type).id if source == "points" else None,
        event=event if source == "events" else None,
    )
    session.add(made)
    return made


@operation("loyalty.tier.create", title=_("Add a tier"), permission=MANAGE, effect="create")
def create_tier(
    session: CrmSession,
    *,
    name: Name,
    level: Annotated[int, Input(title=_("Level"), minimum=0, maximum=99, classified="public")],
    title: Title = "",
    program: ProgramName = "",
    reach: Reach = {},  # noqa: B006 (inputs are never changed)
    keep: Keep | None = None,
    benefits: Annotated[
        str, Input(title=_("What it brings"), max_length=2000, multiline=True, classified="public")
    ] = "",
) -> Tier:
    """Add a tier; without ``keep`` it is kept by what reaches it. Raises AlreadyExists, InvalidInput for a number of
    something that is not counted, and for a lowest tier that takes something, NotFound."""
    found = program_named(session, program)
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))
    there = session.scalars(select(Tier).where(Tier.program_id == found.id)).all()
    if name in {each.name for each in there} or level in {each.level for each in there}:
        raise AlreadyExists(_('There is a tier "{name}" or one of level {level} already.'), name=name, level=level)
    tier = Tier(
        program_id=found.id, name=name, title=title.strip() or name, level=level, benefits=benefits.strip() or None
    )
    _set_wanted(session, found, tier, reach, reach if keep is None else keep)
    session.add(tier)
    return tier


@operation("loyalty.tier.update", title=_("Change the tier"), permission=MANAGE, effect="update")
def update_tier(
    session: CrmSession,
    tier: Tier,
    *,
    title: Title = "",
    reach: Reach | None = None,
    keep: Keep | None = None,
    benefits: Annotated[
        str, Input(title=_("What it brings"), max_length=2000, multiline=True, classified="public")
    ] = "",
) -> Tier:
    """Change a tier from now on; what is not given stays. Raises InvalidInput for a number of something that is not
    counted."""
    tier.title = title.strip() or tier.title
    tier.benefits = benefits.strip() or tier.benefits
    program = session.get_one(Program, tier.program_id)
    _set_wanted(session, program, tier, tier.reach if reach is None else reach, tier.keep if keep is None else keep)
    return tier


@operation(GRANT, title=_("Give a tier by hand"), permission=GRANT, effect="update")
def grant(
    session: CrmSession,
    member: Member,
    *,
    tier: Annotated[str, Input(title=_("Tier"), max_length=60, classified="internal")],
    reason: Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")],
    until: Annotated[date | None, Input(title=_("Through"), classified="internal")] = None,
) -> MemberTier:
    """Give a member a tier, through a day, or until it is taken back by giving another one; a higher one that is
    reached meanwhile counts. Raises NotFound, InvalidInput for a day gone by or no reason."""
    program = session.get_one(Program, member.program_id)
    found = session.scalars(select(Tier).where(Tier.program_id == program.id, Tier.name == tier)).first()
    if found is None:
        raise problem("tier", _('The programme has no tier "{name}".'), name=tier)
    if not reason.strip():
        raise problem("reason", _("Say why."))
    today = session.today()
    if until is not None and until < today:
        raise problem("until", _("This day has gone by."))
    look_at(session, program, [member])
    held = current_of(session, member)
    made = put(session, member, held, found, since=today, until=until, reason="by_hand", note=reason)
    made.pinned_until = until or date.max
    return made


def policy_of(session: CrmSession, program: Program) -> TierPolicy:
    """Return how tiers of a programme are won and lost; a new value where nothing was said."""
    query = select(TierPolicy).where(TierPolicy.program_id == program.id)
    return session.scalars(query).first() or TierPolicy(program_id=program.id)


def metrics_of(session: CrmSession, program: Program) -> list[TierMetric]:
    """Return what is counted for the tiers of a programme."""
    query = select(TierMetric).where(TierMetric.program_id == program.id)
    return list(session.scalars(query.order_by(TierMetric.name)))


def _set_wanted(
    session: CrmSession, program: Program, tier: Tier, reach: Mapping[str, Any], keep: Mapping[str, Any]
) -> None:
    counted = {each.name for each in metrics_of(session, program)}
    for name, wanted in (("reach", reach), ("keep", keep)):
        for metric, number in wanted.items():
            if metric not in counted:
                raise problem(
                    name, _('"{metric}" is not counted. There are: {known}.'), metric=metric,
                    known=", ".join(sorted(counted)) or "–",
                )  # fmt: skip
            if Decimal(number) < 0:
                raise problem(name, _("A number cannot be below nought."))
    if tier.level == 0 and reach:
        raise problem("reach", _("The lowest tier takes nothing: everybody has it."))
    tier.reach = {metric: str(number) for metric, number in reach.items()}
    tier.keep = {metric: str(number) for metric, number in keep.items()}


OPERATIONS = [set_policy, create_metric, create_tier, update_tier, grant]
