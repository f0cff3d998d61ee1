"""The report on who answers: how many were asked, began, answered and did not, by distribution, survey or segment."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select

from crmkit import (
    Chart,
    Column,
    CrmSession,
    Input,
    InvalidInput,
    Moment,
    Note,
    Period,
    Problem,
    Report,
    Table,
    frame,
    texts,
)
from crmkit_feedback.asking.funnel import funnel_of
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.measuring.reading import day_start
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

BY = {"distribution": _("Distribution"), "survey": _("Survey"), "label": _("Labels of customers"), "way": _("By")}


@frozen(kw_only=True)
class ResponseParameters:
    """Over which days, told apart by what."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[
        Literal["distribution", "survey", "label", "way"], Input(title=_("Split by"), choices=BY, classified="internal")
    ] = "distribution"
    dimension: Annotated[
        str,
        Input(title=_("Dimension"), max_length=60, classified="internal", help=_("Of which labels, such as value.")),
    ] = ""


def response_rows(session: CrmSession, parameters: ResponseParameters, moment: Moment) -> Table:
    """Return how many of those asked within a period answered. Raises InvalidInput where labels are asked for without
    a dimension. Anonymous surveys are left out, as nobody knows who answered."""
    if parameters.by == "label" and not parameters.dimension:
        text = _("Say of which dimension, such as value.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="dimension")])
    zone = ZoneInfo(str(session.crm.config.get(session).zone))
    since = day_start(parameters.period.first, zone)
    until = day_start(parameters.period.last + timedelta(days=1), zone)
    labels: dict[object, str] = {}
    if parameters.by == "label":
        rows = frame(session, [f"label.{parameters.dimension}"], moment=moment).rows()
        labels = {row[0]: str(row[1] or "") for row in rows}
    columns = {
        "distribution": Distribution.title,
        "survey": Survey.title,
        "way": Distribution.way,
        "label": Invitation.customer_id,
    }
    key = columns[parameters.by]
    query = (
        select(key, Invitation.state, func.count(Invitation.id))
        .join(Distribution, Distribution.id == Invitation.distribution_id)
        .join(Survey, Survey.id == Invitation.survey_id)
        .where(Invitation.sent_at >= since, Invitation.sent_at < until, Survey.anonymous.is_(False))
        .group_by(key, Invitation.state)
    )
    groups: dict[str, list[tuple[str, str | None, bool, int]]] = {}
    for value, state, number in session.execute(query):
        name = labels.get(value, "") if parameters.by == "label" else str(value)
        groups.setdefault(name, []).append((state, None, True, int(number)))
    rows_ = [{"group": name or "–", **_figures(found)} for name, found in sorted(groups.items())]
    every = [each for found in groups.values() for each in found]
    totals = {"group": None, **_figures(every)} if len(groups) > 1 else None
    note = Note(text=_("Anonymous surveys are left out: nobody knows who answered them."))
    return Table(rows=rows_, totals=totals, notes=[note])


def _figures(rows: list[tuple[str, str | None, bool, int]]) -> dict[str, object]:
    found = funnel_of(rows)
    return {
        "asked": found.asked,
        "begun": found.begun,
        "completed": found.completed,
        "abandoned": found.begun - found.completed,
        "silent": found.asked - found.begun,
        "rate": None,
        "completion": None,
    }


REPORTS = [
    Report(
        name="feedback.response_rate",
        title=_("Who answers"),
        rows=response_rows,
        parameters=ResponseParameters,
        defaults={"period": "last 90 days"},
        permission="feedback.invitation.read",
        aggregates=True,
        counts="asked",
        temporal=False,
        columns=[
            Column(name="group", title=_("Group")),
            Column(name="asked", title=_("Asked"), kind="integer", total=True),
            Column(name="begun", title=_("Begun"), kind="integer", total=True),
            Column(name="completed", title=_("Answered"), kind="integer", total=True),
            Column(name="abandoned", title=_("Given up"), kind="integer", total=True),
            Column(name="silent", title=_("No answer"), kind="integer", total=True),
            Column(name="rate", title=_("Response rate"), kind="rate", successes="completed", trials="asked"),
            Column(
                name="completion",
                title=_("Completion rate"),
                kind="rate",
                successes="completed",
                trials="begun",
                doc=_("Answered of those begun."),
            ),
        ],
        charts=[Chart.bars("group", "rate")],
        doc=_("How many of those whom surveys asked on the days of a period have answered by now, and who did not."),
    )
]
