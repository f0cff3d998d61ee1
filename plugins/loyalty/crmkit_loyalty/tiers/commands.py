"""``crmkit loyalty tiers``: which tiers there are, what they take, and who has them."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_loyalty")


def add_to(group: click.Group) -> None:
    """Add the commands to those of loyalty."""

    @command(group, "tiers", _("List the tiers of a programme with how many members have each."))
    @option("--program", metavar="NAME", default="", help=_("Which programme, where there are several."))
    def tiers(cli: Invocation, program: str) -> None:
        """Print tiers."""
        from crmkit_loyalty.desk.figures import tier_counts
        from crmkit_loyalty.programs.finding import program_named

        with cli.session() as session:
            rows = [
                {
                    "level": each.level,
                    "tier": each.name,
                    "title": each.title,
                    "reach": each.reach,
                    "keep": each.keep,
                    "members": count,
                }
                for each, count in tier_counts(session, program_named(session, program))
            ]
        columns = (
            Column("level", _("Level"), align="right"),
            Column("tier", _("Name")),
            Column("title", _("Title")),
            Column("reach", _("To reach it")),
            Column("keep", _("To keep it")),
            Column("members", _("Members"), align="right"),
        )
        cli.output.table(columns, rows, empty=_("There are no tiers."))
