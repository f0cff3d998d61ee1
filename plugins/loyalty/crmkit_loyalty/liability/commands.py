"""``crmkit loyalty liability``, ``breakage`` and ``close``: what points will cost, and what was booked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click
from attrs import asdict

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_loyalty")

PROGRAM = _("Which programme; without it the first one.")
DAY = click.DateTime(["%Y-%m-%d"])


def add_to(group: click.Group) -> None:
    """Add the commands to those of loyalty."""

    @command(group, "liability", _("Show what came and went of points, whether it balances, and what is left costs."))
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    @option("--from", "first", type=DAY, metavar="DAY", help=_("From this day; without it from the beginning."))
    @option("--until", "last", type=DAY, metavar="DAY", help=_("Through this day; without it today."))
    def liability(cli: Invocation, program: str, first: datetime | None, last: datetime | None) -> None:
        """Print the roll-forward and the cost."""
        from crmkit.i18n import translate
        from crmkit_loyalty.liability.reports import PRUDENT, chosen_program, lines_of, owed_by
        from crmkit_loyalty.programs.money import currency_of, digits_of

        with cli.session() as session:
            found = chosen_program(session, program)
            digits = digits_of(session)
            currency = currency_of(session)
            owed = owed_by(session, found, _date(first), _date(last)) if found is not None else []
            rows: list[dict[str, Any]] = [
                {
                    "type": each.moved.kind.name,
                    "name": name,
                    "line": translate(title, cli.language),
                    "points": points,
                    "cost": f"{cost / 10**digits:.{digits}f}" if cost is not None else None,
                }
                for each in owed
                for name, title, points, cost in lines_of(each)
            ]
            balanced = all(not number for each in owed for number in each.moved.differences)
            estimated = all(each.cost.estimated for each in owed)
        columns = (
            Column("type", _("Points")),
            Column("line", _("Line")),
            Column("points", _("Number"), align="right"),
            Column("cost", _("Cost"), align="right"),
        )
        more = {"balanced": balanced, "estimated": estimated, "currency": currency}
        cli.output.table(columns, rows, more=more, empty=_("There are no points."))
        if owed and not cli.output.json:
            cli.output.say(_("The books agree to the point.") if balanced else _("The books do not agree."))
            if not estimated:
                cli.output.say(PRUDENT)

    @command(group, "breakage", _("Show what became of points by the quarter in which they were earned."))
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    @option("--until", "last", type=DAY, metavar="DAY", help=_("Through this day; without it today."))
    def breakage(cli: Invocation, program: str, last: datetime | None) -> None:
        """Print the cohorts."""
        from crmkit_loyalty.liability.reports import chosen_program, owed_by

        with cli.session() as session:
            found = chosen_program(session, program)
            owed = owed_by(session, found, None, _date(last)) if found is not None else []
        rows = [
            {
                "type": each.moved.kind.name,
                **{name: getattr(row, name) for name in ("quarter", "earned", "redeemed", "expired", "left")},
                "taken_back": row.taken_back,
                "breakage": round(row.breakage.value, 4),
                "low": round(row.breakage.low, 4),
                "high": round(row.breakage.high, 4),
            }
            for each in owed
            for row in each.cost.cohorts
        ]
        columns = (
            Column("quarter", _("Earned in")),
            Column("earned", _("Earned"), align="right"),
            Column("redeemed", _("Redeemed"), align="right"),
            Column("expired", _("Expired"), align="right"),
            Column("taken_back", _("Taken back"), align="right"),
            Column("left", _("Left"), align="right"),
            Column("breakage", _("Breakage"), align="right"),
            Column("low", _("At least (95%)"), align="right"),
            Column("high", _("At most (95%)"), align="right"),
        )
        ages = {each.moved.kind.name: [asdict(age) for age in each.cost.ages] for each in owed}
        cli.output.table(columns, rows, more={"ages": ages}, empty=_("There are no points."))

    @command(group, "close", _("Write down what points were taken to cost at the end of a day."))
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    @option("--day", type=DAY, metavar="DAY", help=_("The day; without it yesterday."))
    def close(cli: Invocation, program: str, day: datetime | None) -> None:
        """Write the closing."""
        number = cli.run("loyalty.liability.close", {"program": program, "day": _date(day)})
        cli.output.say(_("Closed: {number} kinds of points."), number=number)


def _date(said: datetime | None) -> date | None:
    return said.date() if said is not None else None
