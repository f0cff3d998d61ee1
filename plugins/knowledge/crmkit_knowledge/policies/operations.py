"""Laying verification policies down. What is due already moves when it is counted anew, or at the next verification."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.finding import category_named, space_named
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.articles.words import AUDIENCES, KINDS, STANDING
from crmkit_knowledge.policies.finding import policies_of
from crmkit_knowledge.policies.models import Policy

_ = texts("crmkit_knowledge")

MANAGE = "knowledge.policy.manage"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Position = Annotated[
    int,
    Input(
        title=_("Position"),
        help=_("The first policy that fits holds."),
        minimum=0,
        maximum=100_000,
        classified="internal",
    ),
]
SpaceName = Annotated[str, Input(title=_("Space"), max_length=60, resource="knowledge.space", classified="internal")]
CategoryName = Annotated[
    str, Input(title=_("Category"), help=_("With all below it."), max_length=60, classified="internal")
]
Kind = Annotated[
    Literal["how_to", "faq", "troubleshooting", "policy"] | None,
    Input(title=_("Kind"), choices=KINDS, classified="internal"),
]
Audience = Annotated[
    Literal["public", "customers", "segment", "internal", "role"] | None,
    Input(title=_("For"), choices=AUDIENCES, classified="internal"),
]
Tag = Annotated[str, Input(title=_("Tag"), max_length=60, classified="internal")]
OwnerId = Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="internal")]
TeamId = Annotated[UUID | None, Input(title=_("Team"), resource="team", classified="internal")]
Months = Annotated[
    int, Input(title=_("Verified every (months)"), help=_("0: never."), minimum=0, maximum=120, classified="internal")
]
ResponsibleId = Annotated[
    UUID | None,
    Input(title=_("Verified by"), help=_("Else the owner."), resource="user", classified="internal"),
]
ResponsibleTeamId = Annotated[
    UUID | None,
    Input(
        title=_("Verified by the team"),
        help=_("In place of the owner, where nobody is named above."),
        resource="team",
        classified="internal",
    ),
]
RemindDays = Annotated[
    int,
    Input(title=_("Reminded before (days)"), help=_("0: not at all."), minimum=0, maximum=365, classified="internal"),
]
EscalateDays = Annotated[
    int | None,
    Input(title=_("Escalated after (days)"), help=_("Empty: never."), minimum=0, maximum=3650, classified="internal"),
]
EscalateToId = Annotated[UUID | None, Input(title=_("Escalated to"), resource="user", classified="internal")]
HideDays = Annotated[
    int | None,
    Input(
        title=_("Hidden after (days)"),
        help=_("Empty: as the space says."),
        minimum=0,
        maximum=3650,
        classified="internal",
    ),
]


@frozen(kw_only=True)
class NewPolicy:
    """A new policy. What it does not say, every article fits."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
    title: Title = ""
    position: Position = 100
    space: SpaceName = ""
    category: CategoryName = ""
    kind: Kind = None
    audience: Audience = None
    tag: Tag = ""
    owner_id: OwnerId = None
    team_id: TeamId = None
    months: Months = 12
    responsible_id: ResponsibleId = None
    responsible_team_id: ResponsibleTeamId = None
    remind_days: RemindDays = 14
    escalate_days: EscalateDays = None
    escalate_to_id: EscalateToId = None
    hide_days: HideDays = None


@frozen(kw_only=True)
class PolicyUpdate:
    """What is to be changed of a policy; what is not given stays."""

    title: Title | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET
    tag: Tag | UnsetType = UNSET
    owner_id: OwnerId | UnsetType = UNSET
    team_id: TeamId | UnsetType = UNSET
    months: Months | UnsetType = UNSET
    responsible_id: ResponsibleId | UnsetType = UNSET
    responsible_team_id: ResponsibleTeamId | UnsetType = UNSET
    remind_days: RemindDays | UnsetType = UNSET
    escalate_days: EscalateDays | UnsetType = UNSET
    escalate_to_id: EscalateToId | UnsetType = UNSET
    hide_days: HideDays | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


@operation("knowledge.policy.create", title=_("Add a verification policy"), permission=MANAGE, effect="create")
def create_policy(session: CrmSession, new: NewPolicy) -> Policy:
    """Add a policy. Raises AlreadyExists, InvalidInput for a name that is none, NotFound for a space or category that
    there is not."""
    if not _NAME.fullmatch(new.name):
        raise problem("name", _("A name has small letters, digits, - and _, and begins with a letter."))
    if session.scalar(select(Policy.id).where(Policy.name == new.name)) is not None:
        raise AlreadyExists(_('There is a policy "{name}" already.'), name=new.name)
    space = space_named(session, new.space) if new.space or new.category else None
    category = category_named(session, space, new.category) if space is not None and new.category else None
    made = Policy(
        name=new.name,
        title=new.title.strip() or new.name,
        position=new.position,
        space_id=space.id if space is not None else None,
        category_id=category.id if category is not None else None,
        kind=new.kind,
        audience=new.audience,
        tag=new.tag.strip() or None,
        owner_id=new.owner_id,
        team_id=new.team_id,
        months=new.months,
        responsible_id=new.responsible_id,
        responsible_team_id=new.responsible_team_id,
        remind_days=new.remind_days,
        escalate_days=new.escalate_days,
        escalate_to_id=new.escalate_to_id,
        hide_days=new.hide_days,
    )
    session.add(made)
    return made


@operation("knowledge.policy.update", title=_("Change the policy"), permission=MANAGE, effect="update")
def update_policy(session: CrmSession, policy: Policy, changes: PolicyUpdate) -> Policy:
    """Change a policy; it holds from the next verification of an article on, or once days are counted anew."""
    for name, value in given(changes).items():
        setattr(policy, name, _plain(name, value))
    return policy


@operation("knowledge.policy.delete", title=_("Delete the policy"), permission=MANAGE, effect="delete")
def delete_policy(session: CrmSession, policy: Policy) -> None:
    """Delete a policy; what was done because of it stays."""
    session.delete(policy)


@operation("knowledge.policy.count_anew", title=_("Count the days anew"), permission=MANAGE)
def count_anew(session: CrmSession) -> int:
    """Set the day by which each published article has to be verified, counted from when it was verified last, as the
    policies and spaces say now; return how many it changed."""
    policies, zone = policies_of(session), ZoneInfo(session.business().zone)
    changed = 0
    for article in session.scalars(select(Article).where(Article.state.in_(STANDING))):
        if article.verified_at is None:
            continue
        months = policies.months(article)
        day = article.verified_at.astimezone(zone).date() + relativedelta(months=months) if months > 0 else None
        if day != article.verify_on:
            article.verify_on = day
            changed += 1
    return changed


def _plain(name: str, value: Any) -> Any:
    return (value.strip() or None) if name == "tag" and isinstance(value, str) else value


OPERATIONS = [create_policy, update_policy, delete_policy, count_anew]
