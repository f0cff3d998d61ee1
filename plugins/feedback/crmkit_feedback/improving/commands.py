"""``crmkit feedback impact`` and ``improvements``: what themes cost, and what is done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_feedback")

_DAY = click.DateTime(["%Y-%m-%d"])


def add_to(group: click.Group) -> None:
    """Add the commands to those of feedback."""

    @command(group, "impact", _("Print how much every theme costs or brings the score of a survey."))
    @click.argument("survey")
    @option("--since", type=_DAY, metavar="DAY", help=_("The first day."))
    @option("--until", type=_DAY, metavar="DAY", help=_("The last day."))
    def impact(cli: Invocation, survey: str, since: datetime | None, until: datetime | None) -> None:
        """Print the impact of themes, what costs most first; values in points."""
        from crmkit_feedback.improving.impact import impacts
        from crmkit_feedback.measuring.reading import survey_of

        first, last = (None if day is None else day.date() for day in (since, until))
        with cli.session() as session:
            found = impacts(session, survey_of(session, survey), first, last)
        rows = [
            {
                **each.document(),
                "points": _points(each.impact),
                "range": "" if each.low is None else f"{_points(each.low)} – {_points(each.high)}",
            }
            for each in found
        ]
        columns = (
            Column("title", _("Theme")),
            Column("n", _("Answers"), "right"),
            Column("points", _("Impact"), "right"),
            Column("range", _("Interval of 95 %"), "right"),
            Column("p_holm", _("p (Holm)"), "right"),
        )
        cli.output.table(columns, rows, empty=_("No answer was found to be about a theme."))

    @command(group, "improvements", _("List improvements, the last first."))
    @option("--state", default="", help=_("Only what is in this state."))
    def improvements(cli: Invocation, state: str) -> None:
        """Print improvements."""
        from sqlalchemy import select

        from crmkit_feedback.improving.models import Improvement

        query = select(Improvement).order_by(Improvement.number.desc())
        if state:
            query = query.where(Improvement.state == state)
        with cli.session() as session:
            rows: list[dict[str, Any]] = [
                {
                    "number": each.number,
                    "title": each.title,
                    "state": each.state,
                    "due_on": each.due_on,
                    "released_on": each.released_on,
                    "result": each.result,
                    "verdict": each.result.get("verdict", ""),
                }
                for each in session.scalars(query)
            ]
        columns = (
            Column("number", _("Number"), "right"),
            Column("title", _("Title")),
            Column("state", _("State")),
            Column("due_on", _("Due on")),
            Column("released_on", _("Released on")),
            Column("verdict", _("What came out")),
        )
        cli.output.table(columns, rows, empty=_("There are no improvements."))


def _points(value: float | None) -> str:
    return "" if value is None else f"{100 * value:+.1f}"
