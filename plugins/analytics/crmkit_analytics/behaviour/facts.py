"""Behaviour as facts: sessions, active days, trends, own gaps, and how evenly somebody buys.

What counts is what had occurred and was known, neither reversed nor a reversal. Written over tables: a fact does not
depend on who looks.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, Float, Integer, Select, and_, case, cast as sql_cast, func, select

from crmkit import Fact, FactQuery, FactSet, Interaction, local_day, texts
from crmkit_analytics.stream.units import number_in_sql

_ = texts("crmkit_analytics")

_TABLE: Any = cast(Any, Interaction).__table__
PAUSE = 30 * 60
"""Seconds without any use after which a new session begins."""
DAY = 86_400
MONTHS = 12
_MICRO = 10**6


def _counted(table: Any, query: FactQuery) -> list[ColumnElement[bool]]:
    reversal = _TABLE.alias("taken_back")
    taken_back = select(reversal.c.reverses_id).where(reversal.c.reverses_id.is_not(None), *_known(reversal, query))
    return [
        table.c.customer_id.is_not(None),
        query.within(table.c.customer_id),
        *_known(table, query),
        table.c.reverses_id.is_(None),
        table.c.id.not_in(taken_back),
    ]


def _known(table: Any, query: FactQuery) -> list[ColumnElement[bool]]:
    occurred = [table.c.occurred_at <= query.as_of]
    return occurred if query.present else [*occurred, table.c.recorded_at <= query.known_at]


def _seconds(instant: Any, query: FactQuery) -> Any:
    if query.dialect == "postgresql":
        return sql_cast(func.floor(func.extract("epoch", instant)), BigInteger)
    return sql_cast(func.strftime("%s", instant), BigInteger)


def select_recent(query: FactQuery) -> Select[Any]:
    """Return what a customer did in the last days, and in as many days before them."""
    table = _TABLE
    ago = {days: query.ago(timedelta(days=days)) for days in (30, 60, 90, 180)}
    bought, used = table.c.kind == "purchase", table.c.kind == "usage"
    money = query.in_base(table.c.amount_minor, table.c.currency, table.c.occurred_at)
    day = local_day(table.c.occurred_at, query.zone, query.dialect)

    def between(kind: Any, since: int, until: int = 0) -> Any:
        begun = and_(kind, table.c.occurred_at > ago[since])
        return and_(begun, table.c.occurred_at <= ago[until]) if until else begun

    found = {
        "active_days_30d": func.count(case((between(bought | used, 30), day)).distinct()),
        "active_days_before_30d": func.count(case((between(bought | used, 60, 30), day)).distinct()),
        "uses_30d": func.count(case((between(used, 30), 1))),
        "uses_before_30d": func.count(case((between(used, 60, 30), 1))),
        "purchases_90d": func.count(case((between(bought, 90), 1))),
        "purchases_before_90d": func.count(case((between(bought, 180, 90), 1))),
        "amount_90d": sql_cast(func.coalesce(func.sum(case((between(bought, 90), money))), 0), BigInteger),
        "amount_before_90d": sql_cast(func.coalesce(func.sum(case((between(bought, 180, 90), money))), 0), BigInteger),
    }
    wanted = [column.label(name) for name, column in found.items() if name in query.wanted]
    return (
        select(table.c.customer_id, *wanted)
        .where(*_counted(table, query), table.c.kind.in_(("purchase", "usage")), table.c.occurred_at > ago[180])
        .group_by(table.c.customer_id)
    )


def select_sessions(query: FactQuery) -> Select[Any]:
    """Return into how many sessions a customer's uses fall, and how many uses a session has on average."""
    table = _TABLE
    at = _seconds(table.c.occurred_at, query)
    before = func.lag(at).over(partition_by=table.c.customer_id, order_by=(table.c.occurred_at, table.c.id))
    uses = (
        select(table.c.customer_id, at.label("at"), before.label("before"))
        .where(table.c.kind == "usage", *_counted(table, query))
        .subquery("uses")
    )
    begins = func.count(case((uses.c.before.is_(None) | (uses.c.at - uses.c.before > PAUSE), 1)))
    return select(uses.c.customer_id, begins.label("sessions")).group_by(uses.c.customer_id)


def select_gaps(query: FactQuery) -> Select[Any]:
    """Return the median and the 95th percentile of a customer's own gaps between days of purchases, by nearest rank."""
    table = _TABLE
    day = number_in_sql(local_day(table.c.occurred_at, query.zone, query.dialect), "day", query.dialect)
    days = (
        select(table.c.customer_id, day.label("day"))
        .where(table.c.kind == "purchase", *_counted(table, query))
        .distinct()
        .subquery("days")
    )
    before = func.lag(days.c.day).over(partition_by=days.c.customer_id, order_by=days.c.day)
    gaps = select(days.c.customer_id, (days.c.day - before).label("gap")).subquery("gaps")
    ranked = (
        select(
            gaps.c.customer_id,
            gaps.c.gap,
            func.row_number().over(partition_by=gaps.c.customer_id, order_by=gaps.c.gap).label("place"),
            func.count().over(partition_by=gaps.c.customer_id).label("number"),
        )
        .where(gaps.c.gap.is_not(None))
        .subquery("ranked")
    )
    middle, late = (ranked.c.number + 1) // 2, (19 * ranked.c.number + 19) // 20
    return select(
        ranked.c.customer_id,
        func.max(case((ranked.c.place == middle, ranked.c.gap))).label("gap_median_days"),
        func.max(case((ranked.c.place == late, ranked.c.gap))).label("gap_p95_days"),
        func.max(ranked.c.number).label("gaps"),
    ).group_by(ranked.c.customer_id)


