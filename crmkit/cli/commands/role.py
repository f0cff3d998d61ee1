"""``crmkit role``: roles, and what they grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.asking import confirm
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.access.models import Role
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

role = group(help=_("List, make and change roles, and say what they grant."), name="role")
"""The group ``crmkit role``."""

SCOPES = ("none", "own", "team", "tree", "all")
"""The scopes; they are written here so that ``--help`` loads nothing else."""


@command(role, "list", _("List the roles."))
def list_(cli: Invocation) -> None:
    """Print the roles by name, each with how many users have it."""
    from sqlalchemy import func, select

    from crmkit.core.access.models import Role, User, UserRole

    with cli.session() as session:
        having = (
            select(UserRole.role_id, func.count().label("users"))
            .join(User, User.id == UserRole.user_id)
            .where(User.active.is_(True))
            .group_by(UserRole.role_id)
        )
        users = {row.role_id: row.users for row in session.execute(having)}
        rows = [
            {
                "id": item.id,
                "name": item.name,
                "title": cli.text(item.title),
                "shipped": item.shipped,
                "active": item.active,
                "users": users.get(item.id, 0),
            }
            for item in session.scalars(select(Role).order_by(Role.name))
        ]
    columns = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("shipped", _("Shipped")),
        Column("active", _("Active")),
        Column("users", _("Users"), "right"),
    )
    cli.output.table(columns, rows)


@command(role, "show", _("Show a role: what it grants, how it sees fields, which roles it includes, who has it."))
@click.argument("name", metavar="ROLE")
def show(cli: Invocation, name: str) -> None:
    """Print a role with everything that belongs to it."""
    from crmkit.security.roles.checks import find_role

    with cli.session() as session:
        found = find_role(session, name)
        document = _document(session, found, cli.text(found.title))
    if cli.json:
        cli.output.document(document)
        return
    cli.output.record(
        [
            (_("Name"), document["name"]),
            (_("Title"), document["title"]),
            (_("Shipped"), document["shipped"]),
            (_("Active"), document["active"]),
            (_("Includes"), document["includes"]),
            (_("Users"), document["users"]),
        ]
    )
    cli.output.heading(_("Grants"))
    grants = (Column("resource", _("Resource")), Column("action", _("Action")), Column("scope", _("Scope")))
    cli.output.table(grants, document["grants"], empty=_("It grants nothing."))
    cli.output.heading(_("Fields"))
    fields = (Column("resource", _("Resource")), Column("classified", _("Field class")), Column("level", _("Level")))
    cli.output.table(fields, document["fields"], empty=_("Nothing is said: what is personal or sensitive is masked."))


def _document(session: CrmSession, found: Role, title: str) -> dict[str, Any]:
    from sqlalchemy import select

    from crmkit.core.access.models import FieldRight, Grant, Role, RoleInclude, User, UserRole

    grants = select(Grant).where(Grant.role_id == found.id).order_by(Grant.resource, Grant.action)
    fields = select(FieldRight).where(FieldRight.role_id == found.id).order_by(FieldRight.resource)
    includes = select(Role.name).join(RoleInclude, RoleInclude.included_id == Role.id).order_by(Role.name)
    users = select(User.login).join(UserRole, UserRole.user_id == User.id).order_by(User.login)
    return {
        "id": found.id,
        "name": found.name,
        "title": title,
        "shipped": found.shipped,
        "active": found.active,
        "version": found.version,
        "includes": list(session.scalars(includes.where(RoleInclude.role_id == found.id))),
        "users": list(session.scalars(users.where(UserRole.role_id == found.id, User.active.is_(True)))),
        "grants": [
            {"resource": item.resource, "action": item.action, "scope": item.scope} for item in session.scalars(grants)
        ],
        "fields": [
            {"resource": item.resource, "classified": item.classified, "level": item.level}
            for item in session.scalars(fields)
        ],
    }


@command(role, "create", _("Add a role that grants nothing yet."))
@click.argument("name")
@click.argument("title", required=False)
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def create(cli: Invocation, name: str, title: str | None, key: str | None) -> None:
    """Add a role and print it."""
    values = {"name": name} if title is None else {"name": name, "title": title}
    show_result(cli, cli.run("role.create", values, key=key))


@command(role, "grant", _("Let a role do something; the scope none denies it, whatever other roles grant."))
@click.argument("name", metavar="ROLE")
@click.argument("resource")
@click.argument("action")
@click.argument("scope", type=click.Choice(SCOPES))
def grant(cli: Invocation, name: str, resource: str, action: str, scope: str) -> None:
    """Grant a right and print the grant."""
    values = {"resource": resource, "action": action, "scope": scope}
    show_result(cli, cli.run("role.grant", values, target=_find(cli, name)))


@command(role, "revoke", _("Take a grant, or a denial, from a role."))
@click.argument("name", metavar="ROLE")
@click.argument("resource")
@click.argument("action")
def revoke(cli: Invocation, name: str, resource: str, action: str) -> None:
    """Revoke a right."""
    cli.run("role.revoke", {"resource": resource, "action": action}, target=_find(cli, name))
    show_result(cli, None)


@command(role, "field", _("Say how a role sees the fields of a class: none, masked or full."))
@click.argument("name", metavar="ROLE")
@click.argument("classified", metavar="CLASS", type=click.Choice(("personal", "text", "sensitive")))
@click.argument("level", type=click.Choice(("none", "masked", "full", "default")))
@option("--resource", metavar="RESOURCE", default="*", help=_("The resource; without it all of them."))
def field(cli: Invocation, name: str, classified: str, level: str, resource: str) -> None:
    """Set a field right and print it; "default" takes it back."""
    said = None if level == "default" else level
    values = {"resource": resource, "classified": classified, "level": said}
    show_result(cli, cli.run("role.set_field_right", values, target=_find(cli, name)))


@command(role, "include", _("Let a role grant and deny what another one does; with --no it does so no longer."))
@click.argument("name", metavar="ROLE")
@click.argument("included", metavar="OTHER")
@option("--no", "ended", is_flag=True, help=_("End it."))
def include(cli: Invocation, name: str, included: str, ended: bool) -> None:
    """Include a role in another, or end it."""
    cli.run("role.exclude" if ended else "role.include", {"included": included}, target=_find(cli, name))
    show_result(cli, None)


@command(role, "edit", _("Change a role's title, or make it active or inactive."))
@click.argument("name", metavar="ROLE")
@option("--title", metavar="TEXT", help=_("What people read."))
@option("--active/--inactive", "active", default=None, help=_("Whether it grants and denies anything."))
def edit(cli: Invocation, name: str, title: str | None, active: bool | None) -> None:
    """Change a role and print it."""
    values = {key: value for key, value in (("title", title), ("active", active)) if value is not None}
    show_result(cli, cli.run("role.update", values, target=_find(cli, name)))


@command(role, "delete", _("Delete a role; whoever had it loses what it granted."))
@click.argument("name", metavar="ROLE")
@option("--yes", "-y", is_flag=True, help=_("Do not ask."))
def delete(cli: Invocation, name: str, yes: bool) -> None:
    """Delete a role after asking."""
    identity = _find(cli, name)
    confirm(cli, _("Delete the role {name}?"), yes=yes, name=name)
    cli.run("role.delete", target=identity)
    show_result(cli, None)


def _find(cli: Invocation, name: str) -> Any:
    from crmkit.security.roles.checks import find_role

    with cli.session() as session:
        return find_role(session, name).id
