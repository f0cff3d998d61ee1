"""``crmkit knowledge gaps``: what no article answers."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_knowledge")


def add_to(group: click.Group) -> None:
    """Add the command to those of knowledge."""

    @command(group, "gaps", _("Look for what is asked and no article answers."))
    @option(
        "--days", type=click.IntRange(1, 3650), default=180, metavar="N", help=_("How many days to look back (180).")
    )
    @option("--show", is_flag=True, help=_("Only show what was found last."))
    def gaps(cli: Invocation, days: int, show: bool) -> None:
        """Look for gaps, and print them."""
        from crmkit_knowledge.gaps.mining import mine
        from crmkit_knowledge.gaps.showing import shown_gaps

        if not show:
            mine(cli.crm, cli.actor, days)
        with cli.session() as session:
            rows = [
                {
                    "id": str(each.gap.id),
                    "words": each.title,
                    "state": each.gap.state,
                    "records": each.volume,
                    "customers": each.customers,
                    "median_seconds": each.seconds,
                    "hours": round(each.hours, 3),
                    "examples": list(each.refs),
                }
                for each in shown_gaps(session)
            ]
        columns = (
            Column("words", _("Words")),
            Column("records", _("Records"), align="right"),
            Column("median_seconds", _("Seconds (median)"), align="right"),
            Column("hours", _("Hours in all"), align="right"),
            Column("state", _("State")),
        )
        cli.output.table(columns, rows, empty=_("No gap is found."))
