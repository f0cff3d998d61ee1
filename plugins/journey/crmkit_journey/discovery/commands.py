"""``crmkit journey discover``: what customers really do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

if TYPE_CHECKING:
    from crmkit_journey.discovery.funnels import Reached
    from crmkit_journey.discovery.mining import Findings

_ = texts("crmkit_journey")

_DAY = click.DateTime(["%Y-%m-%d"])
_SHOWN = 20


def add_to(journey: click.Group) -> None:
    """Add the command to those of journey."""

    @command(journey, "discover", _("Show what customers really do, from their interactions."))
    @option("--kinds", metavar="A,B", default="", help=_("Kinds of interactions that count; else all."))
    @option("--by", type=click.Choice(["customer", "thread"]), default="customer", help=_("What a case is."))
    @option(
        "--activity",
        type=click.Choice(["auto", "kind", "outcome", "subject"]),
        default="auto",
        help=_("What an event's activity is."),
    )
    @option("--since", type=_DAY, metavar="DAY", help=_("From this day on."))
    @option("--until", type=_DAY, metavar="DAY", help=_("Up to this day, included."))
    @option(
        "--funnel", metavar="A,B,C", default="", help=_("Steps in their order: who reaches each, and who does not.")
    )
    @option("--idle-days", type=click.IntRange(1, 3650), default=30, help=_("Silent is who did nothing for so long."))
    @option(
        "--limit", type=click.IntRange(1, 10000), default=_SHOWN, help=_("How many rows of each table are printed.")
    )
    def discover(
        cli: Invocation,
        kinds: str,
        by: Any,
        activity: Any,
        since: datetime | None,
        until: datetime | None,
        funnel: str,
        idle_days: int,
        limit: int,
    ) -> None:
        """Print cases, activities, variants, what follows what, throughput, and a funnel."""
        from crmkit_journey.discovery import funnels, mining
        from crmkit_journey.discovery.documents import document
        from crmkit_journey.discovery.reading import events_of_log
        from crmkit_journey.discovery.words import LogChoice

        choice = LogChoice(
            by=by,
            activity=activity,
            kinds=_listed(kinds),
            since=None if since is None else since.date(),
            until=None if until is None else until.date(),
        )
        steps = _listed(funnel)
        with cli.session() as session:
            traces = events_of_log(session, choice)
            now = session.gate.clock.business_now()
        found = mining.mine(traces)
        reached = funnels.funnel(traces, steps, now, idle_days=idle_days) if steps else ()
        if cli.output.json:
            cli.output.document(document(found, reached))
            return
        _print(cli, found, limit)
        if reached:
            _print_funnel(cli, reached)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _print(cli: Invocation, found: Findings, limit: int) -> None:
    throughput = found.throughput
    cli.output.record(
        [
            (_("Cases"), found.cases),
            (_("Events"), found.events),
            (_("Activities"), len(found.activities)),
            (_("Variants"), len(found.variants)),
            (_("Throughput, median"), _took(throughput.median)),
            (_("Throughput, mean"), _took(throughput.mean)),
            (_("Nine in ten within"), _took(throughput.at(0.9))),
        ]
    )
    if not found.cases:
        return
    cli.output.heading(_("Activities"))
    cli.output.table(
        (
            Column("name", _("Activity")),
            Column("count", _("Events"), align="right"),
            Column("cases", _("Cases"), align="right"),
            Column("rework", _("Cases with it again"), align="right"),
            Column("starts", _("Begins"), align="right"),
            Column("ends", _("Ends"), align="right"),
        ),
        [
            {
                "name": each.name,
                "count": each.count,
                "cases": each.cases,
                "rework": each.rework,
                "starts": each.starts,
                "ends": each.ends,
            }
            for each in found.activities[:limit]
        ],
    )
    cli.output.heading(_("Variants"))
    cli.output.table(
        (
            Column("count", _("Cases"), align="right"),
            Column("share", _("Share"), align="right"),
            Column("median", _("Median time"), align="right"),
            Column("trace", _("Activities in their order")),
        ),
        [
            {
                "count": each.count,
                "share": f"{each.share:.1%}",
                "median": _took(each.median),
                "trace": " → ".join(each.activities),
            }
            for each in found.variants[:limit]
        ],
    )
    cli.output.heading(_("What follows what"))
    cli.output.table(
        (
            Column("source", _("Activity")),
            Column("target", _("Next activity")),
            Column("count", _("Times"), align="right"),
            Column("mean", _("Mean time between"), align="right"),
            Column("median", _("Median time between"), align="right"),
        ),
        [
            {
                "source": each.source,
                "target": each.target,
                "count": each.count,
                "mean": _took(each.mean),
                "median": _took(each.median),
            }
            for each in found.edges[:limit]
        ],
        empty=_("No case has two events."),
    )


def _print_funnel(cli: Invocation, reached: tuple[Reached, ...]) -> None:
    cli.output.heading(_("Funnel"))
    nothing = cli.text(_("nothing"))
    cli.output.table(
        (
            Column("step", _("Step")),
            Column("cases", _("Cases"), align="right"),
            Column("dropped", _("Did not go on"), align="right"),
            Column("then", _("What they did next")),
            Column("ended", _("How it ended")),
            Column("silent", _("Silent since"), align="right"),
        ),
        [
            {
                "step": each.step,
                "cases": each.cases,
                "dropped": each.dropped,
                "then": ", ".join(f"{name or nothing} {number}" for name, number in each.then[:5]),
                "ended": ", ".join(f"{name} {number}" for name, number in each.ended[:5]),
                "silent": each.silent,
            }
            for each in reached
        ],
    )


def _took(seconds: float | None) -> str | None:
    return None if seconds is None else str(timedelta(seconds=round(seconds)))
