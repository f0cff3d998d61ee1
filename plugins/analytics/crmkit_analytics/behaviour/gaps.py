"""How long customers let pass between two days of purchases: the distribution over all gaps, and its quantiles."""

from __future__ import annotations

import math
from typing import Any

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Chart, Column, CrmSession, Interaction, Moment, Note, Report, Table, local_day, query_of, texts
from crmkit_analytics.stream.purchases import counted, dialect_of
from crmkit_analytics.stream.units import number_in_sql
from crmkit_analytics.stream.words import KEY, KindField, PeriodField, bounds

_ = texts("crmkit_analytics")

EDGES = (1, 4, 8, 15, 31, 61, 91, 181, 366)
"""The classes of gaps, in days: each begins with one of these and ends before the next."""
SHARES = (0.5, 0.9, 0.95)


@frozen(kw_only=True)
class GapParameters:
    """Gaps that ended in which period, between interactions of which kind."""

    period: PeriodField
    kind: KindField = "purchase"


def gap_rows(session: CrmSession, parameters: GapParameters, moment: Moment) -> Table:
    """Return how many gaps are of which length."""
    counts = gap_counts(session, parameters, moment)
    number = sum(counts.values())
    rows: list[dict[str, Any]] = []
    for place, first in enumerate(EDGES):
        last = EDGES[place + 1] - 1 if place + 1 < len(EDGES) else None
        here = sum(each for gap, each in counts.items() if gap >= first and (last is None or gap <= last))
        title = f"{first}–{last}" if last is not None and last > first else f"{first}" if last else f"≥ {first}"
        rows.append({"key": str(first), "title": title, "gaps": here, "all": number, "share": None})
    quantiles = {f"p{round(share * 100)}": quantile(counts, share) for share in SHARES}
    text = _("Half of all gaps do not exceed {p50} days, nine in ten {p90}, nineteen in twenty {p95}.")
    return Table(rows=rows, notes=[Note(text=text, values=quantiles)] if number else [])


def gap_counts(session: CrmSession, parameters: GapParameters, moment: Moment) -> dict[int, int]:
    """Return how often each gap, in days, occurs among those that ended in a period."""
    query = query_of(moment, dialect_of(session))
    first, last = bounds(session, parameters.period)
    day = number_in_sql(local_day(Interaction.occurred_at, query.zone, query.dialect), "day", query.dialect)
    days = (
        select(Interaction.customer_id, day.label("day"), func.max(Interaction.occurred_at).label("at"))
        .where(*counted(query), Interaction.kind == parameters.kind, Interaction.occurred_at < last)
        .group_by(Interaction.customer_id, day)
        .subquery("days")
    )
    before = func.lag(days.c.day).over(partition_by=days.c.customer_id, order_by=days.c.day)
    gaps = select((days.c.day - before).label("gap"), days.c.at).subquery("gaps")
    found = session.execute(
        select(gaps.c.gap, func.count()).where(gaps.c.gap.is_not(None), gaps.c.at >= first).group_by(gaps.c.gap)
    )
    return {int(gap): int(number) for gap, number in found}


def quantile(counts: dict[int, int], share: float) -> int | None:
    """Return the smallest value that at least such a share of all does not exceed (nearest rank), None of nothing."""
    wanted, seen = math.ceil(share * sum(counts.values())), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value
    return None


REPORTS = [
    Report(
        name="analytics.gaps",
        title=_("Gaps between purchases"),
        doc=_("How many days customers let pass between two days of purchases, over all gaps that ended in a period."),
        rows=gap_rows,
        parameters=GapParameters,
        defaults={"period": "last 12 months"},
        columns=[
            KEY,
            Column(name="title", title=_("Days")),
            Column(name="gaps", title=_("Gaps"), kind="integer", total=True, doc=_("Of one customer.")),
            Column(name="all", title=_("All"), kind="integer", hidden=True),
            Column(name="share", title=_("Share"), kind="rate", successes="gaps", trials="all"),
        ],
        charts=[Chart.histogram("title", "gaps")],
        permission="analytics.report.read",
        aggregates=True,
    )
]
