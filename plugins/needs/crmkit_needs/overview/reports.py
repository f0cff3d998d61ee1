"""The reports on the course of needs: how old the open ones are, what is decided when, why some are declined.

Must not compute what became of a need: that is in `stories`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Period, Report, Table, texts
from crmkit.engines.statistics.intervals import median_interval
from crmkit_needs.catalogue.models import Need
from crmkit_needs.catalogue.words import DECLINES, OPEN
from crmkit_needs.overview.stories import (
    BY,
    Story,
    day_of,
    days_between,
    middle,
    month_of,
    months_of,
    ninetieth,
    stories,
    titles_of,
)
from crmkit_needs.scoring.counting import support_of

_ = texts("crmkit_needs")

READ = "needs.need.read"
KEY = Column(name="key", title=_("Key"), hidden=True)
BANDS: Sequence[tuple[str, int, str]] = (
    ("month", 30, _("Up to 30 days")),
    ("quarter", 90, _("Up to 90 days")),
    ("half", 180, _("Up to 180 days")),
    ("year", 365, _("Up to a year")),
)
"""Classes of ages with their upper ends in days; older ones are in a class of their own."""
AGE = _("Median age of all: {days} days (95% interval {low} to {high}).")
DECIDE = _("Median time to the first decision: {days} days (95% interval {low} to {high}).")
DELIVER = _("Median time to delivery: {days} days (95% interval {low} to {high}).")
PeriodField = Annotated[Period, Input(title=_("Period"), classified="internal")]
By = Annotated[
    Literal["state", "kind", "area", "urgency", "complexity"],
    Input(title=_("By"), choices=BY, classified="internal"),
]


@frozen(kw_only=True)
class AgeParameters:
    """By what the open needs are told apart."""

    by: By = "state"


@frozen(kw_only=True)
class SpanParameters:
    """The days of which the report speaks."""

    period: PeriodField


def age_rows(session: CrmSession, parameters: AgeParameters, moment: Moment) -> Table:
    """Return how many needs are open for how long, by group; ages in days since they were written down."""
    groups: dict[str, list[float]] = defaultdict(list)
    for story in stories(session, moment):
        if story.state in OPEN:
            groups[story.key(parameters.by)].append(days_between(story.opened_at, moment.as_of))
    titles = titles_of(session, parameters.by)
    order = [*titles, *sorted(set(groups) - set(titles))]
    rows = [{"key": key, "group": titles.get(key, key), **_ages(groups[key])} for key in order if key in groups]
    whole = [age for ages in groups.values() for age in ages]
    totals = {"key": "total", "group": None, **_ages(whole)} if len(rows) > 1 else None
    return Table(rows=rows, totals=totals, notes=_sure(AGE, whole))


def _ages(ages: Sequence[float]) -> Mapping[str, Any]:
    counts: dict[str, int] = {}
    below = float("-inf")
    for name, end, _title in BANDS:
        counts[name] = sum(below < age <= end for age in ages)
        below = end
    return {
        "open": len(ages),
        **counts,
        "older": sum(age > below for age in ages),
        "median": middle(ages),
        "most": ninetieth(ages),
        "oldest": round(max(ages), 1) if ages else None,
    }


def _sure(text: str, values: Sequence[float]) -> list[Note]:
    """Return the sentence that says how sure a median is; nothing where there are too few values for that."""
    found = median_interval(values)
    if found.value is None or found.low is None or found.high is None:
        return []
    said = {"days": found.value, "low": found.low, "high": found.high}
    return [Note(text=text, values={name: round(value, 1) for name, value in said.items()})]


def throughput_rows(session: CrmSession, parameters: SpanParameters, moment: Moment) -> Table:
    """Return what came and what was done in each month of a period, with the median times of what was done in it."""
    first, last = parameters.period.first, min(parameters.period.last, moment.today)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    waiting = undated = 0
    for story in stories(session, moment):
        for what, at in _dated(story).items():
            if at is None or not first <= day_of(at, moment.zone) <= last:
                continue
            month = month_of(at, moment.zone)
            counts[month][what] += 1
            if what in ("decided", "delivered"):
                times[month][what].append(days_between(story.opened_at, at))
        waiting += story.state in OPEN
        undated += bool(story.steps) and story.steps[0][0] == story.opened_at
    rows = [
        {
            "key": month,
            "month": month,
            **{what: counts[month][what] for what in ("opened", "decided", "delivered", "declined")},
            "decide": middle(times[month]["decided"]),
            "decide_most": ninetieth(times[month]["decided"]),
            "deliver": middle(times[month]["delivered"]),
            "deliver_most": ninetieth(times[month]["delivered"]),
        }
        for month in (months_of(first, last) if first <= last else ())
    ]
    notes = [
        *_sure(DECIDE, [each for month in times.values() for each in month["decided"]]),
        *_sure(DELIVER, [each for month in times.values() for each in month["delivered"]]),
        Note(
            text=_("Times are those of what was done; {count} needs that are still open are left out of them."),
            values={"count": waiting},
        ),
    ]
    if undated:
        text = _("{count} needs came from other systems with a state: since when they are in it is not known.")
        notes.append(Note(text=text, values={"count": undated}))
    return Table(rows=rows, notes=notes)


def _dated(story: Story) -> Mapping[str, Any]:
    return {
        "opened": story.opened_at,
        "decided": story.decided_at,
        "delivered": story.since("delivered"),
        "declined": story.since("declined"),
    }


def decline_rows(session: CrmSession, parameters: SpanParameters, moment: Moment) -> Table:
    """Return why needs were declined within a period, how many customers asked for them, and after how long."""
    first, last = parameters.period.first, parameters.period.last
    groups: dict[str, list[tuple[Story, float]]] = defaultdict(list)
    for story in stories(session, moment):
        at = story.since("declined")
        if at is not None and first <= day_of(at, moment.zone) <= last:
            groups[story.decline or "other"].append((story, days_between(story.opened_at, at)))
    ids = {story.need_id for found in groups.values() for story, _days in found}
    needs = session.scalars(select(Need).where(Need.id.in_(sorted(ids)))).all() if ids else []
    support = support_of(session, needs)
    total = sum(map(len, groups.values()))
    rows = [
        {
            "key": reason,
            "reason": title,
            "count": len(groups[reason]),
            "of": total,
            "share": None,
            "customers": len(frozenset().union(*(support[each.need_id].customer_ids for each, _d in groups[reason]))),
            "days": middle(days for _story, days in groups[reason]),
        }
        for reason, title in DECLINES.items()
        if reason in groups
    ]
    rows.sort(key=lambda row: -row["count"])  # type: ignore[operator]
    return Table(rows=rows)


REPORTS = [
    Report(
        name="needs.age",
        title=_("Age of open needs"),
        rows=age_rows,
        parameters=AgeParameters,
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="open", title=_("Open"), kind="integer", total=True),
            *(Column(name=name, title=title, kind="integer", total=True) for name, _end, title in BANDS),
            Column(name="older", title=_("Older"), kind="integer", total=True),
            Column(name="median", title=_("Age, median"), kind="number", unit=_("days")),
            Column(name="most", title=_("Age, 9 of 10"), kind="number", unit=_("days")),
            Column(name="oldest", title=_("The oldest"), kind="number", unit=_("days")),
        ],
        charts=[Chart.stack("group", *(name for name, _end, _title in BANDS), "older")],
        doc=_("How long the needs are open of which something may still come."),
    ),
    Report(
        name="needs.throughput",
        title=_("Course of needs"),
        rows=throughput_rows,
        parameters=SpanParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="month", title=_("Month")),
            Column(name="opened", title=_("Opened"), kind="integer", total=True),
            Column(
                name="decided",
                title=_("Decided"),
                kind="integer",
                total=True,
                doc=_("Accepted, planned, begun, delivered or declined for the first time."),
            ),
            Column(
                name="delivered",
                title=_("Delivered"),
                kind="integer",
                total=True,
                doc=_("By when it was delivered; what was taken back does not count."),
            ),
            Column(name="declined", title=_("Declined"), kind="integer", total=True),
            Column(
                name="decide",
                title=_("To the first decision, median"),
                kind="number",
                unit=_("days"),
                doc=_("From writing it down, for what was decided in the month."),
            ),
            Column(name="decide_most", title=_("To the first decision, 9 of 10"), kind="number", unit=_("days")),
            Column(name="deliver", title=_("To delivery, median"), kind="number", unit=_("days")),
            Column(name="deliver_most", title=_("To delivery, 9 of 10"), kind="number", unit=_("days")),
        ],
        charts=[
            Chart.bars("month", "opened", "decided", "delivered", "declined"),
            Chart.lines("month", "decide", "deliver"),
        ],
        doc=_("How many needs are opened, decided, delivered and declined in each month, and how long that takes."),
    ),
    Report(
        name="needs.declines",
        title=_("Why needs are declined"),
        rows=decline_rows,
        parameters=SpanParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="reason", title=_("Why it was declined")),
            Column(name="count", title=_("Declined"), kind="integer", total=True),
            Column(name="of", title=_("Of all"), kind="integer", hidden=True),
            Column(name="share", title=_("Share"), kind="rate", successes="count", trials="of"),
            Column(name="customers", title=_("Customers"), kind="integer", doc=_("Who ask for it.")),
            Column(name="days", title=_("Until then, median"), kind="number", unit=_("days")),
        ],
        charts=[Chart.bars("reason", "count")],
        temporal=False,
        doc=_("The reasons for which needs were declined, and how many customers asked for them."),
    ),
]
