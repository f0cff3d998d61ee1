"""The customers behind a cell of a triangle, and behind what became of revenue. Must not compute the cells."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, case, cast, func, select

from crmkit import Column, CrmSession, Interaction, Moment, Table, customers_where, query_of, texts
from crmkit_analytics.stream.purchases import SPENDING, counted, dialect_of
from crmkit_analytics.stream.units import Unit, day_in_sql, number_in_sql

_ = texts("crmkit_analytics")

MOST = 1000
"""Most customers that are listed behind a figure."""


def buyers_of(
    session: CrmSession, moment: Moment, *, cohort: int, age: int, unit: Unit, where: str | None = None
) -> Table:
    """Return the customers of a cohort who bought at an age, the one with the largest amount first."""
    units = _units(session, moment, unit, where)
    began = (
        select(units.c.customer_id, func.min(units.c.number).label("cohort"))
        .where(units.c.purchases > 0)
        .group_by(units.c.customer_id)
        .subquery("began")
    )
    statement = (
        select(units.c.customer_id, units.c.purchases, units.c.amount)
        .select_from(units.join(began, began.c.customer_id == units.c.customer_id))
        .where(began.c.cohort == cohort, units.c.number == cohort + age, units.c.purchases > 0)
        .order_by(units.c.amount.desc(), units.c.customer_id)
        .limit(MOST)
    )
    found = session.execute(statement)
    return Table(
        rows=[{"customer": str(row[0]), "purchases": int(row[1]), "amount": int(row[2])} for row in found],
        columns=[
            Column(name="customer", title=_("Customer")),
            Column(name="purchases", title=_("Purchases"), kind="integer"),
            Column(name="amount", title=_("Net amount"), kind="money"),
        ],
    )


def movers_of(session: CrmSession, moment: Moment, *, number: int, unit: Unit, what: str) -> Table:
    """Return the customers who spent in the unit before one, with what they spent before and spend in it.

    ``what`` is a column of the report: "churned", "contraction", "expansion" and "stayed" leave the others out.
    """
    units = _units(session, moment, unit, None)
    after = units.alias("after")
    now = func.coalesce(case((after.c.amount > 0, after.c.amount)), 0)
    of_these: dict[str, Any] = {
        "churned": now == 0,
        "stayed": now > 0,
        "contraction": (now > 0) & (now < units.c.amount),
        "expansion": now > units.c.amount,
    }
    same = (after.c.customer_id == units.c.customer_id) & (after.c.number == number)
    statement = (
        select(units.c.customer_id, units.c.amount, now.label("now"))
        .select_from(units.outerjoin(after, same))
        .where(units.c.number == number - 1, units.c.amount > 0)
        .order_by((now - units.c.amount), units.c.customer_id)
        .limit(MOST)
    )
    if what in of_these:
        statement = statement.where(of_these[what])
    return Table(
        rows=[
            {"customer": str(row[0]), "before": int(row[1]), "now": int(row[2]), "change": int(row[2]) - int(row[1])}
            for row in session.execute(statement)
        ],
        columns=[
            Column(name="customer", title=_("Customer")),
            Column(name="before", title=_("Before"), kind="money"),
            Column(name="now", title=_("Now"), kind="money"),
            Column(name="change", title=_("Change"), kind="money"),
        ],
    )


def _units(session: CrmSession, moment: Moment, unit: Unit, where: str | None) -> Any:
    query = query_of(moment, dialect_of(session))
    number = number_in_sql(day_in_sql(Interaction.occurred_at, query.zone, query.dialect), unit, query.dialect)
    money = query.in_base(Interaction.amount_minor, Interaction.currency, Interaction.occurred_at)
    bought = Interaction.kind == "purchase"
    chosen = [] if where is None else [Interaction.customer_id.in_(customers_where(session, where))]
    return (
        select(
            Interaction.customer_id,
            number.label("number"),
            func.count(case((bought, 1))).label("purchases"),
            cast(func.coalesce(func.sum(case((bought, money), else_=-money)), 0), BigInteger).label("amount"),
        )
        .where(*counted(query), Interaction.kind.in_(SPENDING), *chosen)
        .group_by(Interaction.customer_id, number)
        .cte("units")
    )
