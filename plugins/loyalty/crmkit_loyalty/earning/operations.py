"""Writing rules: a draft is changed until it is published; then it counts, and the one before retires."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from attrs import frozen
from sqlalchemy import func, select

from crmkit import UNSET, CrmSession, Input, UnsetType, given, new_id, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_loyalty.earning.compiling import checked
from crmkit_loyalty.earning.errors import NotADraft
from crmkit_loyalty.earning.models import EarnRule, RuleSet
from crmkit_loyalty.earning.words import MODES, ROUNDINGS, SCOPES, SET_STATES
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import program_named, type_named
from crmkit_loyalty.programs.inputs import Active, PendingDays, ProgramName, TypeName
from crmkit_loyalty.programs.models import Program

_ = texts("crmkit_loyalty")

MANAGE = "loyalty.program.manage"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
MOST = 500
"""Rules of one version."""

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Event = Annotated[
    str,
    Input(title=_("For"), help=_("A kind of interactions, such as purchase."), max_length=60, classified="internal"),
]
Scope = Annotated[Literal["order", "line"], Input(title=_("Asked of"), choices=SCOPES, classified="internal")]
Mode = Annotated[Literal["add", "multiply"], Input(title=_("What it does"), choices=MODES, classified="internal")]
Position = Annotated[int, Input(title=_("Position"), minimum=0, maximum=10_000, classified="internal")]
Condition = Annotated[
    str,
    Input(
        title=_("Condition"),
        help=_("An expression such as category == “tea” and amount >= 100. Empty: always."),
        max_length=2000,
        multiline=True,
        classified="internal",
    ),
]
Points = Annotated[
    str,
    Input(
        title=_("How many points"),
        help=_("An expression such as amount * 10 or 50."),
        max_length=500,
        classified="internal",
    ),
]
Rounding = Annotated[
    Literal["down", "half_up", "up"], Input(title=_("Rounded"), choices=ROUNDINGS, classified="internal")
]
Stack = Annotated[
    str, Input(title=_("Only the best of"), help=_("Rules with the same word."), max_length=60, classified="internal")
]
Note = Annotated[str, Input(title=_("Note"), max_length=500, classified="internal")]
CapOnce = Annotated[int, Input(title=_("At most at once"), minimum=0, maximum=1_000_000_000_000, classified="internal")]
CapDay = Annotated[int, Input(title=_("At most a day"), minimum=0, maximum=1_000_000_000_000, classified="internal")]
CapPeriod = Annotated[
    int, Input(title=_("At most within days"), minimum=0, maximum=1_000_000_000_000, classified="internal")
]
CapDays = Annotated[int, Input(title=_("Days of that"), minimum=0, maximum=3650, classified="internal")]
Last = Annotated[bool, Input(title=_("No rule after it"), classified="internal")]
Since = Annotated[date, Input(title=_("From"), classified="internal")]
Until = Annotated[date, Input(title=_("Until"), classified="internal")]


@frozen(kw_only=True)
class NewRule:
    """A rule that is added to a draft."""

    name: Name
    points: Points
    title: Title = ""
    point_type: TypeName = ""
    event: Event = "purchase"
    scope: Scope = "order"
    mode: Mode = "add"
    position: Position = 100
    condition: Condition = ""
    rounding: Rounding = "down"
    stack: Stack = ""
    last: Last = False
    cap_once: CapOnce | None = None
    cap_day: CapDay | None = None
    cap_period: CapPeriod | None = None
    cap_days: CapDays = 365
    since: Since | None = None
    until: Until | None = None
    pending_days: PendingDays | None = None


@frozen(kw_only=True)
class RuleUpdate:
    """What is to be changed of a rule of a draft; what is not given stays."""

    points: Points | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    scope: Scope | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    rounding: Rounding | UnsetType = UNSET
    stack: Stack | UnsetType = UNSET
    last: Last | UnsetType = UNSET
    cap_once: CapOnce | UnsetType | None = UNSET
    cap_day: CapDay | UnsetType | None = UNSET
    cap_period: CapPeriod | UnsetType | None = UNSET
    cap_days: CapDays | UnsetType = UNSET
    since: Since | UnsetType | None = UNSET
    until: Until | UnsetType | None = UNSET
    pending_days: PendingDays | UnsetType | None = UNSET
    active: Active | UnsetType = UNSET


@operation("loyalty.rule_set.draft", title=_("Begin a new version"), permission=MANAGE, effect="create")
def draft(session: CrmSession, *, program: ProgramName = "", note: Note = "") -> RuleSet:
    """Begin a version of the rules of a programme with the rules that count now; a draft that is there is returned.
    Raises NotFound."""
    found = program_named(session, program)
    query = select(RuleSet).where(RuleSet.program_id == found.id)
    there = session.scalars(query.where(RuleSet.state == "draft")).first()
    if there is not None:
        return there
    last = session.scalars(
        select(func.coalesce(func.max(RuleSet.number), 0)).where(RuleSet.program_id == found.id)
    ).one()
    made = RuleSet(id=new_id(), program_id=found.id, number=last + 1, note=note.strip() or None)
    session.add(made)
    session.flush()
    present = published(session, found)
    if present is not None:
        for rule in session.scalars(select(EarnRule).where(EarnRule.set_id == present.id)):
            values = {name: getattr(rule, name) for name in _COPIED}
            session.add(EarnRule(set_id=made.id, **values))
    return made


@operation("loyalty.earn_rule.create", title=_("Add a rule"), permission=MANAGE, effect="create")
def create_rule(session: CrmSession, rule_set: RuleSet, new: NewRule) -> EarnRule:
    """Add a rule to a draft. Raises NotADraft, AlreadyExists, InvalidInput for an expression that cannot be used, with
    the column, NotFound for points that the programme has not."""
    _require_draft(rule_set)
    if not _NAME.fullmatch(new.name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))
    names = list(session.scalars(select(EarnRule.name).where(EarnRule.set_id == rule_set.id)))
    if new.name in names:
        raise AlreadyExists(_('There is a rule "{name}" already.'), name=new.name)
    if len(names) >= MOST:
        raise problem("name", _("A version has at most {number} rules."), number=MOST)
    kind = type_named(session, session.get_one(Program, rule_set.program_id), new.point_type)
    rule = EarnRule(
        set_id=rule_set.id,
        name=new.name,
        title=new.title.strip() or new.name,
        type_id=kind.id,
        stack=new.stack.strip() or None,
        **{name: getattr(new, name) for name in _GIVEN},
    )
    _check(session, rule)
    session.add(rule)
    return rule


@operation("loyalty.earn_rule.update", title=_("Change the rule"), permission=MANAGE, effect="update")
def update_rule(session: CrmSession, earn_rule: EarnRule, changes: RuleUpdate) -> EarnRule:
    """Change a rule of a draft. Raises NotADraft, InvalidInput for an expression that cannot be used."""
    _require_draft(session.get_one(RuleSet, earn_rule.set_id))
    for name, value in given(changes).items():
        setattr(earn_rule, name, (value.strip() or None) if name == "stack" else value)
    _check(session, earn_rule)
    return earn_rule


@operation("loyalty.earn_rule.remove", title=_("Remove the rule"), permission=MANAGE, effect="delete")
def remove_rule(session: CrmSession, earn_rule: EarnRule) -> None:
    """Remove a rule from a draft. Raises NotADraft."""
    _require_draft(session.get_one(RuleSet, earn_rule.set_id))
    session.delete(earn_rule)


@operation("loyalty.rule_set.publish", title=_("Publish the rules"), permission=MANAGE, effect="update")
def publish(session: CrmSession, rule_set: RuleSet) -> RuleSet:
    """Have a draft count from now on; the version before retires. Raises NotADraft, InvalidInput for rules that cannot
    be used, all at once."""
    _require_draft(rule_set)
    for rule in session.scalars(select(EarnRule).where(EarnRule.set_id == rule_set.id)):
        checked(session, rule, f"{rule.name}.")
    now = session.gate.clock.business_now()
    before = published(session, session.get_one(Program, rule_set.program_id))
    if before is not None:
        before.state, before.retired_at = "retired", now
    rule_set.state, rule_set.published_at = "published", now
    return rule_set


def published(session: CrmSession, program: Program) -> RuleSet | None:
    """Return the version of the rules of a programme that counts."""
    query = select(RuleSet).where(RuleSet.program_id == program.id, RuleSet.state == "published")
    return session.scalars(query.order_by(RuleSet.number.desc())).first()


def _require_draft(version: RuleSet) -> None:
    if version.state != "draft":
        raise NotADraft(version.number, SET_STATES[version.state])


def _check(session: CrmSession, rule: EarnRule) -> None:
    if rule.since is not None and rule.until is not None and rule.until < rule.since:
        raise problem("until", _("This is before its first day."))
    if rule.cap_period is not None and rule.cap_days < 1:
        raise problem("cap_days", _("Say within how many days: 1 or more."))
    checked(session, rule)


_GIVEN = (
    "event", "scope", "mode", "position", "condition", "points", "rounding", "last", "cap_once", "cap_day",
    "cap_period", "cap_days", "since", "until", "pending_days",
)  # fmt: skip
_COPIED = (*_GIVEN, "name", "title", "type_id", "stack", "active")
OPERATIONS = [draft, create_rule, update_rule, remove_rule, publish]
