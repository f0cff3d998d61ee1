"""Operations on roles: what there are, what they grant, which others they include."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import attrs
from sqlalchemy import select

from crmkit.core.access.models import FieldRight, Grant, Role, RoleInclude
from crmkit.core.access.resolving import bump
from crmkit.core.access.rights import Level, Scope
from crmkit.core.operations.inputs import UNSET, Input, UnsetType, given
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, Conflict, InvalidInput, NotFound, Problem
from crmkit.i18n import texts
from crmkit.security.roles.admins import keeping_one
from crmkit.security.roles.checks import check_action, check_resource, check_role_name, find_role
from crmkit.security.roles.events import RoleChanged

_ = texts("crmkit")

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Resource = Annotated[str, Input(title=_("Resource"), max_length=120, classified="public")]
Action = Annotated[str, Input(title=_("Action"), max_length=60, classified="public")]
Class = Literal["personal", "text", "sensitive"]


def _changed(session: CrmSession, role: Role, what: str) -> None:
    bump(session)
    session.emit(RoleChanged(role_id=role.id, name=role.name, what=what))


@operation("role.create", title=_("Add a role"), effect="create", permission="role.admin")
def create_role(session: CrmSession, *, name: Name, title: Title | None = None) -> Role:
    """Add a role that grants nothing yet. Raises AlreadyExists when the name is taken, InvalidInput for one that
    cannot be."""
    problems = check_role_name(name)
    if problems:
        raise InvalidInput(problems)
    if session.scalar(select(Role.id).where(Role.name == name)) is not None:
        raise AlreadyExists(_('There is a role "{name}" already.'), name=name)
    role = Role(name=name, title=title or name)
    session.add(role)
    _changed(session, role, "role.create")
    return role


@attrs.frozen(kw_only=True)
class RoleUpdate:
    """What to change of a role; what is not given stays."""

    title: Title | UnsetType = UNSET
    active: bool | UnsetType = UNSET


@operation("role.update", title=_("Change a role"), effect="update", permission="role.admin")
def update_role(session: CrmSession, role: Role, changes: RoleUpdate) -> Role:
    """Change a role; one that is not active grants and denies nothing. Raises Conflict when nobody would be left who
    may administer users and roles."""
    with keeping_one(session):
        for name, value in given(changes).items():
            setattr(role, name, value)
    _changed(session, role, "role.update")
    return role


@operation("role.delete", title=_("Delete a role"), effect="delete", permission="role.admin")
def delete_role(session: CrmSession, role: Role) -> None:
    """Delete a role; whoever had it loses what it granted. Raises Conflict for a shipped one, and when nobody would be
    left who may administer users and roles."""
    if role.shipped:
        raise Conflict(
            _('The role "{name}" came with crmkit and is never deleted.'),
            fix=_("Make it inactive instead."),
            name=role.name,
        )
    _changed(session, role, "role.delete")
    with keeping_one(session):
        session.delete(role)


@operation("role.grant", title=_("Grant a right to a role"), permission="role.admin")
def grant(session: CrmSession, role: Role, *, resource: Resource, action: Action, scope: Scope) -> Grant:
    """Let a role do something with the records of a resource that lie in a scope; "none" denies it, whatever other
    roles grant. A grant on the same resource and action is replaced.

    Raises InvalidInput for a resource or an action that there is not.
    """
    problems = [*check_resource(session, resource), *check_action(session, resource, action)]
    if problems:
        raise InvalidInput(problems)
    with keeping_one(session):
        found = session.get(Grant, (role.id, resource, action))
        if found is None:
            found = Grant(role_id=role.id, resource=resource, action=action, scope=scope)
            session.add(found)
        else:
            found.scope = scope
    _changed(session, role, "role.grant")
    return found


@operation("role.revoke", title=_("Take a right from a role"), permission="role.admin")
def revoke(session: CrmSession, role: Role, *, resource: Resource, action: Action) -> None:
    """Take a grant, or a denial, away from a role. Raises NotFound when it has none on this resource and action,
    Conflict when nobody would be left who may administer users and roles."""
    found = session.get(Grant, (role.id, resource, action))
    if found is None:
        raise NotFound(
            _('The role "{role}" has no grant of {action} on {resource}.'),
            role=role.name,
            action=action,
            resource=resource,
        )
    with keeping_one(session):
        session.delete(found)
    _changed(session, role, "role.revoke")


@operation("role.set_field_right", title=_("Set how a role sees a class of fields"), permission="role.admin")
def set_field_right(
    session: CrmSession,
    role: Role,
    *,
    resource: Resource = "*",
    classified: Annotated[Class, Input(title=_("Field class"), classified="public")],
    level: Annotated[Level | None, Input(title=_("Level"), classified="public")],
) -> FieldRight | None:
    """Say how a role sees the fields of a class: not at all, masked or in full; null takes back what was said.

    Raises InvalidInput for a resource that there is not.
    """
    problems = check_resource(session, resource)
    if problems:
        raise InvalidInput(problems)
    found = session.get(FieldRight, (role.id, resource, classified))
    if level is None:
        if found is not None:
            session.delete(found)
        found = None
    elif found is None:
        found = FieldRight(role_id=role.id, resource=resource, classified=classified, level=level)
        session.add(found)
    else:
        found.level = level
    _changed(session, role, "role.set_field_right")
    return found


@operation("role.include", title=_("Include a role in another"), permission="role.admin")
def include(session: CrmSession, role: Role, *, included: Name) -> None:
    """Let a role grant and deny what another one does. Raises NotFound for a role that there is not, InvalidInput when
    a role would include itself."""
    other = find_role(session, included)
    if other.id == role.id or role.id in _included(session, other):
        raise InvalidInput([Problem(InvalidInput.code, _("A role cannot include itself."), field="included")])
    with keeping_one(session):
        if session.get(RoleInclude, (role.id, other.id)) is None:
            session.add(RoleInclude(role_id=role.id, included_id=other.id))
    _changed(session, role, "role.include")


@operation("role.exclude", title=_("Include a role no longer"), permission="role.admin")
def exclude(session: CrmSession, role: Role, *, included: Name) -> None:
    """Take back that a role includes another one. Raises NotFound when it does not, Conflict when nobody would be left
    who may administer users and roles."""
    other = find_role(session, included)
    found = session.get(RoleInclude, (role.id, other.id))
    if found is None:
        raise NotFound(_('The role "{role}" does not include "{other}".'), role=role.name, other=other.name)
    with keeping_one(session):
        session.delete(found)
    _changed(session, role, "role.exclude")


def _included(session: CrmSession, role: Role) -> set[Any]:
    """Return the ids of the roles that a role includes, over any number of steps."""
    table: Any = RoleInclude.__table__
    reached = select(table.c.included_id).where(table.c.role_id == role.id).cte("reached", recursive=True)
    reached = reached.union(select(table.c.included_id).where(table.c.role_id == reached.c.included_id))
    with region(session, "which roles a role includes"):
        return set(session.connection().execute(select(reached.c.included_id)).scalars())


OPERATIONS = [
    create_role,
    update_role,
    delete_role,
    grant,
    revoke,
    set_field_right,
    include,
    exclude,
]
