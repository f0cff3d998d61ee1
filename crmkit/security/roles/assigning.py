"""Operations that give roles to users and take them away."""

from __future__ import annotations

from typing import Annotated

from crmkit.core.access.models import User, UserRole
from crmkit.core.access.resolving import bump
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import Conflict, NotFound
from crmkit.i18n import texts
from crmkit.security.roles.admins import keeping_one
from crmkit.security.roles.checks import find_role
from crmkit.security.roles.events import UserRolesChanged

_ = texts("crmkit")

RoleName = Annotated[str, Input(title=_("Role"), max_length=60, classified="public")]


@operation("user.assign_role", title=_("Give a role to a user"), permission="role.admin")
def assign_role(session: CrmSession, user: User, *, role: RoleName) -> UserRole:
    """Give a user a role, named by its name or id; it holds from the user's next transaction on.

    Raises NotFound for a role that there is not, Conflict for one that is not active or that the user has already, and
    when nobody would be left who may administer users and roles, as the role denies it.
    """
    found = find_role(session, role)
    if not found.active:
        raise Conflict(_('The role "{name}" is not active.'), name=found.name)
    if session.get(UserRole, (user.id, found.id)) is not None:
        raise Conflict(_('{user} has the role "{name}" already.'), user=user.name, name=found.name)
    given = UserRole(user_id=user.id, role_id=found.id)
    with keeping_one(session):
        session.add(given)
    bump(session)
    session.emit(UserRolesChanged(user_id=user.id, role_id=found.id, given=True))
    return given


@operation("user.unassign_role", title=_("Take a role from a user"), permission="role.admin")
def unassign_role(session: CrmSession, user: User, *, role: RoleName) -> None:
    """Take a role from a user; what it granted is gone from the user's next transaction on.

    Raises NotFound when the user does not have it, Conflict when nobody would be left who may administer users and
    roles.
    """
    found = find_role(session, role)
    has = session.get(UserRole, (user.id, found.id))
    if has is None:
        raise NotFound(_('{user} does not have the role "{name}".'), user=user.name, name=found.name)
    with keeping_one(session):
        session.delete(has)
    bump(session)
    session.emit(UserRolesChanged(user_id=user.id, role_id=found.id, given=False))


OPERATIONS = [assign_role, unassign_role]
