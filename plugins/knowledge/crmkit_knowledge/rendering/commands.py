"""``crmkit knowledge links``: links that lead nowhere, and articles that nobody comes upon."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_knowledge")

BROKEN = 3
"""The exit code where a link is broken."""


def add_to(group: click.Group) -> None:
    """Add the command to those of knowledge."""

    @command(group, "links", _("Show links of articles that lead nowhere, and articles that nothing leads to."))
    @option("--check", is_flag=True, help=_("End with code 3 where a link leads nowhere."))
    def links_(cli: Invocation, check: bool) -> None:
        """Print both."""
        from crmkit_knowledge.rendering.references import WHY, broken_links, orphans

        with cli.session() as session:
            broken = broken_links(session)
            alone = [{"number": each.number, "title": each.title, "slug": each.slug} for each in orphans(session)]
        rows = [
            {"number": each.number, "title": each.title, "address": each.address, "why": each.why} for each in broken
        ]
        if not cli.output.json:
            for row in rows:
                row["why"] = cli.output.text(WHY[str(row["why"])])
        columns = (
            Column("number", _("Number"), align="right"),
            Column("title", _("Title")),
            Column("address", _("Link")),
            Column("why", _("Why")),
        )
        cli.output.table(columns, rows, more={"orphans": alone}, empty=_("Every link leads somewhere."))
        if not cli.output.json and alone:
            cli.output.say(_("Nothing leads to these:"))
            cli.output.table(columns[:2], alone)
        if check and broken:
            raise click.exceptions.Exit(BROKEN)
