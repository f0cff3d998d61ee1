"""The report on themes: how much feedback is about each, what it thinks, and whether that is more than usual."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Period, Report, Table, texts
from crmkit.engines.statistics.control import p_chart
from crmkit.engines.statistics.intervals import wilson
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.measuring import span
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")

SMALL = 5


@frozen(kw_only=True)
class ThemeParameters:
    """When feedback came in."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    metric: Annotated[
        Literal["nps", "csat", "ces", "stars"], Input(title=_("Mean score of"), classified="internal")
    ] = "nps"


def theme_rows(session: CrmSession, parameters: ThemeParameters, moment: Moment) -> Table:
    """Return for each theme how much feedback is about it, which part of all that is, what it thinks, and the months
    in which its part was beyond the limits of chance."""
    since, until = span(session, parameters.period.first, parameters.period.last)
    query = (
        select(Feedback.id, Feedback.received_at, Feedback.metric, Feedback.score, Feedback.band)
        .where(Feedback.received_at >= since, Feedback.received_at < until)
        .order_by(Feedback.id)
    )
    zone = ZoneInfo(session.crm.config.get(session).zone)
    items: dict[Any, Any] = {row.id: row for row in session.execute(query)}
    months = Counter(_month(row.received_at, zone) for row in items.values())
    named = (
        select(Theme.title, FeedbackTheme.feedback_id, FeedbackTheme.sentiment_score)
        .join(Theme, Theme.id == FeedbackTheme.theme_id)
        .join(Feedback, Feedback.id == FeedbackTheme.feedback_id)
        .where(FeedbackTheme.state == "on", Feedback.received_at >= since, Feedback.received_at < until)
    )
    about: dict[str, list[tuple[Any, int | None]]] = defaultdict(list)
    for title, feedback_id, thinks in session.execute(named):
        if feedback_id in items:
            about[title].append((items[feedback_id], thinks))
    rows = [
        _row(title, found, len(items), months, parameters.metric, zone)
        for title, found in sorted(about.items(), key=lambda each: (-len(each[1]), each[0]))
    ]
    notes = [] if rows else [Note(text=_("Nothing was found to be about a theme in this time."))]
    return Table(rows=rows, notes=notes)


def _row(
    title: str, found: list[tuple[Any, int | None]], count: int, months: Counter[date], metric: str, zone: ZoneInfo
) -> dict[str, Any]:
    part = wilson(len(found), count)
    scores = [row.score for row, _said in found if row.metric == metric and row.score is not None]
    thinks = [said for _row, said in found if said is not None]
    seen = Counter(_month(row.received_at, zone) for row, _said in found)
    return {
        "key": title,
        "theme": title,
        "count": len(found),
        "all": count,
        "part": part.value,
        "bad": sum(row.band == "bad" for row, _said in found),
        "score": round(sum(scores) / len(scores), 2) if len(scores) >= SMALL else None,
        "thinks": round(sum(thinks) / len(thinks)) if thinks else None,
        "alarm": _alarm(seen, months),
    }


def _alarm(seen: Counter[date], months: Counter[date]) -> str:
    """Return the months in which a theme came up more often than chance tells, by a p-chart."""
    order = sorted(months)
    if len(order) < 3:
        return ""
    chart = p_chart([seen[each] for each in order], [months[each] for each in order])
    return ", ".join(
        f"{month:%Y-%m}" for month, point in zip(order, chart.points, strict=True) if point.value > point.upper
    )


def _month(at: Any, zone: ZoneInfo) -> date:
    day: date = at.astimezone(zone).date().replace(day=1)
    return day


REPORTS = [
    Report(
        name="feedback.themes",
        title=_("What feedback is about"),
        rows=theme_rows,
        parameters=ThemeParameters,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="theme", title=_("Theme")),
            Column(name="count", title=_("Feedback"), kind="integer"),
            Column(name="all", title=_("All feedback"), kind="integer", hidden=True),
            Column(name="part", title=_("Part of all"), kind="rate", successes="count", trials="all"),
            Column(name="bad", title=_("With a bad score"), kind="integer"),
            Column(name="score", title=_("Mean score"), kind="number", doc=_("From five answers on.")),
            Column(name="thinks", title=_("Sentiment"), kind="integer", doc=_("From -100 to 100, of what names it.")),
            Column(name="alarm", title=_("More than usual in"), doc=_("Months beyond the limits of a p-chart.")),
        ],
        charts=[Chart.bars("theme", "count")],
        permission="feedback.feedback.read",
        temporal=False,
        doc=_("How often feedback is about which theme, and what it thinks of it."),
    )
]
