"""Operations on users and teams, and handing over everything of somebody who leaves."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen
from sqlalchemy import Column, Integer, MetaData, Table, insert, inspect, select, update

from crmkit.core.access.models import Team, TeamMember, User
from crmkit.core.access.resolving import bump
from crmkit.core.operations.inputs import UNSET, Input, UnsetType, given
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import PluginTable, RecordChange
from crmkit.core.store.types import Id, Instant
from crmkit.errors import AlreadyExists, Conflict, InvalidInput, NotFound, Problem
from crmkit.i18n import LANGUAGES, normalise_language, texts
from crmkit.security.people.events import UserCreated, UserDeactivated, UserHandedOver
from crmkit.security.roles.admins import keeping_one

_ = texts("crmkit")

Login = Annotated[str, Input(title=_("Login"), max_length=120, classified="internal")]
Name = Annotated[str, Input(title=_("Name"), max_length=200, classified="internal")]
BATCH = 1000


@operation("team.create", title=_("Add a team"), effect="create", permission="user.admin")
def create_team(session: CrmSession, *, name: Name, parent_id: UUID | None = None) -> Team:
    """Add a team, as part of another one or on its own. Raises AlreadyExists when the name is taken."""
    check_values({"name": name})
    if session.scalar(select(Team.id).where(Team.name == name)) is not None:
        raise AlreadyExists(_('There is a team "{name}" already.'), name=name)
    if parent_id is not None and session.get(Team, parent_id) is None:
        raise InvalidInput([Problem("CK500", _("There is no such team."), field="parent_id")])
    team = Team(name=name, parent_id=parent_id)
    session.add(team)
    bump(session)
    return team


@attrs.frozen(kw_only=True)
class TeamUpdate:
    """What to change of a team; what is not given stays."""

    name: Name | UnsetType = UNSET
    parent_id: UUID | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


@operation("team.update", title=_("Change a team"), effect="update", permission="user.admin")
def update_team(session: CrmSession, team: Team, changes: TeamUpdate) -> Team:
    """Change a team. Raises InvalidInput when it would become a part of itself, AlreadyExists for a taken name."""
    values = given(changes)
    check_values(values)
    taken = select(Team.id).where(Team.name == values.get("name"), Team.id != team.id)
    if "name" in values and session.scalar(taken) is not None:
        raise AlreadyExists(_('There is a team "{name}" already.'), name=values["name"])
    for name, value in values.items():
        setattr(team, name, value)
    above, seen = team.parent_id, {team.id}
    while above is not None:
        if above in seen:
            raise InvalidInput([Problem("CK500", _("A team cannot be a part of itself."), field="parent_id")])
        seen.add(above)
        parent = session.get(Team, above)
        if parent is None:
            raise InvalidInput([Problem("CK500", _("There is no such team."), field="parent_id")])
        above = parent.parent_id
    bump(session)
    return team


def check_values(values: Mapping[str, Any]) -> None:
    """Raise InvalidInput for names that are empty, and for a language or a time zone that there is not."""
    problems = [
        Problem("CK500", _("This cannot be empty."), field=name)
        for name in ("login", "name")
        if name in values and not values[name].strip()
    ]
    if values.get("language") and normalise_language(values["language"]) not in LANGUAGES:
        problems.append(
            Problem(
                "CK500",
                _("crmkit does not speak this language."),
                field="language",
                value=values["language"],
                hint=_("Possible: {languages}."),
                languages=", ".join(LANGUAGES),
            )
        )
    if values.get("zone"):
        try:
            ZoneInfo(values["zone"])
        except (KeyError, ValueError, OSError):
            problems.append(
                Problem(
                    "CK500",
                    _("There is no such time zone."),
                    field="zone",
                    value=values["zone"],
                    hint=_("Use a name such as Asia/Shanghai."),
                )
            )
    if problems:
        raise InvalidInput(problems)


@operation("team.add_member", title=_("Add a member to a team"), permission="user.admin")
def add_member(session: CrmSession, team: Team, *, user_id: UUID, main: bool = False) -> None:
    """Make a user a member of a team; ``main`` makes it the user's main team."""
    if session.get(User, user_id) is None:
        raise InvalidInput([Problem("CK500", _("There is no such user."), field="user_id")])
    if main:
        for other in session.scalars(select(TeamMember).where(TeamMember.user_id == user_id)):
            other.main = False
    member = session.get(TeamMember, (team.id, user_id))
    if member is None:
        session.add(TeamMember(team_id=team.id, user_id=user_id, main=main))
    else:
        member.main = main or member.main
    bump(session)


@operation("team.remove_member", title=_("Remove a member from a team"), permission="user.admin")
def remove_member(session: CrmSession, team: Team, *, user_id: UUID) -> None:
    """Take a user out of a team."""
    member = session.get(TeamMember, (team.id, user_id))
    if member is not None:
        session.delete(member)
        bump(session)


@operation("user.create", title=_("Add a user"), effect="create", permission="user.admin")
def create_user(
    session: CrmSession,
    *,
    login: Login,
    name: Name,
    email: Annotated[str | None, Input(title=_("E-mail"), max_length=254, classified="internal")] = None,
    language: str | None = None,
    zone: str | None = None,
) -> User:
    """Add somebody who works with the CRM. Raises AlreadyExists when the login is taken, InvalidInput for a language
    or a time zone that there is not."""
    login = unicodedata.normalize("NFC", login).strip()
    check_values({"login": login, "name": name, "language": language, "zone": zone})
    if session.scalar(select(User.id).where(User.login == login)) is not None:
        raise AlreadyExists(_('There is a user "{login}" already.'), login=login)
    user = User(login=login, name=name, email=email, language=language, zone=zone)
    session.add(user)
    session.emit(UserCreated(user_id=user.id))
    return user


