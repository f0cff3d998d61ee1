"""Finding out what an actor may do, and remembering it for as long as it is right.

Every change of users, teams, members, roles and grants bumps a counter in the database (`bump`), which a transaction
reads once: so what is revoked is gone from the next transaction on, in every process. Within a transaction the rights
stay as they were at its beginning.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import select

from crmkit.core.access.models import FieldRight, Grant, Role, RoleInclude, Team, TeamMember, User, UserRole
from crmkit.core.access.rights import EVERYTHING, INACTIVE, NOTHING, FieldGranted, Granted, Level, Rights, Scope
from crmkit.core.access.tokens import is_alive
from crmkit.core.business.config import bump as bump_generation, was_bumped
from crmkit.core.store.guard import region

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.actor import Actor
    from crmkit.core.store.session import CrmSession

GENERATION = "access"
"""Name of the counter that every change of rights bumps."""
MOST = 10_000
"""How many actors' rights are kept in memory."""

_USER, _TEAM, _MEMBER = (cast(Any, model).__table__ for model in (User, Team, TeamMember))
_ROLE, _INCLUDE, _HAS = (cast(Any, model).__table__ for model in (Role, RoleInclude, UserRole))
_GRANT, _FIELD = (cast(Any, model).__table__ for model in (Grant, FieldRight))


def bump(session: CrmSession) -> None:
    """Tell every process that rights have changed, once this transaction commits."""
    bump_generation(session, GENERATION)


def rights_of(session: CrmSession) -> Rights:
    """Return what the session's actor may do, as it was when the transaction first asked."""
    return session.gate.rights(session)


class RightsCache:
    """Keeps the rights of actors between transactions. One belongs to each CRM."""

    def __init__(self) -> None:
        # Replaced as a whole, so that rights are never put among those of another generation.
        self._shelf: tuple[int, dict[tuple[Any, ...], Rights]] = (-1, {})

    def get(self, session: CrmSession) -> Rights:
        """Return what the session's actor may do."""
        known = session.info.get("crmkit.rights")
        # A session that reads may begin another transaction after a rollback.
        if known is None or known[0] is not session.get_transaction():
            with region(session, "the rights of the actor"):
                found = self._get(session)
            known = session.info["crmkit.rights"] = (session.get_transaction(), found)
        return cast(Rights, known[1])

    def _get(self, session: CrmSession) -> Rights:
        actor = session.actor
        if actor.kind in ("system", "job"):
            return EVERYTHING
        if actor.kind == "public":
            return visitor_rights(actor.limits)
        if actor.kind == "plugin":
            return plugin_rights(session.gate.registry, actor.name, actor.limits)
        generation = session.gate.generation(session, GENERATION)
        shelf = self._shelf
        if shelf[0] != generation:
            shelf = (generation, dict[tuple[Any, ...], Rights]())
            if not was_bumped(session, GENERATION):
                self._shelf = shelf
        key = (actor.kind, actor.user_id, actor.roles, actor.limits, actor.token_id)
        known = shelf[1].get(key)
        if known is None:
            known = load_rights(session, actor)
            if len(shelf[1]) >= MOST:
                shelf[1].clear()
            shelf[1][key] = known
        return known


