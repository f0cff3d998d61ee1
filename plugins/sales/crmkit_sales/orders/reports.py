"""The report on what keeps orders back: how often, how long, and what becomes of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from statistics import median
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Period, Report, Table, texts
from crmkit_sales.orders.checks import TITLES
from crmkit_sales.orders.models import OrderException

_ = texts("crmkit_sales")

HOUR = timedelta(hours=1)


@frozen(kw_only=True)
class ExceptionParameters:
    """Over which days."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


@define
class _Tally:
    raised: int = 0
    open: int = 0
    mended: int = 0
    accepted: int = 0
    void: int = 0
    hours: list[float] = field(factory=list)


def exception_rows(session: CrmSession, parameters: ExceptionParameters, moment: object) -> Table:
    """Return for each condition how often it kept an order back in the period, and what became of it."""
    first, last = span_of(session, parameters.period)
    query = select(
        OrderException.kind, OrderException.state, OrderException.raised_at, OrderException.settled_at
    ).where(OrderException.raised_at >= first, OrderException.raised_at < last)
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for row in session.execute(query):
        tally = tallies[row.kind]
        tally.raised += 1
        setattr(tally, row.state, getattr(tally, row.state) + 1)
        if row.settled_at is not None:
            tally.hours.append((row.settled_at - row.raised_at) / HOUR)
    rows: list[dict[str, Any]] = [
        {
            "key": kind,
            "condition": TITLES.get(kind, kind),
            "raised": each.raised,
            "open": each.open,
            "mended": each.mended,
            "accepted": each.accepted,
            "hours": round(median(each.hours), 1) if each.hours else None,
        }
        for kind, each in sorted(tallies.items(), key=lambda item: (-item[1].raised, item[0]))
    ]
    return Table(rows=rows)


def span_of(session: CrmSession, period: Period) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which a period of the company's calendar days begins and ends."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    begin = datetime.combine(period.first, time(), zone).astimezone(UTC)
    return begin, datetime.combine(period.last + timedelta(days=1), time(), zone).astimezone(UTC)


REPORTS = [
    Report(
        name="sales.order_exceptions",
        title=_("What keeps orders back"),
        rows=exception_rows,
        parameters=ExceptionParameters,
        defaults={"period": "last 90 days"},
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="condition", title=_("Condition")),
            Column(name="raised", title=_("How often"), kind="integer", total=True),
            Column(name="open", title=_("Open"), kind="integer", total=True),
            Column(name="mended", title=_("Mended"), kind="integer", total=True),
            Column(name="accepted", title=_("Accepted"), kind="integer", total=True),
            Column(name="hours", title=_("Median hours"), kind="number", doc=_("Until it was settled.")),
        ],
        charts=[Chart.stack("condition", "open", "mended", "accepted")],
        temporal=False,
        doc=_("Which conditions keep orders back, how often, how long, and how often they are accepted all the same."),
    )
]