@attrs.frozen(kw_only=True)
class UserUpdate:
    """What to change of a user; what is not given stays."""

    name: Name | UnsetType = UNSET
    email: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    zone: str | UnsetType | None = UNSET


@operation("user.update", title=_("Change a user"), effect="update", permission="user.admin")
def update_user(session: CrmSession, user: User, changes: UserUpdate) -> User:
    """Change a user. Raises InvalidInput for a language or a time zone that there is not."""
    check_values(given(changes))
    for name, value in given(changes).items():
        setattr(user, name, value)
    return user


@operation("user.deactivate", title=_("Deactivate a user"), effect="update", permission="user.admin")
def deactivate_user(session: CrmSession, user: User) -> User:
    """Deactivate somebody who leaves: from the next transaction on the user may do nothing. What the user owned stays
    until it is handed over. Raises Conflict for one who is not active, and for the last who may administer users and
    roles."""
    if not user.active:
        raise Conflict(_("{name} is not active."), name=user.name)
    with keeping_one(session):
        user.active = False
        user.left_at = system_now()
    bump(session)
    session.emit(UserDeactivated(user_id=user.id))
    return user


@frozen(kw_only=True)
class HandOver:
    """How many records of each table were handed over."""

    records: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return how many records were handed over in all."""
        return sum(self.records.values())


@operation("user.hand_over", title=_("Hand over everything of a user"), permission="user.admin")
def hand_over(session: CrmSession, user: User, *, to_id: UUID) -> HandOver:
    """Make another user the owner of everything that a user owns, in the kernel and in every plugin, loaded or not.

    Each record's version and history show the change. Raises NotFound when there is no such active user.
    """
    heir = session.get(User, to_id)
    if heir is None or not heir.active or heir.id == user.id:
        raise NotFound(_("There is no other active user {id}."), id=to_id)
    counts: dict[str, int] = {}
    for table in _owned_tables(session):
        moved = _hand_over_table(session, table, user.id, heir.id)
        if moved:
            counts[table.name] = moved
    result = HandOver(records=counts)
    session.emit(UserHandedOver(from_id=user.id, to_id=heir.id, records=result.total))
    return result


def _owned_tables(session: CrmSession) -> list[Table]:
    """Return the tables whose records have owners, by name: those of plugins that are not loaded by the inventory."""
    models = session.gate.registry.models
    found = {
        name: model.__table__
        for name, model in models.items()
        if {"owner_id", "version"} <= {*model.__table__.c.keys()}
    }
    with region(session, "the tables of plugins that are not loaded"):
        return _find_owned_tables(session, found, models)


def _find_owned_tables(session: CrmSession, found: dict[str, Table], models: Mapping[str, Any]) -> list[Table]:
    inspector = inspect(session.connection())
    for name in session.scalars(select(PluginTable.table_name)):
        if name in models or not inspector.has_table(name):
            continue
        columns = {str(column["name"]) for column in inspector.get_columns(name)}
        if {"id", "owner_id", "version", "updated_at"} <= columns:
            found[name] = Table(
                name,
                MetaData(),
                Column("id", Id, primary_key=True),
                Column("owner_id", Id),
                Column("version", Integer),
                Column("updated_at", Instant),
                *([Column("customer_id", Id)] if "customer_id" in columns else []),
            )
    return [found[name] for name in sorted(found)]


def _hand_over_table(session: CrmSession, table: Table, old: UUID, new: UUID) -> int:
    session.flush()
    # Whoever hands over needs not see every record of who has left.
    with region(session, "handing over the records of who leaves"):
        return _move(session, table, old, new)


def _move(session: CrmSession, table: Table, old: UUID, new: UUID) -> int:
    connection = session.connection()
    about = table.c.get("customer_id", table.c.id if table.name == "crm_customer" else None)
    moved = 0
    while True:
        columns = [table.c.id] if about is None else [table.c.id, about.label("about")]
        rows = connection.execute(select(*columns).where(table.c.owner_id == old).limit(BATCH)).all()
        if not rows:
            break
        if about is not None:
            session.unit.about(row.about for row in rows if row.about is not None)
        now = system_now()
        connection.execute(
            update(table)
            .where(table.c.id.in_([row.id for row in rows]))
            .values(owner_id=new, version=table.c.version + 1, updated_at=now)
        )
        lines: list[dict[str, Any]] = [
            {
                "id": new_id(),
                "recorded_at": now,
                "table_name": table.name,
                "record_id": row.id,
                "customer_id": None if about is None else row.about,
                "kind": "update",
                "actor_id": session.actor.id,
                "operation": session.unit.operation,
                "changes": {"owner_id": [str(old), str(new)]},
            }
            for row in rows
        ]
        connection.execute(insert(RecordChange), lines)
        moved += len(rows)
    session.expire_all()
    return moved


OPERATIONS = [
    create_team,
    update_team,
    add_member,
    remove_member,
    create_user,
    update_user,
    deactivate_user,
    hand_over,
]
