"""``crmkit loyalty effect`` and ``migration``: what a programme brings, and how its tiers move."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click
from attrs import asdict

from crmkit import places, texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_loyalty")

PROGRAM = _("Which programme; without it the first one.")
DAY = click.DateTime(["%Y-%m-%d"])


def add_to(group: click.Group) -> None:
    """Add the commands to those of loyalty."""

    @command(group, "effect", _("Show what customers of a programme spend more than those who were held out of it."))
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    @option(
        "--days", type=click.IntRange(1, 3650), default=90, metavar="N", help=_("For how long each is followed (90).")
    )
    @option(
        "--margin", type=click.IntRange(0, 100), default=0, metavar="PERCENT",
        help=_("What is left of revenue after the cost of goods: for the return."),
    )  # fmt: skip
    def effect(cli: Invocation, program: str, days: int, margin: int) -> None:
        """Print both groups and the difference."""
        from crmkit_loyalty.effect.reading import program_effect
        from crmkit_loyalty.effect.reports import notes_of
        from crmkit_loyalty.liability.reports import chosen_program
        from crmkit_loyalty.programs.money import currency_of

        with cli.session() as session:
            chosen = chosen_program(session, program)
            found = program_effect(session, chosen, days, margin) if chosen is not None else None
            currency = currency_of(session)
        if found is None:
            cli.output.table((), [], empty=_("There is no loyalty programme yet"))
            return
        digits = places(currency)

        def money(value: float | None) -> str | None:
            return None if value is None else f"{value / 10**digits:.{digits}f}"

        rows: list[dict[str, Any]] = [
            {
                "group": name,
                "customers": group.customers,
                "buyers": group.buyers,
                "mean": money(group.mean.value),
                "low": money(group.mean.low),
                "high": money(group.mean.high),
            }
            for name, group in (("members", found.members), ("held_out", found.held_out))
        ]
        rows += [
            {
                "group": name,
                "customers": None,
                "buyers": None,
                "mean": money(estimate.value),
                "low": money(estimate.low),
                "high": money(estimate.high),
            }
            for name, estimate in (("difference", found.difference), ("extra", found.extra))
            if estimate is not None
        ]
        columns = (
            Column("group", _("Group")),
            Column("customers", _("Customers"), align="right"),
            Column("buyers", _("Bought something"), align="right"),
            Column("mean", _("Revenue for each"), align="right"),
            Column("low", _("At least (95%)"), align="right"),
            Column("high", _("At most (95%)"), align="right"),
        )
        more = {
            "days": days,
            "currency": currency,
            "told": found.difference is not None,
            "p_value": found.p_value,
            "smallest": money(found.smallest),
            "return": asdict(found.returned) if found.returned is not None else None,
        }
        cli.output.table(columns, rows, more=more, empty=_("There is no loyalty programme yet"))
        if not cli.output.json:
            for note in notes_of(found):
                cli.output.say(note.text, **note.values)

    @command(group, "migration", _("Show how members moved between tiers."))
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    @option("--from", "first", type=DAY, metavar="DAY", help=_("From the end of this day; without it a year ago."))
    @option("--until", "last", type=DAY, metavar="DAY", help=_("To the end of this day; without it today."))
    def migration(cli: Invocation, program: str, first: datetime | None, last: datetime | None) -> None:
        """Print the matrix, a line for each pair of tiers."""
        from crmkit_loyalty.effect.migrating import migration_of
        from crmkit_loyalty.liability.reports import chosen_program

        with cli.session() as session:
            chosen = chosen_program(session, program)
            until = last.date() if last is not None else session.today()
            since = first.date() if first is not None else until - timedelta(days=365)
            found = migration_of(session, chosen, since, until) if chosen is not None else None
        rows = [
            {"from": before or None, "to": after or None, "members": number}
            for before in (found.tiers if found is not None else ())
            for after in (found.tiers if found is not None else ())
            if found is not None and (number := found.counts.get((before, after), 0))
        ]
        columns = (Column("from", _("From")), Column("to", _("To")), Column("members", _("Members"), align="right"))
        cli.output.table(columns, rows, empty=_("There are no tiers"))
