"""Which figures of a day are watched, as series of days, and which of their values are unusual.

A day is held against the same weekday of the weeks before: the median of those is expected, and how far a value lies
from it is told in robust standard deviations of what days lay off before. Must not know who is told.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from attrs import frozen
from sqlalchemy import and_, case, func, select

from crmkit import CrmSession, Customer, Interaction, Moment, local_day, query_of, texts
from crmkit.engines.statistics.control import robust_z
from crmkit_analytics.stream.purchases import counted, dialect_of, total
from crmkit_analytics.stream.units import first_day, number_in_sql, number_of

_ = texts("crmkit_analytics")

WEEKS = 12
"""So many weeks before a day say what is usual."""
FEWEST_WEEKS = 6
LEAST = 10.0
"""A figure of fewer than these, expected and found, is too small to be judged."""
UNUSUAL = 3.5

SAMPLES = {"revenue": "purchases"}
"""The figures whose sample is not what they count themselves, each with the one that is."""

WATCHED = {
    "purchases": _("Purchases"),
    "revenue": _("Net amount"),
    "buyers": _("Customers who buy"),
    "refunds": _("Refunds"),
    "uses": _("Uses"),
    "users": _("Customers who use something"),
    "contacts": _("Contacts from customers"),
    "new_customers": _("New customers"),
}
"""The figures that are watched, with titles."""


@frozen(kw_only=True)
class Unusual:
    """A value that is unusual for its day: what was expected, and how many robust deviations it is off."""

    metric: str
    day: date
    value: float
    expected: float
    z: float


def daily(session: CrmSession, moment: Moment, first: date, last: date) -> Mapping[str, dict[date, float]]:
    """Return the watched figures by day, from one day to another; a day without anything is 0. Amounts are minor units
    of the base currency."""
    query = query_of(moment, dialect_of(session))
    day = number_in_sql(local_day(Interaction.occurred_at, query.zone, query.dialect), "day", query.dialect)
    money = query.in_base(Interaction.amount_minor, Interaction.currency, Interaction.occurred_at)
    bought, refunded = Interaction.kind == "purchase", Interaction.kind == "refund"
    used = Interaction.kind == "usage"
    contact = and_(Interaction.direction == "in", Interaction.kind.not_in(("purchase", "refund", "usage")))
    begin, end = number_of(first, "day"), number_of(last, "day")
    found = session.execute(
        select(
            day.label("day"),
            func.count(case((bought, 1))),
            total(case((bought, money), (refunded, -money))),
            func.count(case((bought, Interaction.customer_id)).distinct()),
            func.count(case((refunded, 1))),
            func.count(case((used, 1))),
            func.count(case((used, Interaction.customer_id)).distinct()),
            func.count(case((contact, 1))),
        )
        .where(*counted(query), day >= begin, day <= end)
        .group_by(day)
    )
    made = number_in_sql(local_day(Customer.created_at, query.zone, query.dialect), "day", query.dialect)
    new = session.execute(
        select(made.label("day"), func.count())
        .where(made >= begin, made <= end, Customer.created_at <= query.as_of)
        .group_by(made)
    )
    days = [first_day(number, "day") for number in range(begin, end + 1)]
    series: dict[str, dict[date, float]] = {name: dict.fromkeys(days, 0.0) for name in WATCHED}
    for number, *values in found:
        for name, value in zip(WATCHED, values, strict=False):
            series[name][first_day(int(number), "day")] = float(value)
    for number, count in new:
        series["new_customers"][first_day(int(number), "day")] = float(count)
    return series


def unusual(series: Mapping[str, Mapping[date, float]], day: date) -> list[Unusual]:
    """Return the figures of a day that are unusual for its day of the week, the farthest off first."""
    found: list[Unusual] = []
    for name, values in series.items():
        expected = expected_on(values, day)
        sample = series.get(SAMPLES.get(name, name), values)
        number = expected_on(sample, day)
        if expected is None or number is None or day not in values or max(number, sample[day]) < LEAST:
            continue
        # How far the days before lay off says what is usual, each held against what was expected then.
        off = [
            values[other] - usual
            for ago in range(1, 7 * (WEEKS - FEWEST_WEEKS))
            if (other := day - timedelta(days=ago)) in values
            if (usual := expected_on(values, other)) is not None
        ]
        if len(off) < 2 * FEWEST_WEEKS:
            continue
        z = robust_z([*off, values[day] - expected])[-1]
        if abs(z) > UNUSUAL:
            found.append(Unusual(metric=name, day=day, value=values[day], expected=expected, z=round(z, 2)))
    return sorted(found, key=lambda each: (-abs(each.z), each.metric))


def expected_on(values: Mapping[date, float], day: date) -> float | None:
    """Return the median of the same weekday in the weeks before, None where there are fewer than six."""
    before: Sequence[float] = [
        values[other] for week in range(1, WEEKS + 1) if (other := day - timedelta(weeks=week)) in values
    ]
    return statistics.median(before) if len(before) >= FEWEST_WEEKS else None


CAUSES: Mapping[str, str] = {
    "purchases": "buying",
    "revenue": "buying",
    "buyers": "buying",
    "refunds": "refunding",
    "uses": "using",
    "users": "using",
    "contacts": "contact",
    "new_customers": "growth",
}
"""What figures have in common: those of one cause that are off on the same days, the same way, are one alert."""