def select_variation(query: FactQuery) -> Select[Any]:
    """Return the coefficient of variation of what a customer bought in each of the last twelve months: the standard
    deviation (of all twelve) divided by the mean; months without a purchase count as nothing bought."""
    table = _TABLE
    here = number_in_sql(query.day, "month", query.dialect)
    month = number_in_sql(local_day(table.c.occurred_at, query.zone, query.dialect), "month", query.dialect)
    money = query.in_base(table.c.amount_minor, table.c.currency, table.c.occurred_at)
    # The month at hand is not complete: the twelve before it count.
    sums = (
        select(
            table.c.customer_id,
            month.label("month"),
            sql_cast(sql_cast(func.coalesce(func.sum(money), 0), BigInteger), Float).label("amount"),
        )
        .where(
            table.c.kind == "purchase",
            *_counted(table, query),
            table.c.occurred_at > query.ago(timedelta(days=400)),
            month < here,
            month >= here - MONTHS,
        )
        .group_by(table.c.customer_id, month)
        .subquery("sums")
    )
    whole, squares = func.sum(sums.c.amount), func.sum(sums.c.amount * sums.c.amount)
    # (n · Σx² ÷ (Σx)²) − 1 is the square of the coefficient of variation.
    ratio = func.sqrt(func.abs(MONTHS * squares / (whole * whole) - 1.0))
    rounded = sql_cast(func.floor(ratio * _MICRO + 0.5), BigInteger)
    return (
        select(sums.c.customer_id, rounded.label("variation"), sql_cast(func.count(), Integer).label("months"))
        .group_by(sums.c.customer_id)
        .having(whole > 0)
    )


FACTS = [
    FactSet(
        name="analytics",
        title=_("Behaviour"),
        doc=_("What a customer did lately, and before that."),
        select=select_recent,
        columns=[
            Fact(
                name="active_days_30d",
                type=int,
                default=0,
                unit="day",
                title=_("Active days, 30 days"),
                doc=_("Days of the last 30 on which something was bought or used."),
            ),
            Fact(
                name="active_days_before_30d",
                type=int,
                default=0,
                unit="day",
                title=_("Active days, 30 days before"),
                doc=_("The same in the 30 days before those."),
            ),
            Fact(
                name="uses_30d",
                type=int,
                default=0,
                title=_("Uses, 30 days"),
                doc=_("How often something was used in the last 30 days."),
            ),
            Fact(
                name="uses_before_30d",
                type=int,
                default=0,
                title=_("Uses, 30 days before"),
                doc=_("How often something was used in the 30 days before those."),
            ),
            Fact(
                name="purchases_90d",
                type=int,
                default=0,
                title=_("Purchases, 90 days"),
                doc=_("Purchases of the last 90 days."),
            ),
            Fact(
                name="purchases_before_90d",
                type=int,
                default=0,
                title=_("Purchases, 90 days before"),
                doc=_("Purchases of the 90 days before those."),
            ),
            Fact(
                name="amount_90d",
                type=int,
                default=0,
                title=_("Amount, 90 days"),
                doc=_("What was bought in the last 90 days, in minor units of the base currency."),
            ),
            Fact(
                name="amount_before_90d",
                type=int,
                default=0,
                title=_("Amount, 90 days before"),
                doc=_("What was bought in the 90 days before those, in minor units of the base currency."),
            ),
        ],
    ),
    FactSet(
        name="analytics",
        select=select_sessions,
        columns=[
            Fact(
                name="sessions",
                type=int,
                default=0,
                title=_("Sessions"),
                doc=_("Into how many sessions uses fall: a new one begins after 30 minutes without any."),
            ),
        ],
    ),
    FactSet(
        name="analytics",
        select=select_gaps,
        columns=[
            Fact(
                name="gap_median_days",
                type=int | None,
                unit="day",
                title=_("Median gap"),
                doc=_("Days between two days of purchases that half of the customer's own gaps do not exceed."),
            ),
            Fact(
                name="gap_p95_days",
                type=int | None,
                unit="day",
                title=_("Longest usual gap"),
                doc=_("Days that 19 in 20 of the customer's own gaps between days of purchases do not exceed."),
            ),
            Fact(
                name="gaps",
                type=int,
                default=0,
                title=_("Gaps"),
                doc=_("How many gaps between days of purchases there are."),
            ),
        ],
    ),
    FactSet(
        name="analytics",
        select=select_variation,
        columns=[
            Fact(
                name="variation",
                type=Decimal | None,
                title=_("Variation"),
                doc=_("How unevenly somebody bought in the last 12 whole months: deviation ÷ mean of their amounts."),
            ),
            Fact(
                name="months",
                type=int,
                default=0,
                unit="month",
                title=_("Months with purchases"),
                doc=_("In how many of the last 12 complete months something was bought."),
            ),
        ],
    ),
    FactSet(
        name="analytics",
        columns=[
            Fact(
                name="recency_days",
                type=int | None,
                unit="day",
                title=_("Recency"),
                doc=_("Days since something was bought last."),
                expression="days_since(purchase.last_at)",
            ),
            Fact(
                name="overdue",
                type=bool,
                default=False,
                title=_("Overdue"),
                doc=_("Whether it is longer since the last purchase than 19 in 20 of the customer's own gaps."),
                expression="analytics.gaps >= 3 and days_since(purchase.last_at) > analytics.gap_p95_days",
            ),
        ],
    ),
]
