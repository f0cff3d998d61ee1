"""``crmkit needs alike``: needs that may be the same."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_needs")


def add_to(group: click.Group) -> None:
    """Add the commands to those of needs."""

    @command(group, "alike", _("List needs that may be the same: as one, or all pairs of open ones."))
    @click.argument("number", type=int, required=False)
    @option("--limit", type=click.IntRange(1, 1000), default=100, metavar="N", help=_("How many (100)."))
    def alike(cli: Invocation, number: int | None, limit: int) -> None:
        """Print pairs of needs with how alike they are and what they share."""
        from crmkit_needs.alike.finding import alike_to, pairs
        from crmkit_needs.catalogue.history import need_numbered

        with cli.session() as session:
            found = (
                pairs(session, limit) if number is None else alike_to(session, need_numbered(session, number), limit)
            )
        rows = [
            {
                "older": each.older.number,
                "newer": each.newer.number,
                "score": each.score,
                "shared": list(each.shared),
                "same_area": each.same_area,
                "titles": [each.older.title, each.newer.title],
            }
            for each in found
        ]
        columns = (
            Column("older", _("Need")),
            Column("newer", _("The other need")),
            Column("score", _("Alike"), align="right"),
            Column("shared", _("In common")),
        )
        cli.output.table(columns, rows, empty=_("No needs seem to be the same."))