def load_rights(session: CrmSession, actor: Actor) -> Rights:
    """Read what an actor may do from the database, in the session's transaction.

    A user and a user's token have the roles of the user, a host's actor those that the host vouches for. Somebody who
    is no active user has no rights, whatever roles there are; nor has who came by a token that was revoked.
    """
    if actor.kind in ("system", "job"):
        return EVERYTHING
    if actor.kind == "public":
        return visitor_rights(actor.limits)
    if actor.kind in ("user", "token") and actor.user_id is None:
        return NOTHING
    connection = session.connection()
    if actor.token_id is not None and not is_alive(connection, actor.token_id, session.gate.clock.now()):
        return INACTIVE
    teams: set[UUID] = set()
    main: UUID | None = None
    if actor.user_id is not None:
        found = connection.execute(
            select(_USER.c.active, _MEMBER.c.team_id, _MEMBER.c.main)
            .select_from(_USER.outerjoin(_MEMBER, _MEMBER.c.user_id == _USER.c.id))
            .where(_USER.c.id == actor.user_id)
        ).all()
        if not found or not found[0].active:
            return INACTIVE
        teams = {row.team_id for row in found if row.team_id is not None}
        main = next((row.team_id for row in found if row.main), min(teams) if len(teams) == 1 else None)
    roles = _role_ids(session, actor)
    if not roles:
        return Rights(user_id=actor.user_id, limits=actor.limits)
    named = connection.execute(select(_ROLE.c.id, _ROLE.c.name).where(_ROLE.c.id.in_(roles)))
    names: dict[UUID, str] = {row.id: row.name for row in named}
    grants = connection.execute(select(_GRANT).where(_GRANT.c.role_id.in_(roles))).all()
    fields = connection.execute(select(_FIELD).where(_FIELD.c.role_id.in_(roles))).all()
    return Rights(
        grants=tuple(
            sorted(
                (
                    Granted(
                        role=names[row.role_id],
                        resource=row.resource,
                        action=row.action,
                        scope=cast(Scope, row.scope),
                    )
                    for row in grants
                ),
                key=lambda item: (item.role, item.resource, item.action),
            )
        ),
        fields=tuple(
            FieldGranted(
                role=names[row.role_id],
                resource=row.resource,
                classified=row.classified,
                level=cast(Level, row.level),
            )
            for row in fields
        ),
        roles=tuple(sorted(names.values())),
        user_id=actor.user_id,
        team_ids=frozenset(teams),
        tree_ids=frozenset(_below(session, teams)),
        main_team_id=main,
        limits=actor.limits,
    )


@lru_cache(maxsize=256)
def visitor_rights(allowed: tuple[str, ...] | None) -> Rights:
    """Return what a visitor may do: what the page allows whose link was followed, and nothing without one. What
    everybody who is signed in may read is not for visitors; personal fields of what they see are theirs."""
    if allowed is None:
        return NOTHING
    named = [each.rpartition(".")[::2] for each in allowed]
    return Rights(
        grants=tuple(Granted(role="public", resource=on, action=action, scope="all") for on, action in named),
        fields=(FieldGranted(role="public", resource="*", classified="personal", level="full"),),
        roles=("public",),
        because="public",
    )


def plugin_rights(registry: Registry, name: str, limits: tuple[str, ...] | None = None) -> Rights:
    """Return what a plugin may do on its own behalf: read, and what it declares to use or introduces itself; of that
    what lies within ``limits``, where it acts with less. One that is not loaded may do nothing."""
    if name not in registry.uses:
        return INACTIVE
    named = registry.uses[name] | registry.permissions.get(name, frozenset())
    allowed = [("*", "read"), *sorted(each.rpartition(".")[::2] for each in named)]
    return Rights(
        grants=tuple(Granted(role=name, resource=on, action=action, scope="all") for on, action in allowed),
        fields=(FieldGranted(role=name, resource="*", classified="personal", level="full"),),
        roles=(name,),
        limits=limits,
    )


def _role_ids(session: CrmSession, actor: Actor) -> set[UUID]:
    """Return the active roles of an actor, with those that they include."""
    if actor.kind == "host":
        first = select(_ROLE.c.id).where(_ROLE.c.name.in_(actor.roles))
    else:
        first = select(_HAS.c.role_id).where(_HAS.c.user_id == actor.user_id)
    reached = select(_ROLE.c.id).where(_ROLE.c.id.in_(first), _ROLE.c.active.is_(True)).cte("reached", recursive=True)
    included = (
        select(_ROLE.c.id)
        .select_from(_INCLUDE.join(_ROLE, _ROLE.c.id == _INCLUDE.c.included_id))
        .where(_INCLUDE.c.role_id == reached.c.id, _ROLE.c.active.is_(True))
    )
    reached = reached.union(included)
    return set(session.connection().execute(select(reached.c.id)).scalars())


def _below(session: CrmSession, teams: set[UUID]) -> set[UUID]:
    """Return teams with all teams that are parts of them."""
    if not teams:
        return set()
    reached = select(_TEAM.c.id).where(_TEAM.c.id.in_(teams)).cte("below", recursive=True)
    reached = reached.union(select(_TEAM.c.id).where(_TEAM.c.parent_id == reached.c.id))
    return set(session.connection().execute(select(reached.c.id)).scalars())
