"""How many customers are active by day, week and month, and how often those come who come at all.

Active is who had an interaction of the kinds that are asked for; of the customers whom the reader may see.
"""

from __future__ import annotations

from typing import Annotated, Any

from attrs import frozen
from sqlalchemy import Integer, and_, case, column, func, select, values

from crmkit import (
    Chart,
    Column,
    CrmSession,
    Figure,
    Input,
    Interaction,
    Moment,
    Period,
    Report,
    Table,
    query_of,
    texts,
)
from crmkit_analytics.stream.purchases import counted, dialect_of
from crmkit_analytics.stream.units import day_in_sql, first_day, last_day, name_of, number_in_sql, number_of
from crmkit_analytics.stream.words import KEY, MOST_UNITS, PeriodField, UnitField, bounds, units_of

_ = texts("crmkit_analytics")

WEEK, MONTH = 7, 30
MOST = 1000


@frozen(kw_only=True)
class ActivityParameters:
    """When, divided by what, and which kinds of interaction make somebody active."""

    period: PeriodField
    unit: UnitField = "month"
    kinds: Annotated[
        str, Input(title=_("Kinds of interaction"), max_length=200, classified="internal", help=_("Divided by commas."))
    ] = "purchase, usage"


def activity_rows(session: CrmSession, parameters: ActivityParameters, moment: Moment) -> Table:
    """Return for each unit how many were active, a day on average, in the last 7 and the last 30 days of it."""
    units = units_of(parameters.period, parameters.unit, moment, MOST_UNITS)
    if not units:
        return Table(rows=[])
    query = query_of(moment, dialect_of(session))
    today = number_of(moment.today, "day")
    spans = [
        (
            number_of(first_day(each, parameters.unit), "day"),
            min(number_of(last_day(each, parameters.unit), "day"), today),
        )
        for each in units
    ]
    begin = min(spans[0][0], spans[0][1] - MONTH + 1)
    day = number_in_sql(day_in_sql(Interaction.occurred_at, query.zone, query.dialect), "day", query.dialect)
    pairs = (
        select(Interaction.customer_id, day.label("day"))
        .where(*counted(query), Interaction.kind.in_(_kinds(parameters)))
        .where(Interaction.occurred_at >= _instant(session, begin))
        .distinct()
        .subquery("pairs")
    )

    numbers = [
        (place, first, last, last - WEEK + 1, last - MONTH + 1, min(first, last - MONTH + 1))
        for place, (first, last) in enumerate(spans)
    ]
    names = ("place", "first", "last", "week", "month", "begin")
    # A row joins the few units that it counts for: a column for each of them would be looked at for every row.
    unit = values(*(column(name, Integer) for name in names), literal_binds=True).data(numbers).cte("unit")
    own = pairs.c.day >= unit.c.first
    statement = (
        select(
            unit.c.place,
            func.count(case((own, pairs.c.customer_id)).distinct()),
            func.count(case((own, pairs.c.customer_id))),
            func.count(case((pairs.c.day >= unit.c.week, pairs.c.customer_id)).distinct()),
            func.count(case((pairs.c.day >= unit.c.month, pairs.c.customer_id)).distinct()),
            func.count(case((pairs.c.day >= unit.c.month, pairs.c.customer_id))),
        )
        .select_from(pairs.join(unit, and_(pairs.c.day >= unit.c.begin, pairs.c.day <= unit.c.last)))
        .group_by(unit.c.place)
    )
    found = {int(row[0]): [int(each) for each in row[1:]] for row in session.execute(statement)}
    rows: list[dict[str, Any]] = []
    for place, (number, (first, last)) in enumerate(zip(units, spans, strict=True)):
        active, days, week, month, month_days = found.get(place, [0] * 5)
        rows.append(
            {
                "key": str(number),
                "title": name_of(number, parameters.unit),
                "active": active,
                "dau": round(days / (last - first + 1), 2),
                "wau": week,
                "mau": month,
                "stickiness": month_days / MONTH / month if month else None,
                "days": round(days / active, 2) if active else None,
            }
        )
    return Table(rows=rows)


def behind(session: CrmSession, parameters: ActivityParameters, moment: Moment, figure: Figure) -> Table:
    """Return the customers who were active in a unit, with how many days they were."""
    query = query_of(moment, dialect_of(session))
    day = number_in_sql(day_in_sql(Interaction.occurred_at, query.zone, query.dialect), "day", query.dialect)
    last = number_of(last_day(int(figure.row), parameters.unit), "day")
    reach = {"wau": WEEK, "mau": MONTH}.get(figure.column)
    first = number_of(first_day(int(figure.row), parameters.unit), "day") if reach is None else last - reach + 1
    found = session.execute(
        select(Interaction.customer_id, func.count(day.distinct()), func.max(Interaction.occurred_at))
        .where(*counted(query), Interaction.kind.in_(_kinds(parameters)), day >= first, day <= last)
        .group_by(Interaction.customer_id)
        .order_by(func.count(day.distinct()).desc(), Interaction.customer_id)
        .limit(MOST)
    )
    return Table(
        rows=[{"customer": str(row[0]), "days": int(row[1]), "last_at": row[2]} for row in found],
        columns=[
            Column(name="customer", title=_("Customer")),
            Column(name="days", title=_("Active days"), kind="integer"),
            Column(name="last_at", title=_("Last"), kind="instant"),
        ],
    )


def _kinds(parameters: ActivityParameters) -> list[str]:
    return [each.strip() for each in parameters.kinds.split(",") if each.strip()]


def _instant(session: CrmSession, day: int) -> Any:
    first = first_day(day, "day")
    return bounds(session, Period(first=first, last=first))[0]


REPORTS = [
    Report(
        name="analytics.activity",
        title=_("Active customers"),
        doc=_("How many customers were active by day, week and month, and how often those came who came at all."),
        rows=activity_rows,
        behind=behind,
        parameters=ActivityParameters,
        defaults={"period": "last 12 months"},
        columns=[
            KEY,
            Column(name="title", title=_("Time")),
            Column(
                name="active",
                title=_("Active"),
                kind="integer",
                drills=True,
                doc=_("Different customers with an interaction of these kinds in this time."),
            ),
            Column(
                name="dau",
                title=_("A day"),
                kind="number",
                doc=_("Different customers a day, on average over its days so far (DAU)."),
            ),
            Column(
                name="wau",
                title=_("7 days"),
                kind="integer",
                drills=True,
                doc=_("Different customers in its last 7 days (WAU)."),
            ),
            Column(
                name="mau",
                title=_("30 days"),
                kind="integer",
                drills=True,
                doc=_("Different customers in its last 30 days (MAU)."),
            ),
            Column(
                name="stickiness",
                title=_("Stickiness"),
                kind="share",
                doc=_("Customers a day by customers of 30 days: on which part of the days an active customer comes."),
            ),
            Column(
                name="days",
                title=_("Days each"),
                kind="number",
                doc=_("Active days of an active customer on average, in this time."),
            ),
        ],
        charts=[Chart.bars("title", "active", "mau", title=_("Customers")), Chart.lines("title", "stickiness")],
        permission="analytics.report.read",
        aggregates=True,
        counts="active",
    )
]
