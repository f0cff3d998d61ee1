"""The report on deflection: what came of visits with articles, and of those without."""

from __future__ import annotations

from typing import Annotated

from attrs import frozen

from crmkit import Column, CrmSession, Input, Moment, Note, Period, Report, Table, texts
from crmkit_knowledge.suggesting.figures import deflection, visits_of
from crmkit_knowledge.suggesting.words import ARMS

_ = texts("crmkit_knowledge")

READ = "knowledge.session.read"


@frozen(kw_only=True)
class DeflectionParameters:
    """The days of which the report speaks."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


def deflection_rows(session: CrmSession, parameters: DeflectionParameters, moment: Moment) -> Table:
    """Return both arms beside each other; nothing where one of them is empty, as a rate without its control says
    nothing."""
    last = min(parameters.period.last, moment.today)
    found = deflection(session, visits_of(session, parameters.period.first, last, moment.zone))
    difference = found.difference
    if difference is None or difference.value is None:
        note = _("There are no visits with and without articles yet that are over: {shown} with, {control} without.")
        values = {"shown": found.shown.sessions, "control": found.control.sessions}
        return Table(rows=[], notes=[Note(text=note, values=values)])
    rows = [
        {
            "key": name,
            "arm": ARMS[name],
            "sessions": arm.sessions,
            "viewed": arm.viewed,
            "answered": arm.answered,
            "without_case": arm.without_case,
            "deflected": arm.deflected,
        }
        for name, arm in (("shown", found.shown), ("control", found.control))
    ]
    note = _("With articles {points} of 100 more end without a case (95%: {low} to {high}).")
    values = {name: _points(value) for name, value in _ends(difference)}
    running = _("{number} visits are not over yet and do not count.")
    return Table(
        rows=rows,
        notes=[
            Note(text=note, values=values),
            *([Note(text=running, values={"number": found.running})] * bool(found.running)),
        ],
    )


def _ends(estimate: object) -> list[tuple[str, float]]:
    return [
        ("points", getattr(estimate, "value", None) or 0.0),
        ("low", getattr(estimate, "low", None) or 0.0),
        ("high", getattr(estimate, "high", None) or 0.0),
    ]


def _points(share: float) -> str:
    return f"{share * 100:+.1f}"


REPORTS = [
    Report(
        name="knowledge.deflection",
        title=_("Deflection"),
        rows=deflection_rows,
        parameters=DeflectionParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="arm", title=_("Arm")),
            Column(name="sessions", title=_("Visits"), kind="integer"),
            Column(name="viewed", title=_("Opened an article"), kind="integer"),
            Column(name="answered", title=_("Said it was answered"), kind="integer"),
            Column(name="without_case", title=_("Without a case"), kind="integer"),
            Column(name="deflected", title=_("Opened an article, without a case"), kind="integer"),
            Column(
                name="rate",
                title=_("Share without a case"),
                kind="rate",
                successes="without_case",
                trials="sessions",
                doc=_("Of all visits as they were drawn, whether or not an article was opened."),
            ),
            Column(
                name="deflection",
                title=_("Deflection"),
                kind="rate",
                successes="deflected",
                trials="sessions",
                doc=_("Visits in which an article was opened and no case came. See it beside the control group."),
            ),
        ],
        temporal=False,
        doc=_("How many of those who were about to ask needed no case, with articles and without."),
    )
]
