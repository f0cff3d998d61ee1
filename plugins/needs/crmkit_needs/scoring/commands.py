"""``crmkit needs rank``: the open needs in the order of a formula."""

from __future__ import annotations

from decimal import Decimal

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_needs")


def add_to(group: click.Group) -> None:
    """Add the commands to those of needs."""

    @command(group, "rank", _("List the open needs by what they are worth, with how sure that order is."))
    @option("--model", default="rice", metavar="NAME", help=_("rice, wsjf, opportunity, moscow or another one."))
    @option("--move", default=20, type=click.IntRange(0, 90), help=_("Percent by which numbers may be wrong."))
    def rank(cli: Invocation, model: str, move: int) -> None:
        """Print the ranks."""
        from crmkit_needs.scoring.reading import formula_named, ranked

        with cli.session() as session:
            rows = [
                {
                    "number": each.need.number,
                    "title": each.need.title,
                    "state": each.need.state,
                    "score": None if each.score.value is None else float(round(each.score.value, 4)),
                    "low": None if each.score.low is None else float(round(each.score.low, 4)),
                    "high": None if each.score.high is None else float(round(each.score.high, 4)),
                    "rank": each.rank.rank if each.rank else None,
                    "best": each.rank.best if each.rank else None,
                    "worst": each.rank.worst if each.rank else None,
                    "customers": each.support.customers,
                    "companies": each.support.companies,
                    "missing": list(each.score.missing),
                }
                for each in ranked(session, formula_named(session, model), move=Decimal(move), stakes=False)
            ]
        columns = (
            Column("rank", _("Rank"), align="right"),
            Column("best", _("At best"), align="right"),
            Column("worst", _("At worst"), align="right"),
            Column("number", _("Number"), align="right"),
            Column("title", _("Need")),
            Column("score", _("Score"), align="right"),
            Column("customers", _("Customers"), align="right"),
        )
        cli.output.table(columns, rows, empty=_("There are no open needs."))
