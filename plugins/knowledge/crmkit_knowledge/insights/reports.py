"""The reports of insights: whether promises are kept, and what is known by kind and source.

A promise counts for the day for which it was made last: as kept where it was kept on that day or before. One that was
replaced by a newer promise after its day counts as missed, one before it is left out of the share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Period, Report, Table, User, texts
from crmkit_knowledge.insights.models import Insight
from crmkit_knowledge.insights.topics import titles_of
from crmkit_knowledge.insights.words import CURRENT, KINDS, PROMISE, SOURCES

_ = texts("crmkit_knowledge")

READ = "knowledge.insight.read"
OUTCOMES = {
    "kept": _("Kept by its day"),
    "late": _("Kept too late"),
    "broken": _("Broken"),
    "missed": _("Open and overdue"),
    "ahead": _("Still to come"),
    "withdrawn": _("Withdrawn"),
    "replaced": _("Replaced in time"),
}
SETTLED = ("kept", "late", "broken", "missed")
"""What counts in the share of promises that were kept."""
BY = {"month": _("Month"), "topic": _("Topic"), "owner": _("Owner")}
NOBODY = _("Nobody")
KEY = Column(name="key", title=_("Key"), hidden=True)


@frozen(kw_only=True)
class PromisesParameters:
    """For which days was promised, and by what promises are told apart."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[Literal["month", "topic", "owner"], Input(title=_("By"), choices=BY, classified="internal")] = "month"


