"""What contracts say of each customer, as facts.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy import BigInteger, Select, and_, case, cast as sql_cast, func, or_, select

from crmkit import Fact, FactQuery, FactSet, Money, texts
from crmkit_sales.contracts.models import Contract
from crmkit_sales.contracts.terms import A_YEAR

_ = texts("crmkit_sales")

_TABLE = cast(Any, Contract).__table__


def select_contracts(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer that had a contract on the day of ``as_of``, as known at
    ``known_at``.

    Days decide and not states: a contract counts from its first day, or from when it was signed, to its last one. What
    recurs is at the rate of the day.
    """
    table = _TABLE
    over = and_(table.c.ended_at.is_not(None), table.c.ended_at <= query.known_at)
    last = case((over, table.c.ended_on), else_=table.c.end_on)
    runs = and_(table.c.start_on <= query.day, or_(last.is_(None), last >= query.day))
    recurring = table.c.period != "once"
    value = table.c.value_minor * case(A_YEAR, value=table.c.period, else_=0)
    in_base = query.in_base(value, table.c.currency, query.as_of)
    yearly = sql_cast(func.coalesce(func.sum(case((recurring, in_base))), 0), BigInteger)
    unconverted = and_(recurring, table.c.value_minor.is_not(None), in_base.is_(None))
    noticed = and_(table.c.notice_on.is_not(None), table.c.notice_on <= query.day)
    return (
        select(
            table.c.customer_id,
            func.count().label("contract_count"),
            yearly.label("arr"),
            # A twelfth, rounded half up.
            ((2 * yearly + 12) // 24).label("mrr"),
            func.count(case((unconverted, 1))).label("contracts_unconverted"),
            func.min(last).label("next_contract_end"),
            func.count(case((noticed, 1))).label("contracts_under_notice"),
        )
        .where(runs, table.c.activated_at <= query.as_of, table.c.activated_at <= query.known_at)
        .where(table.c.created_at <= query.known_at)
        .where(query.within(table.c.customer_id))
        .group_by(table.c.customer_id)
    )


FACTS = [
    FactSet(
        name="sales",
        select=select_contracts,
        doc=_("Contracts of the customer"),
        columns=[
            Fact(name="contract_count", type=int, default=0, title=_("Contracts"), doc=_("Contracts that run")),
            Fact(
                name="arr",
                type=Money,
                default=0,
                title=_("Recurring in a year"),
                doc=_("What contracts that run bring in a year; what is paid once is not in it"),
            ),
            Fact(
                name="mrr",
                type=Money,
                default=0,
                title=_("Recurring in a month"),
                doc=_("A twelfth of what recurs in a year, rounded half up"),
            ),
            Fact(
                name="contracts_unconverted",
                type=int,
                default=0,
                doc=_("Contracts that are missing in what recurs: there is no rate for their currency and day"),
            ),
            Fact(
                name="next_contract_end",
                type=date | None,
                title=_("Next end of a contract"),
                doc=_("The last day of the contract that ends first"),
            ),
            Fact(
                name="contracts_under_notice",
                type=int,
                default=0,
                title=_("Contracts under notice"),
                doc=_("Contracts that run and to which notice was given"),
            ),
        ],
    )
]
