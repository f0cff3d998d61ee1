"""Keeping somebody who may administer users and roles: a base that nobody may administer could be mended from outside
alone."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from crmkit.core.access.models import Grant, Role, RoleInclude, User, UserRole
from crmkit.core.access.resolving import load_rights
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.locks import hold
from crmkit.errors import Conflict
from crmkit.i18n import texts

if TYPE_CHECKING:
    from uuid import UUID

    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

NEEDED = (("user", "admin"), ("role", "admin"))
"""What somebody must be able to do, so that everything else can be mended."""

_USER, _ROLE, _INCLUDE, _HAS, _GRANT = (
    cast(Any, model).__table__ for model in (User, Role, RoleInclude, UserRole, Grant)
)


def administrators(session: CrmSession) -> list[UUID]:
    """Return the active users who may administer users and roles, by id."""
    session.flush()
    with region(session, "who may administer users"):
        grants = select(_GRANT.c.role_id).where(
            _GRANT.c.resource.in_(("*", "role", "role.*")),
            _GRANT.c.action.in_(("*", "admin")),
            _GRANT.c.scope != "none",
        )
        reached = select(_ROLE.c.id).where(_ROLE.c.id.in_(grants)).cte("reached", recursive=True)
        reached = reached.union(select(_INCLUDE.c.role_id).where(_INCLUDE.c.included_id == reached.c.id))
        candidates = (
            select(_USER.c.id)
            .where(
                _USER.c.active.is_(True),
                _USER.c.id.in_(select(_HAS.c.user_id).where(_HAS.c.role_id.in_(select(reached.c.id)))),
            )
            .order_by(_USER.c.id)
        )
        found: list[UUID] = []
        for user_id in session.connection().execute(candidates).scalars().all():
            rights = load_rights(session, Actor.user(user_id))
            if all(rights.scope(resource, action) == "all" for resource, action in NEEDED):
                found.append(user_id)
        return found


@contextmanager
def keeping_one(session: CrmSession) -> Generator[None]:
    """Refuse what is done in the block when nobody would be left who may administer users and roles.

    Where there was nobody before either, everything is allowed. Raises Conflict.
    """
    hold(session, "access.administrators")
    before = administrators(session)
    yield
    if before and not administrators(session):
        raise Conflict(
            _("Nobody would be left who may administer users and roles."),
            fix=_("Give somebody else the role admin first."),
        )
