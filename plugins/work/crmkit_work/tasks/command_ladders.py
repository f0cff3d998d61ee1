"""``crmkit work ladder``: escalation ladders on the command line."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group, option
from crmkit_work.tasks.command_parts import PRIORITIES, people_of

_ = texts("crmkit_work")


def add_ladders(work: click.Group) -> None:
    """Add the group of ladders to a group."""
    ladder = group(help=_("List and change escalation ladders."), name="ladder")
    work.add_command(ladder)

    @command(ladder, "list", _("List the ladders."))
    def list_(cli: Invocation) -> None:
        """Print the ladders."""
        from sqlalchemy import select

        from crmkit_work.tasks.alarm_models import Ladder

        with cli.session() as session:
            rows = [
                {
                    "name": each.name,
                    "title": each.title,
                    "steps": "; ".join(each.steps.splitlines()),
                    "priorities": ", ".join(each.priorities) or None,
                    "automatic": each.automatic,
                    "active": each.active,
                    "id": each.id,
                }
                for each in session.scalars(select(Ladder).order_by(Ladder.position, Ladder.name))
            ]
        columns = (Column("name", _("Name")), Column("steps", _("Steps")), Column("active", _("Active")))
        cli.output.table(columns, rows, empty=_("There is no ladder yet: crmkit work ladder new makes one."))

    @command(ladder, "new", _("Make a ladder."))
    @click.argument("name")
    @option(
        "--steps",
        metavar="STEPS",
        required=True,
        help=_("The steps, as in: -60m owner; 0 lead; +2wh lead repeat 1h x3."),
    )
    @option("--title", metavar="TEXT", default="", help=_("What people read; by default the name."))
    @option("--queue", metavar="NAME", help=_("For tasks of a queue alone."))
    @option("--priority", "priorities", type=click.Choice(PRIORITIES), multiple=True, help=_("For a priority alone."))
    def new(cli: Invocation, name: str, steps: str, title: str, queue: str | None, priorities: tuple[str, ...]) -> None:
        """Make a ladder."""
        from crmkit_work.tasks.people import queue_named

        values: dict[str, Any] = {"name": name, "steps": steps, "title": title, "priorities": list(priorities)}
        if queue:
            with cli.session() as session:
                values["queue_id"] = queue_named(session, queue).id
        made = cli.run("work.ladder.create", values)
        cli.output.record([(_("Name"), made.name)], json={"id": made.id, "name": made.name})

    @command(ladder, "lead", _("Say who leads a team; nobody without LOGIN."))
    @click.argument("team")
    @click.argument("login", required=False)
    def lead(cli: Invocation, team: str, login: str | None) -> None:
        """Set the lead of a team."""
        people = people_of(cli, login, team)
        cli.run("work.ladder.set_lead", {"team_id": people["team_id"], "user_id": people.get("owner_id")})
        if cli.json:
            cli.output.document({"team": team, "lead": login})
        cli.output.say(_("Done."))
