"""``crmkit journey simulate``: what a flow would have done with what happened."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from crmkit import InvalidInput, Problem, texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_journey")

_DAY = click.DateTime(["%Y-%m-%d"])


def add_to(above: click.Group) -> None:
    """Add the command to those of journey."""

    @command(above, "simulate", _("Say what a flow would have done with what happened; nothing is written."))
    @click.argument("file_or_name")
    @option("--since", type=_DAY, required=True, metavar="DAY", help=_("From this day on."))
    @option("--until", type=_DAY, metavar="DAY", help=_("Up to this day, included; by default today."))
    def simulate(cli: Invocation, file_or_name: str, since: datetime, until: datetime | None) -> None:
        """Play the draft of a flow, or a file, and print what would have become of it."""
        from crmkit_journey.flows.documents import flow_of
        from crmkit_journey.flows.files import read_file
        from crmkit_journey.flows.finding import draft_of, flow_named
        from crmkit_journey.simulating.playing import simulate as play

        with cli.session() as session:
            if Path(file_or_name).is_file():
                said = read_file(_text(Path(file_or_name)))
                name, flow = said.name, said.flow
            else:
                record = flow_named(session, file_or_name)
                draft = draft_of(session, record)
                name, flow = record.name, flow_of(draft.document if draft else {})
            last = session.today() if until is None else until.date()
            found = play(session, name, flow, since.date(), last)
        nodes = [
            {"node": node, "reached": count, "ways": {way: n for (at, way), n in found.ways.items() if at == node}}
            for node, count in found.nodes.items()
        ]
        if cli.output.json:
            cli.output.document(
                {
                    "customers": found.customers,
                    "began": found.began,
                    "held_out": found.held_out,
                    "under_way": found.under_way,
                    "goals": found.goals,
                    "held_goals": found.held_goals,
                    "nodes": nodes,
                    "acts": dict(found.acts),
                    "by_day": {day.isoformat(): count for day, count in found.by_day.items()},
                    "ended": dict(found.ended),
                }
            )
            return
        cli.output.record(
            [
                (_("Customers looked at"), found.customers),
                (_("Came in"), found.began),
                (_("Held out"), found.held_out),
                (_("On their way"), found.under_way),
                (_("Goal reached without it"), found.goals),
                (_("Most in a day"), max(found.by_day.values(), default=0)),
            ]
        )
        columns = (
            Column("node", _("Node")),
            Column("reached", _("Came"), align="right"),
            Column("ways", _("Ways")),
        )
        shown = [{**each, "ways": ", ".join(f"{way} {n}" for way, n in each["ways"].items())} for each in nodes]
        cli.output.table(columns, shown)
        acts = [{"type": name, "count": count} for name, count in found.acts.items()]
        cli.output.table(
            (Column("type", _("What it would do")), Column("count", _("How often"), align="right")),
            acts,
            empty=_("It would do nothing."),
        )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        problem = Problem(InvalidInput.code, _("{file} is no text in UTF-8."), field="FILE", file=file.name)
        raise InvalidInput([problem]) from error