@frozen(kw_only=True)
class KnownParameters:
    """In which days it was learnt."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


def outcome_of(state: str, due_on: date, ended_at: datetime | None, today: date, zone: str) -> str:
    """Return what became of a promise: one of `OUTCOMES`."""
    if state == CURRENT:
        return "missed" if due_on < today else "ahead"
    day = ended_at.astimezone(ZoneInfo(zone)).date() if ended_at is not None else due_on
    if state == "kept":
        return "kept" if day <= due_on else "late"
    if state == "superseded":
        return "missed" if day > due_on else "replaced"
    return "broken" if state == "broken" else "withdrawn"


def promise_rows(session: CrmSession, parameters: PromisesParameters, moment: Moment) -> Table:
    """Return what became of the promises for the days of a period, of the customers whom the reader sees, by group."""
    query = select(Insight.due_on, Insight.state, Insight.ended_at, Insight.topic_id, Insight.owner_id).where(
        Insight.kind == PROMISE,
        Insight.due_on >= parameters.period.first,
        Insight.due_on <= parameters.period.last,
        Insight.learnt_at <= moment.as_of,
    )
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for row in session.execute(query):
        key = {"month": f"{row.due_on:%Y-%m}", "topic": str(row.topic_id), "owner": str(row.owner_id or "")}
        outcome = outcome_of(row.state, row.due_on, row.ended_at, moment.today, moment.zone)
        groups[key[parameters.by]][outcome] += 1
    titles = _titles(session, parameters.by, groups)
    rows = [
        {
            "key": key or "none",
            "group": titles.get(key, key),
            "promised": sum(groups[key].values()),
            **{name: groups[key][name] for name in OUTCOMES},
            "settled": sum(groups[key][name] for name in SETTLED),
            "rate": None,
        }
        for key in sorted(groups, key=lambda each: (str(titles.get(each, each)), each))
    ]
    return Table(rows=rows)


def _titles(session: CrmSession, by: str, groups: Mapping[str, Any]) -> Mapping[str, Any]:
    if by == "month":
        return {key: key for key in groups}
    if by == "topic":
        return {str(identity): title for identity, title in titles_of(session).items()}
    ids = [UUID(key) for key in groups if key]
    names = {str(each.id): each.name for each in session.scalars(select(User).where(User.id.in_(ids)))}
    return names | {"": NOBODY}


def known_rows(session: CrmSession, parameters: KnownParameters, moment: Moment) -> Table:
    """Return how much was learnt in a period by kind and source, how sure it is, and what of it holds still."""
    zone = ZoneInfo(moment.zone)
    query = select(
        Insight.kind,
        Insight.source,
        Insight.state,
        Insight.expires_on,
        Insight.confidence,
        Insight.confirmed_at,
        Insight.learnt_at,
    ).where(Insight.learnt_at <= moment.as_of)
    groups: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in session.execute(query):
        day = row.learnt_at.astimezone(zone).date()
        if not parameters.period.first <= day <= parameters.period.last:
            continue
        key = (row.kind, row.source)
        counts = groups[key]
        over = row.expires_on is not None and row.expires_on < moment.today
        state = "expired" if row.state == CURRENT and over else row.state
        counts["learnt"] += 1
        counts[state] += 1
        counts["confirmed"] += row.confirmed_at is not None
        sums[key] += row.confidence
    rows = [
        {
            "key": f"{kind}:{source}",
            "kind": KINDS[kind],
            "source": SOURCES[source],
            "learnt": groups[kind, source]["learnt"],
            "holds": groups[kind, source][CURRENT],
            "replaced": groups[kind, source]["superseded"],
            "expired": groups[kind, source]["expired"],
            "withdrawn": groups[kind, source]["withdrawn"],
            "confirmed": groups[kind, source]["confirmed"],
            "rate": None,
            "confidence": round(float(sums[kind, source]) / groups[kind, source]["learnt"], 3),
        }
        for kind in KINDS
        for source in SOURCES
        if groups[kind, source]["learnt"]
    ]
    customers = session.scalar(select(func.count(func.distinct(Insight.customer_id))).where(Insight.state == CURRENT))
    text = _("Of {count} customers something is known that holds.")
    return Table(rows=rows, notes=[Note(text=text, values={"count": customers or 0})])


REPORTS = [
    Report(
        name="knowledge.promises",
        title=_("Promises kept"),
        rows=promise_rows,
        parameters=PromisesParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="promised", title=_("Promised"), kind="integer", total=True),
            *(Column(name=name, title=title, kind="integer", total=True) for name, title in OUTCOMES.items()),
            Column(name="settled", title=_("Known by now"), kind="integer", total=True, hidden=True),
            Column(
                name="rate",
                title=_("Share kept"),
                kind="rate",
                successes="kept",
                trials="settled",
                doc=_("Of the promises that were kept or broken or whose day is over: those kept by their day."),
            ),
        ],
        charts=[Chart.stack("group", *OUTCOMES), Chart(kind="intervals", x="group", y=["rate"])],
        temporal=False,
        doc=_("Whether what was promised to customers for a day was done by then."),
    ),
    Report(
        name="knowledge.insights",
        title=_("Insights by kind and source"),
        rows=known_rows,
        parameters=KnownParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="kind", title=_("Kind")),
            Column(name="source", title=_("Source")),
            Column(name="learnt", title=_("Learnt"), kind="integer", total=True),
            Column(name="holds", title=_("Holds still"), kind="integer", total=True),
            Column(name="replaced", title=_("Replaced"), kind="integer", total=True),
            Column(name="expired", title=_("Expired"), kind="integer", total=True),
            Column(name="withdrawn", title=_("Withdrawn"), kind="integer", total=True),
            Column(name="confirmed", title=_("Confirmed"), kind="integer", total=True, hidden=True),
            Column(
                name="rate",
                title=_("Share confirmed"),
                kind="rate",
                successes="confirmed",
                trials="learnt",
                doc=_("Of what was learnt: what somebody has confirmed since."),
            ),
            Column(
                name="confidence",
                title=_("Mean confidence"),
                kind="number",
                doc=_("From 0 to 1, as it stands now."),
            ),
        ],
        charts=[Chart.bars("source", "learnt", "holds")],
        temporal=False,
        doc=_("What was learnt about customers, how it came to be known, and what of it holds."),
    ),
]
