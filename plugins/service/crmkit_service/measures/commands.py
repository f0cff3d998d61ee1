"""``crmkit service staffing`` and ``crmkit service measures``: how many people it takes, and what service achieves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import click

from crmkit import InvalidInput, Period, Problem, texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_service")

BY_NAMES = ("all", "team", "owner", "queue", "type", "channel", "priority", "intent", "product", "label")


def add_to(service: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(service, "staffing", _("Say how many people it takes to answer in time (Erlang C)."))
    @option("--channel", default="", metavar="CHANNEL", help=_("Of one channel alone, such as phone."))
    @option("--weeks", type=click.IntRange(1, 52), default=4, metavar="N", help=_("Whole weeks looked at (4)."))
    @option("--level", type=float, default=80.0, metavar="PERCENT", help=_("So many are answered in time (80)."))
    @option("--within", type=float, default=20.0, metavar="SECONDS", help=_("In time is within so many (20)."))
    @option("--occupancy", type=float, default=95.0, metavar="PERCENT", help=_("People are busy at most (95)."))
    @option("--shrinkage", type=float, default=30.0, metavar="PERCENT", help=_("Breaks, training, illness (30)."))
    @option("--handling", type=float, metavar="SECONDS", help=_("What one takes; by default as was noted."))
    @option("--contacts", type=float, metavar="N", help=_("Contacts in half an hour, instead of what came in."))
    def staffing(
        cli: Invocation,
        channel: str,
        weeks: int,
        level: float,
        within: float,
        occupancy: float,
        shrinkage: float,
        handling: float | None,
        contacts: float | None,
    ) -> None:
        """Print what each half hour of the week takes, or what one of so many contacts takes."""
        from crmkit_service.measures.arrivals import HALF, arrivals_of, plan_for
        from crmkit_service.measures.pages import DAYS
        from crmkit_service.measures.staffing import Demand, Goal, plan

        goal = Goal(level=level / 100, within=within, occupancy=occupancy / 100)
        with cli.session() as session:
            arrivals = arrivals_of(session, weeks=weeks, channel=channel)
        if contacts is not None:
            demand = Demand(contacts=contacts, seconds=HALF, handling=handling or arrivals.handling)
            intervals = plan([(0, demand)], goal, shrinkage / 100)
        else:
            intervals = plan_for(arrivals, goal, shrinkage=shrinkage / 100, handling=handling).intervals
        rows: list[dict[str, Any]] = []
        for each in intervals:
            place = each.start // HALF
            rows.append(
                {
                    "day": "" if contacts is not None else cli.text(DAYS[place // 48]),
                    "time": "" if contacts is not None else f"{place % 48 // 2:02d}:{place % 2 * 30:02d}",
                    "contacts": round(each.demand.contacts, 2),
                    "handling": round(each.demand.handling, 1),
                    "load": round(each.staffing.load, 3),
                    "agents": each.staffing.agents,
                    "rostered": each.rostered,
                    "level": round(each.staffing.level, 4),
                    "waiting": round(each.staffing.waiting, 4),
                    "answer": None if each.staffing.answer is None else round(each.staffing.answer, 1),
                    "occupancy": round(each.staffing.occupancy, 4),
                }
            )
        columns = (
            Column("day", _("Day")),
            Column("time", _("From")),
            Column("contacts", _("Contacts"), "right"),
            Column("agents", _("People"), "right"),
            Column("rostered", _("On the roster"), "right"),
            Column("level", _("In time"), "right"),
            Column("waiting", _("Waiting"), "right"),
            Column("answer", _("Seconds"), "right"),
            Column("occupancy", _("Busy"), "right"),
        )
        cli.output.table(columns, rows, empty=_("Nothing came in in these weeks."))

    @command(service, "measures", _("Show what service achieves within some days."))
    @option("--since", metavar="DAY", help=_("From that day on; by default the last 30 days."))
    @option("--until", metavar="DAY", help=_("Up to that day; by default today."))
    @option("--by", type=click.Choice(list(BY_NAMES)), default="all", help=_("Told apart by that."))
    @option("--dimension", default="", metavar="NAME", help=_("Whose labels, with --by label."))
    def measures(cli: Invocation, since: str | None, until: str | None, by: Any, dimension: str) -> None:
        """Print the measures of some days, of what whoever calls may see."""
        from crmkit_service.measures.summary import summary_of

        with cli.session() as session:
            last = session.today() if until is None else _day(until)
            first = last - timedelta(days=29) if since is None else _day(since)
            rows = summary_of(session, Period(first=first, last=last), by, dimension=dimension)
        rows = [{**row, "group": cli.text(row["group"])} for row in rows]
        columns = (
            Column("group", _("Group")),
            Column("opened", _("Opened"), "right"),
            Column("solved", _("Solved"), "right"),
            Column("open", _("Open"), "right"),
            Column("first", _("First answer (h)"), "right"),
            Column("time", _("Time to solve (h)"), "right"),
            Column("reopened", _("Reopened"), "right"),
            Column("fcr", _("At first contact"), "right"),
            Column("csat", _("Satisfied"), "right"),
        )
        cli.output.table(columns, rows, empty=_("Nothing happened in this period."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem(InvalidInput.code, _("This is no day."), value=text, hint=_("Write it as 2026-11-22."))
        raise InvalidInput([problem]) from None
