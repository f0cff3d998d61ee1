"""``crmkit user``: the people who work with the CRM."""

from __future__ import annotations

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.i18n import texts

_ = texts("crmkit")

user = group(help=_("List and add the people who work with the CRM."), name="user")
"""The group ``crmkit user``."""


@command(user, "list", _("List the users; with --all also those who have left."))
@option("--all", "everything", is_flag=True, help=_("Also those who have left."))
def list_(cli: Invocation, everything: bool) -> None:
    """Print the users by login, each with the teams."""
    from sqlalchemy import select

    from crmkit.core.access.models import Team, TeamMember, User

    with cli.session() as session:
        query = select(User).order_by(User.login)
        if not everything:
            query = query.where(User.active.is_(True))
        found = list(session.scalars(query))
        places = session.execute(select(TeamMember.user_id, Team.name).join(Team, Team.id == TeamMember.team_id))
        teams: dict[object, list[str]] = {}
        for user_id, name in places:
            teams.setdefault(user_id, []).append(name)
        rows = [
            {
                "id": item.id,
                "login": item.login,
                "name": item.name,
                "email": item.email,
                "language": item.language,
                "zone": item.zone,
                "active": item.active,
                "teams": sorted(teams.get(item.id, [])),
                "version": item.version,
            }
            for item in found
        ]
    columns = [
        Column("login", _("Login")),
        Column("name", _("Name")),
        Column("email", _("E-mail")),
        Column("teams", _("Teams")),
    ]
    if everything:
        columns.append(Column("active", _("Active")))
    cli.output.table(columns, rows, empty=_("There is no user yet. crmkit user add LOGIN NAME adds one."))


@command(user, "add", _("Add somebody who works with the CRM."))
@click.argument("login")
@click.argument("name")
@option("--email", metavar="ADDRESS", help=_("E-mail address."))
@option("--language", "language", metavar="TAG", help=_("Language that crmkit speaks to the user: en or zh_Hans."))
@option("--zone", metavar="ZONE", help=_("Time zone, such as Asia/Shanghai."))
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def add(
    cli: Invocation,
    login: str,
    name: str,
    email: str | None,
    language: str | None,
    zone: str | None,
    key: str | None,
) -> None:
    """Add a user and print the record."""
    values = {"login": login, "name": name, "email": email, "language": language, "zone": zone}
    result = cli.run("user.create", {name: value for name, value in values.items() if value is not None}, key=key)
    show_result(cli, result)
