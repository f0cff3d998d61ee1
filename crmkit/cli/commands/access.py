"""``crmkit access``: who may do what, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.security.roles.explaining import Explanation

_ = texts("crmkit")

access = group(help=_("Say who may do what, and why, and list the rights there are."), name="access")
"""The group ``crmkit access``."""


@command(access, "explain", _("Say whether a user may do something with a record, and the rule that decides."))
@click.argument("login", metavar="USER")
@click.argument("action")
@click.argument("record", required=False)
def explain(cli: Invocation, login: str, action: str, record: str | None) -> None:
    """Print the explanation. ACTION is an operation, or a right such as customer.update; RECORD an id, or what names
    a customer."""
    found = _explain(cli, login, action, record)
    if cli.json:
        cli.output.document(_document(cli, found))
        return
    cli.output.record(
        [
            (_("Allowed"), found.allowed),
            (_("Right"), f"{found.resource}.{found.actions[0]}"),
            (_("Scope"), found.scope),
            (_("Rule"), found.rule),
            (_("Role"), found.role),
            (_("Because"), found.said.render(cli.language)),
        ]
    )


@command(access, "why-not", _("Say what a user would need to do something with a record."))
@click.argument("login", metavar="USER")
@click.argument("action")
@click.argument("record", required=False)
def why_not(cli: Invocation, login: str, action: str, record: str | None) -> None:
    """Print what would be needed, each line by itself sufficient."""
    found = _explain(cli, login, action, record)
    if cli.json:
        cli.output.document(_document(cli, found))
        return
    if found.allowed:
        cli.output.say(_("Nothing is needed: it is allowed."))
    cli.output.record([(_("Because"), found.said.render(cli.language))])
    if found.needed:
        cli.output.heading(_("Any of these would do:"))
        cli.output.table(
            (Column("needed", _("Needed")),), [{"needed": item.render(cli.language)} for item in found.needed]
        )


@command(access, "rights", _("List the rights that can be granted, all or those on one resource."))
@click.argument("resource", required=False)
@option("--of", "login", metavar="USER", help=_("With the scope that each has for this user."))
def rights(cli: Invocation, resource: str | None, login: str | None) -> None:
    """Print resources with their actions, or with the scopes of one user."""
    from crmkit.core.access.catalogue import rights_catalogue

    found = rights_catalogue(cli.crm.registry)
    rows: list[dict[str, Any]] = [
        {"resource": name, "action": action} for name in found for action in found[name] if resource in (None, name)
    ]
    columns = [Column("resource", _("Resource")), Column("action", _("Action"))]
    if login is not None:
        columns.append(Column("scope", _("Scope")))
        for row in rows:
            row["scope"] = _explain(cli, login, f"{row['resource']}.{row['action']}", None).scope
    cli.output.table(columns, rows)


@command(
    access, "rls", _("Print the SQL of PostgreSQL's row-level security for roles: for tools that read past crmkit.")
)
@click.argument("roles", metavar="[ROLE]...", nargs=-1)
def rls(cli: Invocation, roles: tuple[str, ...]) -> None:
    """Print the statements for some roles, or for all active ones; the database's owner runs them."""
    from sqlalchemy import select

    from crmkit.core.access.models import Role
    from crmkit.security.roles.checks import find_role
    from crmkit.security.roles.rls import rls_statements

    with cli.session() as session:
        active = select(Role.name).where(Role.active.is_(True)).order_by(Role.name)
        names = [find_role(session, name).name for name in roles] or list(session.scalars(active))
        statements = [statement for name in names for statement in rls_statements(session, name)]
    if cli.json:
        cli.output.document({"roles": names, "statements": statements})
    else:
        click.echo("".join(f"{statement};\n" for statement in statements), nl=False)


def _explain(cli: Invocation, login: str, action: str, record: str | None) -> Explanation:
    from crmkit.cli.naming import find_customer
    from crmkit.core.store.actor import Actor
    from crmkit.core.store.ids import parse_id
    from crmkit.errors import InvalidInput, Problem
    from crmkit.security.roles.checks import find_user
    from crmkit.security.roles.explaining import explain

    identity = parse_id(record.rpartition(":")[2]) if record is not None else None
    with cli.session() as session:
        user = find_user(session, login)
        if record is not None and identity is None:
            if action.partition(".")[0] != "customer":
                raise InvalidInput([Problem(InvalidInput.code, _("This is no id."), field="record", value=record)])
            identity = find_customer(session, record, deleted=True).id
        return explain(session, Actor.user(user.id, user.login), action, identity)


def _document(cli: Invocation, found: Explanation) -> dict[str, Any]:
    return {
        "actor": found.actor,
        "resource": found.resource,
        "actions": list(found.actions),
        "record": found.record,
        "allowed": found.allowed,
        "rule": found.rule,
        "scope": found.scope,
        "role": found.role,
        "because": found.said.render(cli.language),
        "needed": [item.render(cli.language) for item in found.needed],
    }
