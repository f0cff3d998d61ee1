"""``crmkit team``: teams, their tree and their members."""

from __future__ import annotations

from typing import Any

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.i18n import texts

_ = texts("crmkit")

team = group(help=_("List and add teams, and say who is in them."), name="team")
"""The group ``crmkit team``."""


@command(team, "list", _("List the teams with their members."))
def list_(cli: Invocation) -> None:
    """Print the teams by name, each with the one it is a part of and its members."""
    from sqlalchemy import select

    from crmkit.core.access.models import Team, TeamMember, User

    with cli.session() as session:
        teams = list(session.scalars(select(Team).order_by(Team.name)))
        names = {item.id: item.name for item in teams}
        members: dict[Any, list[str]] = {}
        places = select(TeamMember.team_id, User.login).join(User, User.id == TeamMember.user_id)
        for team_id, login in session.execute(places.where(User.active.is_(True)).order_by(User.login)):
            members.setdefault(team_id, []).append(login)
        rows = [
            {
                "id": item.id,
                "name": item.name,
                "parent": names.get(item.parent_id) if item.parent_id else None,
                "active": item.active,
                "members": members.get(item.id, []),
                "version": item.version,
            }
            for item in teams
        ]
    columns = (
        Column("name", _("Name")),
        Column("parent", _("Part of")),
        Column("members", _("Members")),
        Column("active", _("Active")),
    )
    cli.output.table(columns, rows, empty=_("There is no team yet. crmkit team create NAME adds one."))


@command(team, "create", _("Add a team."))
@click.argument("name")
@option("--part-of", "parent", metavar="TEAM", help=_("The team that it is a part of, by name or id."))
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def create(cli: Invocation, name: str, parent: str | None, key: str | None) -> None:
    """Add a team and print it."""
    values: dict[str, Any] = {"name": name}
    if parent is not None:
        values["parent_id"] = _find(cli, parent)
    show_result(cli, cli.run("team.create", values, key=key))


@command(team, "add", _("Make a user a member of a team."))
@click.argument("name", metavar="TEAM")
@click.argument("login", metavar="USER")
@option("--main", is_flag=True, help=_("Make it the user's main team, to which the user's new customers belong."))
def add(cli: Invocation, name: str, login: str, main: bool) -> None:
    """Add a member."""
    user_id = _find_user(cli, login)
    cli.run("team.add_member", {"user_id": user_id, "main": main}, target=_find(cli, name))
    show_result(cli, None)


@command(team, "remove", _("Take a user out of a team."))
@click.argument("name", metavar="TEAM")
@click.argument("login", metavar="USER")
def remove(cli: Invocation, name: str, login: str) -> None:
    """Remove a member."""
    user_id = _find_user(cli, login)
    cli.run("team.remove_member", {"user_id": user_id}, target=_find(cli, name))
    show_result(cli, None)


def _find(cli: Invocation, name: str) -> Any:
    from crmkit.security.roles.checks import find_team

    with cli.session() as session:
        return find_team(session, name).id


def _find_user(cli: Invocation, login: str) -> Any:
    from crmkit.security.roles.checks import find_user

    with cli.session() as session:
        return find_user(session, login).id
