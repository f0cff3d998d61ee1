"""Roles: the list, what each grants and who has it, two of them side by side, adding and deleting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select
from starlette.responses import Response

from crmkit.core.access.models import FieldRight, Grant, Role, RoleInclude, User, UserRole
from crmkit.errors import CrmkitError, Problem
from crmkit.i18n import texts
from crmkit.security.roles.checks import find_role
from crmkit.security.roles.shipped import SHIPPED
from crmkit.web.pages.admin.common import CLASSES, LEVELS, SCOPES, guard, role_title
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms import form_of, step_up_first, submit
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

RIGHT = "role.admin"


@frozen(kw_only=True)
class RoleShape:
    """What a role is made of: its grants by resource and action, its field rights by resource and class, the names of
    the roles that it includes, and who has it."""

    role: Role
    title: str
    grants: dict[tuple[str, str], str]
    fields: dict[tuple[str, str], str]
    includes: tuple[str, ...]
    users: tuple[tuple[UUID, str], ...]

    @property
    def by_resource(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the grants of each resource, as pairs of an action and a scope."""
        found: dict[str, list[tuple[str, str]]] = {}
        for (resource, action), scope in sorted(self.grants.items()):
            found.setdefault(resource, []).append((action, scope))
        return sorted(found.items())


def shape_of(call: PageCall, session: CrmSession, name: str) -> RoleShape:
    """Return what a role is made of. Raises NotFound."""
    role = find_role(session, name)
    includes = select(Role.name).join(RoleInclude, RoleInclude.included_id == Role.id).order_by(Role.name)
    users = select(User.id, User.name).join(UserRole, UserRole.user_id == User.id).order_by(User.name)
    return RoleShape(
        role=role,
        title=role_title(call, role.name, role.title),
        grants={
            (each.resource, each.action): each.scope
            for each in session.scalars(select(Grant).where(Grant.role_id == role.id))
        },
        fields={
            (each.resource, each.classified): each.level
            for each in session.scalars(select(FieldRight).where(FieldRight.role_id == role.id))
        },
        includes=tuple(session.scalars(includes.where(RoleInclude.role_id == role.id))),
        users=tuple(
            (id_, name)
            for id_, name in session.execute(users.where(UserRole.role_id == role.id, User.active.is_(True)))
        ),
    )


@get("/admin/roles", right=RIGHT)
def roles(call: PageCall) -> Response:
    """List the roles with how many have each."""
    with call.session() as session:
        having = (
            select(UserRole.role_id, func.count())
            .join(User, User.id == UserRole.user_id)
            .where(User.active.is_(True))
            .group_by(UserRole.role_id)
        )
        users = dict(session.execute(having).all())
        numbers = select(Grant.role_id, func.count()).group_by(Grant.role_id)
        grants = dict(session.execute(numbers).all())
        found = list(session.scalars(select(Role).order_by(Role.name)))
    return call.page(
        "admin/roles.html",
        roles=[(role, role_title(call, role.name, role.title)) for role in found],
        users=users,
        grants=grants,
        descriptions=_descriptions(call, found),
    )


def _descriptions(call: PageCall, found: Iterable[Role]) -> dict[str, str]:
    known = {each.name: each.description for each in SHIPPED}
    return {role.name: call.text(known[role.name]) for role in found if role.name in known}


@get("/admin/roles/new", right=RIGHT)
def new(call: PageCall) -> Response:
    """Ask for a new role."""
    step_up_first(call, "role.create")
    return _new(call)


@post("/admin/roles/new", right=RIGHT)
def add(call: PageCall) -> Response:
    """Add a role and go on to what it grants."""
    sent = submit(call, form_of(call, "role.create"))
    if sent.form is not None:
        return _new(call, sent.form, sent.status)
    return call.redirect(f"/admin/roles/{sent.result.name}/edit", said=_("The role is there and grants nothing yet."))


