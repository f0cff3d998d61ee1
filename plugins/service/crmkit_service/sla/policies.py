"""Making policies and changing them: what they promise is kept by versions, and open cases follow at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
from crmkit_work.api import Queue, WorkingHours
from sqlalchemy import func, select

from crmkit import (
    UNSET,
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    UnsetType,
    customers_where,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_service.cases.models import CaseType
from crmkit_service.cases.words import PRIORITIES
from crmkit_service.sla.models import Ladder, Policy, PolicyVersion
from crmkit_service.sla.recomputing import JOB
from crmkit_service.sla.terms import Rule, around_the_clock, as_rows, format_terms, of_rows, parse_terms

_ = texts("crmkit_service")

MANAGE = "service.sla_policy.manage"
_NOBODY = UUID(int=0)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Kind = Annotated[Literal["sla", "ola", "uc"], Input(title=_("Agreed"), classified="public")]
Level = Annotated[Literal["contract", "plan", "priority", "usual"], Input(title=_("Level"), classified="public")]
TermsText = Annotated[
    str,
    Input(
        title=_("What is promised"),
        max_length=4000,
        multiline=True,
        classified="public",
        help=_("A line for each clock: first_response: urgent 30m, normal 8h. Then resolution: 24h; pause on_hold."),
    ),
]
Condition = Annotated[
    str,
    Input(
        title=_("Holds for customers"),
        max_length=2000,
        multiline=True,
        classified="internal",
        help=_('A condition over facts, such as label.service_level == "premium"; empty for everybody.'),
    ),
]
Types = Annotated[
    tuple[str, ...],
    Input(title=_("Types of case"), max_length=50, classified="public", help=_("By name; all without any.")),
]
Queues = Annotated[
    tuple[str, ...], Input(title=_("Queues"), max_length=50, classified="public", help=_("By name; all without any."))
]
Priorities = Annotated[
    tuple[Literal["urgent", "high", "normal", "low"], ...],
    Input(title=_("Priorities"), max_length=4, classified="public", help=_("All without any.")),
]
About = Annotated[
    str,
    Input(
        title=_("Contract"),
        max_length=160,
        classified="internal",
        help=_("The record that cases are about, as resource:id."),
    ),
]
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
CalendarName = Annotated[
    str,
    Input(
        title=_("Working calendar"),
        max_length=60,
        classified="public",
        help=_(
            "By name; \"always\" counts every second; without one it is the customer's, the team's or the usual one."
        ),
    ),
]
LadderId = Annotated[UUID, Input(title=_("Escalation ladder"), resource="service.sla_ladder", classified="public")]
Position = Annotated[int, Input(title=_("Position"), minimum=0, maximum=10_000, classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]


@operation("service.sla_policy.create", title=_("Add a policy"), permission=MANAGE, effect="create")
def create_policy(
    session: CrmSession,
    *,
    name: Name,
    terms: TermsText,
    title: Title = "",
    kind: Kind = "sla",
    level: Level = "usual",
    position: Position = 100,
    condition: Condition = "",
    types: Types = (),
    queues: Queues = (),
    priorities: Priorities = (),
    about: About | None = None,
    customer_id: CustomerId | None = None,
    calendar: CalendarName | None = None,
    ladder_id: LadderId | None = None,
) -> Policy:
    """Add a policy with its first version; the open cases for which it holds follow it at once.

    Raises AlreadyExists for a name that is taken, InvalidInput for terms or a condition that cannot be used, NotFound
    for a type, queue, customer, calendar or ladder that there is not.
    """
    if _NAME.fullmatch(name) is None:
        hint = _("Use small letters, digits and underscores, beginning with a letter.")
        raise InvalidInput([Problem(InvalidInput.code, _('"{name}" is no name.'), field="name", hint=hint, name=name)])
    if session.scalar(select(Policy.id).where(Policy.name == name)) is not None:
        raise AlreadyExists(_('There is a policy "{name}" already.'), name=name)
    rules = parse_terms(terms, kind=kind)
    policy = Policy(
        name=name,
        title=title or name,
        kind=kind,
        level=level,
        position=position,
        condition=condition.strip(),
        types=list(types),
        queues=_queue_ids(session, queues),
        priorities=list(priorities),
        about=about or None,
        customer_id=customer_id,
        calendar=calendar or None,
        ladder_id=ladder_id,
    )
    _check(session, policy, rules)
    session.add(policy)
    session.flush()
    _add_version(session, policy, rules)
    session.defer(JOB)
    return policy


@attrs.frozen(kw_only=True)
class PolicyUpdate:
    """What to change of a policy; what is not given stays. Terms that are given are a new version, from now on."""

    title: Title | UnsetType = UNSET
    terms: TermsText | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    queues: Queues | UnsetType = UNSET
    priorities: Priorities | UnsetType = UNSET
    about: About | UnsetType | None = UNSET
    customer_id: CustomerId | UnsetType | None = UNSET
    calendar: CalendarName | UnsetType | None = UNSET
    ladder_id: LadderId | UnsetType | None = UNSET
    active: Active | UnsetType = UNSET


@operation("service.sla_policy.update", title=_("Change the policy"), permission=MANAGE, effect="update")
def update_policy(session: CrmSession, policy: Policy, changes: PolicyUpdate) -> Policy:
    """Change a policy; open cases are judged by it from now on, and keep what is used up. What has ended stays judged
    by what held then. Raises InvalidInput and NotFound as adding does."""
    values: dict[str, Any] = given(changes)
    text = values.pop("terms", None)
    rules = current(session, policy)
    if text is not None:
        rules = parse_terms(text, kind=policy.kind)
    if "queues" in values:
        values["queues"] = _queue_ids(session, values["queues"])
    for name, value in values.items():
        setattr(policy, name, list(value) if name in ("types", "priorities") else value)
    _check(session, policy, rules)
    if text is not None and as_rows(rules) != as_rows(current(session, policy)):
        _add_version(session, policy, rules)
    session.defer(JOB)
    return policy


def current(session: CrmSession, policy: Policy) -> tuple[Rule, ...]:
    """Return what a policy promises now."""
    query = select(PolicyVersion.clocks).where(PolicyVersion.policy_id == policy.id)
    rows = session.scalar(query.order_by(PolicyVersion.number.desc()).limit(1))
    return of_rows(rows) if rows is not None else ()


def terms_text(session: CrmSession, policy: Policy) -> str:
    """Return what a policy promises now, as it is written."""
    return format_terms(current(session, policy))


def policy_named(session: CrmSession, name: str) -> Policy:
    """Return a policy by its name. Raises NotFound with the names that there are."""
    found = session.scalar(select(Policy).where(Policy.name == name))
    if found is None:
        names = ", ".join(session.scalars(select(Policy.name).order_by(Policy.name))) or "–"
        raise NotFound(_('There is no policy "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    return found


def _add_version(session: CrmSession, policy: Policy, rules: Sequence[Rule]) -> None:
    last = session.scalar(select(func.max(PolicyVersion.number)).where(PolicyVersion.policy_id == policy.id))
    session.add(
        PolicyVersion(
            recorded_at=session.gate.clock.now(),
            policy_id=policy.id,
            number=(last or 0) + 1,
            since=session.gate.clock.business_now(),
            clocks=as_rows(rules),
            user_id=session.actor.user_id,
        )
    )
    session.flush()


def _check(session: CrmSession, policy: Policy, rules: Sequence[Rule]) -> None:
    for name in policy.types:
        if session.scalar(select(CaseType.id).where(CaseType.name == name)) is None:
            raise NotFound(_('There is no type of case "{name}".'), name=name)
    for name in policy.priorities:
        if name not in PRIORITIES:
            raise _problem("priorities", _('"{name}" is no priority.'), name=name)
    if policy.customer_id is not None and session.get(Customer, policy.customer_id) is None:
        raise NotFound(_("There is no customer {id}."), id=policy.customer_id)
    if policy.ladder_id is not None and session.get(Ladder, policy.ladder_id) is None:
        raise NotFound(_("There is no ladder {id}."), id=policy.ladder_id)
    for name in {policy.calendar or "", *(rule.calendar for rule in rules)}:
        known = not name or around_the_clock(name)
        if not known and session.scalar(select(WorkingHours.id).where(WorkingHours.name == name)) is None:
            raise NotFound(_('There is no calendar "{name}".'), name=name)
    if policy.condition:
        check_condition(session, policy.condition)


def check_condition(session: CrmSession, condition: str) -> None:
    """Raise InvalidInput for a condition over facts that cannot be used."""
    try:
        customers_where(session, condition, among=[_NOBODY])
    except CrmkitError as error:
        problems = [*error.problems] or [Problem(error.code, str(error))]
        for problem in problems:
            problem.field = "condition"
        raise InvalidInput(problems) from error


def _queue_ids(session: CrmSession, names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        queue = session.scalar(select(Queue.id).where(Queue.name == name))
        if queue is None:
            raise NotFound(_('There is no queue "{name}".'), name=name)
        found.append(str(queue))
    return found


def _problem(field: str, message: str, **values: Any) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])


def versions_of(session: CrmSession, policy: Policy) -> list[tuple[int, datetime, str]]:
    """Return the versions of a policy, the newest first: number, since when, and what it promised, as it is written."""
    query = select(PolicyVersion).where(PolicyVersion.policy_id == policy.id).order_by(PolicyVersion.number.desc())
    return [(each.number, each.since, format_terms(of_rows(each.clocks))) for each in session.scalars(query)]


OPERATIONS = [create_policy, update_policy]
