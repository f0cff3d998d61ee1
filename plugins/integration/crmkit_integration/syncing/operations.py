"""What can be done with synchronisations: agreeing on one, having it run or compared, settling conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    Actor,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    Refused,
    UnsetType,
    User,
    checked_address,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_integration.syncing import noting
from crmkit_integration.syncing.fields import POINTS, check_fields
from crmkit_integration.syncing.models import (
    DIRECTIONS,
    OWNERS,
    POLICIES,
    SIDES,
    SyncConflict,
    SyncPlan,
)
from crmkit_integration.syncing.noting import RUN, require_active
from crmkit_integration.syncing.plans import kinds_of

_ = texts("crmkit_integration")

MANAGE = "integration.sync.manage"

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Url = Annotated[
    str, Input(title=_("Address"), max_length=500, classified="internal", help=_("Such as https://crm.example.com."))
]
Private = Annotated[bool, Input(title=_("In our own network"), classified="internal")]
Token = Annotated[str, Input(title=_("Token"), max_length=1000, classified="secret")]
Fields = Annotated[
    Mapping[str, str],
    Input(
        title=_("Fields and who owns them"),
        max_length=100,
        classified="internal",
        help=_("Such as name: newest, city: ours, tags: theirs."),
    ),
]
Names = Annotated[Mapping[str, str], Input(title=_("Names over there"), max_length=100, classified="internal")]
Direction = Annotated[
    Literal["both", "in", "out"], Input(title=_("Direction"), choices=DIRECTIONS, classified="internal")
]
PolicyInput = Annotated[
    Literal["newest", "ours", "theirs", "ask"],
    Input(title=_("When both changed it"), choices=POLICIES, classified="internal"),
]
MatchBy = Annotated[
    str,
    Input(
        title=_("Same customer when equal"),
        max_length=60,
        choices=(("", "–"), ("emails", _("E-mail addresses")), ("phones", _("Phone numbers"))),
        classified="internal",
    ),
]
Every = Annotated[int, Input(title=_("Every (minutes)"), minimum=0, maximum=10_080, classified="internal")]
RunsAs = Annotated[UUID | None, Input(title=_("Acts as"), resource="user", classified="internal")]
Active = Annotated[bool, Input(title=_("Active"), classified="internal")]


# --- plans ------------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class NewSync:
    """How customers are kept in step with another system. Without ``runs_as_id`` it acts as whoever adds it."""

    name: Annotated[str, Input(title=_("Name"), max_length=40, classified="internal")]
    url: Url
    token: Token = attrs.field(repr=False)
    fields: Fields
    title: Title = ""
    connector: Annotated[str, Input(title=_("Other system"), max_length=60, classified="internal")] = "crmkit"
    private: Private = False
    runs_as_id: RunsAs = None
    names: Names = attrs.field(factory=dict[str, str])
    direction: Direction = "both"
    policy: PolicyInput = "newest"
    match_by: MatchBy = ""
    every: Every = 0


@attrs.frozen(kw_only=True)
class SyncUpdate:
    """What to change of a synchronisation; what is not given stays. With other fields everything is looked at anew."""

    title: Title | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    token: Annotated[str | UnsetType, Input(title=_("Token"), max_length=1000, classified="secret")] = attrs.field(
        default=UNSET, repr=False
    )
    private: Private | UnsetType = UNSET
    active: Active | UnsetType = UNSET
    runs_as_id: RunsAs | UnsetType = UNSET
    fields: Fields | UnsetType = UNSET
    names: Names | UnsetType = UNSET
    direction: Direction | UnsetType = UNSET
    policy: PolicyInput | UnsetType = UNSET
    match_by: MatchBy | UnsetType = UNSET
    every: Every | UnsetType = UNSET


@operation("integration.sync.create", title=_("Add a synchronisation"), permission=MANAGE, effect="create")
def create_sync(session: CrmSession, new: NewSync) -> SyncPlan:
    """Agree on how customers are kept in step with another system; nothing is done yet.

    Raises AlreadyExists for a name that is taken, InvalidInput for fields, owners or an address that cannot be used,
    Refused for acting as somebody else.
    """
    if not new.name.replace("-", "").replace("_", "").isalnum():
        message = _("A name has letters, digits, - and _.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="name", value=new.name)])
    if session.scalar(select(SyncPlan.id).where(SyncPlan.name == new.name)) is not None:
        raise AlreadyExists(_('There is a synchronisation "{name}" already.'), name=new.name)
    plan = SyncPlan(
        name=new.name,
        title=new.title or new.name,
        connector=new.connector,
        url=new.url,
        private=new.private,
        secret=new.token,
        runs_as_id=new.runs_as_id or session.guarding.rights.user_id,
        owner_id=session.guarding.rights.user_id,
        fields=dict(new.fields),
        names=dict(new.names),
        direction=new.direction,
        policy=new.policy,
        match_by=new.match_by,
        every=new.every,
    )
    _check(session, plan)
    session.add(plan)
    return plan


@operation("integration.sync.update", title=_("Change the synchronisation"), permission=MANAGE, effect="update")
def update_sync(session: CrmSession, plan: SyncPlan, changes: SyncUpdate) -> SyncPlan:
    """Change a synchronisation, stop it or let it go on. Raises as `create_sync`."""
    _require_standing(session, plan.runs_as_id)
    values = given(changes)
    if "token" in values:
        plan.secret = values.pop("token")
    for name in ("fields", "names"):
        if name in values:
            values[name] = dict(values[name])
    for name, value in values.items():
        setattr(plan, name, value)
    _check(session, plan)
    if {"fields", "names", "direction", "url", "runs_as_id"} & set(values):
        plan.watermark_ours = plan.watermark_theirs = None
    return plan


@operation("integration.sync.delete", title=_("Delete the synchronisation"), permission=MANAGE, effect="delete")
def delete_sync(session: CrmSession, plan: SyncPlan) -> None:
    """Forget a synchronisation and which records belong together; customers stay as they are on both sides."""
    session.delete(plan)


def _check(session: CrmSession, plan: SyncPlan) -> None:
    problems: list[Problem] = []

    def wrong(field: str, message: str, value: object, **values: Any) -> None:
        problems.append(Problem(InvalidInput.code, message, field=field, value=value, **values))

    kind = kinds_of(session.crm).get(plan.connector)
    if kind is None:
        known = ", ".join(sorted(kinds_of(session.crm)))
        wrong("connector", _("There is no such system; there are {known}."), plan.connector, known=known)
    if not plan.fields:
        wrong("fields", _("Say which fields are kept in step."), None)
    for name, owner in plan.fields.items():
        if owner not in OWNERS:
            known = ", ".join(OWNERS)
            wrong(f"fields.{name}", _("Nobody like that owns a field; it is one of {known}."), owner, known=known)
        theirs = plan.names.get(name, name)
        if kind is not None and kind.fields and theirs not in kind.fields:
            wrong(f"names.{name}", _("There is no such field over there."), theirs)
    if plan.match_by and (plan.match_by not in POINTS or plan.match_by not in plan.fields):
        wrong("match_by", _("This has to be emails or phones, and among the fields."), plan.match_by)
    try:
        checked_address(plan.url, private=plan.private)
    except Refused as error:
        wrong("url", error.message, plan.url, **error.values)
    if problems:
        raise InvalidInput(problems)
    _require_standing(session, plan.runs_as_id)
    user = session.get(User, plan.runs_as_id) if plan.runs_as_id is not None else None
    if user is None or not user.active:
        raise InvalidInput([Problem(InvalidInput.code, _("There is no such active user."), field="runs_as_id")])
    with session.crm.session(Actor.user(user.id, user.name)) as own:
        check_fields(own, list(plan.fields))


def _require_standing(session: CrmSession, user_id: UUID | None) -> None:
    """Raise Refused unless the actor is the user whom a synchronisation acts as, or may give people their rights."""
    rights = session.guarding.rights
    if rights.unrestricted or user_id == rights.user_id or rights.scope("user", "admin") != "none":
        return
    raise Refused(_("It is done in the name of whom it acts as: only they change it, or who may give rights."))


@operation("integration.sync.start", title=_("Synchronise now"), permission=RUN, effect="update")
def start_sync(
    session: CrmSession,
    plan: SyncPlan,
    *,
    everything: Annotated[bool, Input(title=_("Look at everything"), classified="internal")] = False,
) -> SyncPlan:
    """Have a synchronisation run soon, by a job. Raises Conflict for one that is stopped."""
    require_active(plan)
    session.defer("integration.sync", sync_id=str(plan.id), everything=everything, unique=f"integration.sync:{plan.id}")
    return plan


@operation("integration.sync.compare", title=_("Compare both sides"), permission=RUN, effect="update")
def compare_sync(session: CrmSession, plan: SyncPlan) -> SyncPlan:
    """Have both sides compared soon, by a job, without changing anything. Raises Conflict for one that is stopped."""
    require_active(plan)
    session.defer("integration.reconcile", sync_id=str(plan.id), unique=f"integration.reconcile:{plan.id}")
    return plan


# --- conflicts --------------------------------------------------------------------------------------------------------


@operation("integration.conflict.resolve", title=_("Say whose value holds"), effect="update")
def resolve_conflict(
    session: CrmSession,
    conflict: SyncConflict,
    *,
    choice: Annotated[
        Literal["ours", "theirs"], Input(title=_("Whose value holds"), choices=SIDES, classified="internal")
    ],
) -> SyncConflict:
    """Say whose value holds; the next run writes it. Raises Conflict for one that is not open."""
    if conflict.state != "open":
        raise Conflict(_("This conflict is settled already."))
    conflict.state, conflict.choice = "settled", choice
    return conflict


OPERATIONS: list[Any] = [
    create_sync,
    update_sync,
    delete_sync,
    start_sync,
    compare_sync,
    resolve_conflict,
    *noting.OPERATIONS,
]
"""The operations of this room."""