def _new(call: PageCall, form: object = None, status: int = 200) -> Response:
    return call.page(
        "admin/form.html",
        status=status,
        form=form if form is not None else form_of(call, "role.create"),
        title=_("Add a role"),
        lead=_("A role grants nothing until you say what it grants."),
        action="/admin/roles/new",
        back="/admin/roles",
        back_title=_("Roles"),
    )


@get("/admin/roles/compare", right=RIGHT)
def compare(call: PageCall) -> Response:
    """Show two roles side by side: where they differ."""
    with call.session() as session:
        names = list(session.scalars(select(Role.name).order_by(Role.name)))
        first = call.value("a") or (names[0] if names else "")
        second = call.value("b") or (names[1] if len(names) > 1 else first)
        one, other = shape_of(call, session, first), shape_of(call, session, second)
    keys = sorted({*one.grants, *other.grants})
    classes = sorted({*one.fields, *other.fields})
    return call.page(
        "admin/role_compare.html",
        names=names,
        one=one,
        other=other,
        differing=[key for key in keys if one.grants.get(key) != other.grants.get(key)],
        same=sum(1 for key in keys if one.grants.get(key) == other.grants.get(key)),
        fields=[key for key in classes if one.fields.get(key) != other.fields.get(key)],
        scopes=SCOPES,
        levels=LEVELS,
        classes=CLASSES,
    )


@get("/admin/roles/{name}", right=RIGHT)
def role(call: PageCall, name: str) -> Response:
    """Show one role: what it grants, what it includes, who has it."""
    return page_of(call, name)


def page_of(call: PageCall, name: str, *, error: CrmkitError | None = None, status: int = 200) -> Response:
    """Return the page of a role, with what just went wrong."""
    with call.session() as session:
        shape = shape_of(call, session, name)
        others = [each for each in session.scalars(select(Role.name).order_by(Role.name)) if each != shape.role.name]
    return call.page(
        "admin/role.html",
        status=status,
        shape=shape,
        others=[each for each in others if each not in shape.includes],
        descriptions=_descriptions(call, [shape.role]),
        scopes=SCOPES,
        levels=LEVELS,
        classes=CLASSES,
        problems=list(error.problems) if error is not None else [],
    )


@post("/admin/roles/{name}/include", right=RIGHT)
def include(call: PageCall, name: str) -> Response:
    """Include another role, or end it."""
    operation = "role.exclude" if call.value("end") else "role.include"
    guard(call, operation)
    with call.session() as session:
        identity = find_role(session, name).id
    try:
        call.run(operation, {"included": call.value("end") or call.value("included")}, target=identity)
    except CrmkitError as error:
        return page_of(call, name, error=error, status=422)
    return call.redirect(f"/admin/roles/{name}", said=_("Saved."))


@post("/admin/roles/{name}/state", right=RIGHT)
def set_state(call: PageCall, name: str) -> Response:
    """Make a role active or inactive."""
    guard(call, "role.update")
    with call.session() as session:
        identity = find_role(session, name).id
    try:
        call.run("role.update", {"active": call.value("active") == "true"}, target=identity)
    except CrmkitError as error:
        return page_of(call, name, error=error, status=422)
    return call.redirect(f"/admin/roles/{name}", said=_("Saved."))


@post("/admin/roles/{name}/delete", right=RIGHT)
def delete(call: PageCall, name: str) -> Response:
    """Delete a role, once its name was typed."""
    guard(call, "role.delete")
    with call.session() as session:
        identity = find_role(session, name).id
    if call.value("typed") != name:
        from crmkit.errors import InvalidInput

        error = InvalidInput([Problem("CK400", _("Type the name of the role to confirm."), field="typed")])
        return page_of(call, name, error=error, status=422)
    try:
        call.run("role.delete", target=identity)
    except CrmkitError as error:
        return page_of(call, name, error=error, status=422)
    return call.redirect("/admin/roles", said=_("The role {name} is deleted."), name=name)


ROUTES = [roles, new, add, compare, role, include, set_state, delete]
