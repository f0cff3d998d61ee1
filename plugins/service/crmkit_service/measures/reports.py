"""The reports on what service achieves: answers, solutions, what is open, how satisfied customers are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import Chart, Column, CrmSession, Moment, Note, Report, Table, texts
from crmkit_service.measures.figures import Tally, middle, ninetieth
from crmkit_service.measures.grouping import MeasureParameters, grouped

_ = texts("crmkit_service")

HOUR = 3600
DAY = 86_400
AGES = (
    ("day", 1 * DAY, _("Up to a day")),
    ("three", 3 * DAY, _("Up to 3 days")),
    ("week", 7 * DAY, _("Up to a week")),
    ("month", 30 * DAY, _("Up to 30 days")),
)
"""Classes of ages with their upper ends in seconds; older ones are in a class of their own."""


def hours(seconds: float | None) -> float | None:
    """Return seconds as hours with two digits."""
    return None if seconds is None else round(seconds / HOUR, 2)


def _rows(session: CrmSession, parameters: MeasureParameters, moment: Moment, values: Any, kept: Any) -> Table:
    found = grouped(session, parameters, moment)
    rows = [{"key": key, "group": title, **values(tally)} for key, title, tally in found.in_order() if kept(tally)]
    totals = {"key": "total", "group": None, **values(found.whole)}
    return Table(rows=rows, totals=totals if len(rows) > 1 else None)


def answer_rows(session: CrmSession, parameters: MeasureParameters, moment: Moment) -> Table:
    """Return how soon customers were answered within a period."""

    def values(tally: Tally) -> Mapping[str, Any]:
        return {
            "opened": tally.opened,
            "answered": tally.answered,
            "first": hours(middle(tally.first_worked)),
            "first_90": hours(ninetieth(tally.first_worked)),
            "first_calendar": hours(middle(tally.first)),
            "later": len(tally.later),
            "next": hours(middle(tally.later_worked)),
            "next_90": hours(ninetieth(tally.later_worked)),
        }

    return _rows(session, parameters, moment, values, lambda tally: tally.opened or tally.answered or tally.later)


def solution_rows(session: CrmSession, parameters: MeasureParameters, moment: Moment) -> Table:
    """Return how soon cases were solved within a period, by how many hands, and whether that held."""

    def values(tally: Tally) -> Mapping[str, Any]:
        return {
            "solved": tally.solved,
            "time": hours(middle(tally.solving_worked)),
            "time_90": hours(ninetieth(tally.solving_worked)),
            "calendar": hours(middle(tally.solving)),
            "reopened": tally.reopened,
            "reopen_rate": None,
            "settled": tally.settled,
            "once": tally.once,
            "fcr": None,
            "one_touch": tally.one_touch,
            "one_touch_rate": None,
            "transfers": round(tally.transfers / tally.solved, 2) if tally.solved else None,
            "untouched": tally.untouched,
            "first_owner": tally.first_owner,
            "first_owner_rate": None,
        }

    return _rows(session, parameters, moment, values, lambda tally: tally.solved)


def backlog_rows(session: CrmSession, parameters: MeasureParameters, moment: Moment) -> Table:
    """Return what was open at the end of a period, and for how long."""

    def values(tally: Tally) -> Mapping[str, Any]:
        ages = tally.ages
        counts: dict[str, int] = {}
        below = 0.0
        for name, end, _title in AGES:
            counts[name] = sum(below < age <= end for age in ages)
            below = end
        return {
            "open": tally.backlog,
            **counts,
            "older": sum(age > below for age in ages),
            "age": round(found / DAY, 1) if (found := middle(ages)) is not None else None,
            "age_90": round(found / DAY, 1) if (found := ninetieth(ages)) is not None else None,
            "oldest": round(max(ages) / DAY, 1) if ages else None,
        }

    return _rows(session, parameters, moment, values, lambda tally: tally.backlog)


def satisfaction_rows(session: CrmSession, parameters: MeasureParameters, moment: Moment) -> Table:
    """Return how satisfied customers said that they were within a period."""

    def values(tally: Tally) -> Mapping[str, Any]:
        return {
            "ratings": tally.ratings,
            "satisfied": tally.satisfied,
            "csat": None,
            "score": round(tally.score, 2) if tally.score is not None else None,
            "solved": tally.solved,
            "response": round(min(tally.ratings / tally.solved, 1), 4) if tally.solved else None,
        }

    found = _rows(session, parameters, moment, values, lambda tally: tally.ratings)
    return Table(
        rows=found.rows,
        totals=found.totals,
        notes=[Note(text=_("Who answers is no random part of all customers: the intervals hold for those who did."))],
    )


KEY = Column(name="key", title=_("Key"), hidden=True)
GROUP = Column(name="group", title=_("Group"))
PERMISSION = "service.measure.read"
LAST = {"period": "last 30 days"}


def _hidden(name: str) -> Column:
    return Column(name=name, title=name, kind="integer", hidden=True)


REPORTS = [
    Report(
        name="service.answers",
        title=_("Answers"),
        rows=answer_rows,
        parameters=MeasureParameters,
        defaults=LAST,
        permission=PERMISSION,
        columns=[
            KEY,
            GROUP,
            Column(name="opened", title=_("Opened"), kind="integer", total=True),
            Column(name="answered", title=_("First answers"), kind="integer", total=True),
            Column(
                name="first",
                title=_("First answer, median"),
                kind="number",
                unit=_("h"),
                doc=_("Working time from the opening until a person answered first, for first answers of the period."),
            ),
            Column(name="first_90", title=_("First answer, 9 of 10"), kind="number", unit=_("h")),
            Column(
                name="first_calendar",
                title=_("By the clock"),
                kind="number",
                unit=_("h"),
                doc=_("The median of the first answer with nights and holidays."),
            ),
            Column(name="later", title=_("Later answers"), kind="integer", total=True),
            Column(
                name="next",
                title=_("Later answer, median"),
                kind="number",
                unit=_("h"),
                doc=_("Working time from the customer's first message that was not answered yet."),
            ),
            Column(name="next_90", title=_("Later answer, 9 of 10"), kind="number", unit=_("h")),
        ],
        charts=[Chart.bars("group", "first", "first_90"), Chart.bars("group", "next", "next_90")],
        doc=_("How soon customers are answered: the first time, and afterwards."),
    ),
    Report(
        name="service.solutions",
        title=_("Solutions"),
        rows=solution_rows,
        parameters=MeasureParameters,
        defaults=LAST,
        permission=PERMISSION,
        columns=[
            KEY,
            GROUP,
            Column(
                name="solved",
                title=_("Solved"),
                kind="integer",
                total=True,
                doc=_("Solutions of the period; a case that was reopened and solved again counts again."),
            ),
            Column(
                name="time",
                title=_("Time to solve, median"),
                kind="number",
                unit=_("h"),
                doc=_("Working time from the opening to the solution."),
            ),
            Column(name="time_90", title=_("Time to solve, 9 of 10"), kind="number", unit=_("h")),
            Column(name="calendar", title=_("By the clock"), kind="number", unit=_("h")),
            _hidden("reopened"),
            Column(
                name="reopen_rate",
                title=_("Reopened"),
                kind="rate",
                successes="reopened",
                trials="solved",
                doc=_("Of the solutions of the period, those that were opened again since."),
            ),
            _hidden("settled"),
            _hidden("once"),
            Column(
                name="fcr",
                title=_("Solved at first contact"),
                kind="rate",
                successes="once",
                trials="settled",
                doc=_(
                    "Solved with at most one answer of a person and not reopened within the days; of the solutions of"
                    " which that is known by now."
                ),
            ),
            _hidden("one_touch"),
            Column(
                name="one_touch_rate",
                title=_("One touch"),
                kind="rate",
                successes="one_touch",
                trials="solved",
                doc=_("Solved with at most one answer of a person, whether it held or not."),
            ),
            Column(
                name="transfers",
                title=_("Hand-overs"),
                kind="number",
                doc=_("How often a case went to somebody else or to another queue, on average."),
            ),
            _hidden("untouched"),
            _hidden("first_owner"),
            Column(
                name="first_owner_rate",
                title=_("Solved by the first owner"),
                kind="rate",
                successes="first_owner",
                trials="solved",
            ),
        ],
        charts=[Chart.bars("group", "time", "time_90"), Chart.intervals("group", "fcr", "reopen_rate")],
        doc=_("How soon cases are solved, by how many hands, and whether that holds."),
    ),
    Report(
        name="service.backlog",
        title=_("What is open"),
        rows=backlog_rows,
        parameters=MeasureParameters,
        defaults={"period": "today"},
        permission=PERMISSION,
        columns=[
            KEY,
            GROUP,
            Column(
                name="open",
                title=_("Open"),
                kind="integer",
                total=True,
                doc=_("Cases that were to be solved at the end of the period, those that waited among them."),
            ),
            *(Column(name=name, title=title, kind="integer", total=True) for name, _end, title in AGES),
            Column(name="older", title=_("Older"), kind="integer", total=True),
            Column(name="age", title=_("Age, median"), kind="number", unit=_("days")),
            Column(name="age_90", title=_("Age, 9 of 10"), kind="number", unit=_("days")),
            Column(name="oldest", title=_("The oldest"), kind="number", unit=_("days")),
        ],
        charts=[Chart.stack("group", *(name for name, _end, _title in AGES), "older")],
        doc=_("How many cases were open at the end of a period, and for how long."),
    ),
    Report(
        name="service.satisfaction",
        title=_("Satisfaction with solutions"),
        rows=satisfaction_rows,
        parameters=MeasureParameters,
        defaults={"period": "last 90 days"},
        permission=PERMISSION,
        columns=[
            KEY,
            GROUP,
            Column(name="ratings", title=_("Ratings"), kind="integer", total=True),
            _hidden("satisfied"),
            Column(
                name="csat",
                title=_("Satisfied (CSAT)"),
                kind="rate",
                successes="satisfied",
                trials="ratings",
                doc=_("Of the ratings, those of 4 or 5 out of 5, with a 95 per cent interval (Wilson)."),
            ),
            Column(name="score", title=_("Mean score"), kind="number"),
            Column(name="solved", title=_("Solved"), kind="integer", total=True),
            Column(name="response", title=_("Share that answered"), kind="share"),
        ],
        charts=[Chart.intervals("group", "csat")],
        doc=_("How satisfied customers say that they are with how their cases were solved."),
    ),
]
