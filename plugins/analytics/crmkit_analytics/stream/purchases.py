"""Purchases by customer and calendar day, as models and cohorts need them: one statement, streamed.

What counts is what facts about purchases count: what had occurred and was known, neither reversed nor a reversal; money
in the base currency at the rate of its day. Whoever reads sees the customers that they may see. Must not know models.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, select, type_coerce
from sqlalchemy.orm import aliased
from sqlalchemy.types import NullType

from crmkit import CrmSession, FactQuery, Interaction, Moment, moment_of, query_of
from crmkit_analytics.stream.units import day_in_sql

BATCH = 10_000
SPENDING = ("purchase", "refund")


class PurchaseDay(NamedTuple):
    """What one customer bought on one calendar day of the company's zone.

    ``purchases`` counts invoices; a day on which something was only refunded has 0. ``amount`` and ``refunded`` are
    minor units of the base currency; ``unconverted`` counts what is in neither as there was no rate.
    """

    customer_id: UUID
    day: date
    purchases: int
    amount: int
    refunded: int
    unconverted: int

    @property
    def net(self) -> int:
        """Return the amount less what was refunded on that day, in minor units of the base currency."""
        return self.amount - self.refunded


def purchases(
    session: CrmSession,
    until: date | datetime | None = None,
    known_at: date | datetime | None = None,
    *,
    since: datetime | None = None,
) -> Iterator[PurchaseDay]:
    """Return what customers bought, by customer and day in this order, in constant memory.

    ``until`` is what had occurred (a day stands for its end in the company's zone; by default the business's present),
    ``known_at`` what had been recorded, ``since`` an instant before which nothing counts. Purchases of one day are one
    row. Read it within the session; a reader gets the customers whom they may see.
    """
    statement = purchase_days(session, moment_of(session, until, known_at), since=since)
    # Ids come as the database keeps them: one is made for each customer, not for each day.
    raw, day, *figures = statement.selected_columns
    plain = statement.with_only_columns(type_coerce(raw, NullType()).label("who"), day, *figures)
    ordered = plain.order_by(Interaction.customer_id, "day").execution_options(yield_per=BATCH)
    last: Any = None
    customer = UUID(int=0)
    for who, *values in session.execute(ordered):
        if who != last:
            last, customer = who, who if isinstance(who, UUID) else UUID(bytes=bytes(who))
        yield PurchaseDay(customer, *values)


def purchase_days(session: CrmSession, moment: Moment, *, since: datetime | None = None) -> Select[Any]:
    """Return the select behind `purchases`, unordered: ``customer_id``, ``day``, ``purchases``, ``amount``,
    ``refunded``, ``unconverted``."""
    query = query_of(moment, dialect_of(session))
    bought, refunded = Interaction.kind == "purchase", Interaction.kind == "refund"
    money = query.in_base(Interaction.amount_minor, Interaction.currency, Interaction.occurred_at)
    missing = and_(Interaction.amount_minor.is_not(None), money.is_(None))
    day = day_in_sql(Interaction.occurred_at, query.zone, query.dialect).label("day")
    return (
        select(
            Interaction.customer_id,
            day,
            func.count(case((bought, 1))).label("purchases"),
            total(case((bought, money))).label("amount"),
            total(case((refunded, money))).label("refunded"),
            func.count(case((missing, 1))).label("unconverted"),
        )
        .where(*counted(query), Interaction.kind.in_(SPENDING), *_since(since))
        .group_by(Interaction.customer_id, "day")
    )


def counted(query: FactQuery) -> list[ColumnElement[bool]]:
    """Return the conditions for interactions that count: of a known customer, had occurred and was recorded, neither
    reversed nor a reversal."""
    reversal = aliased(Interaction)
    taken_back = select(reversal.reverses_id).where(reversal.reverses_id.is_not(None), *had_happened(reversal, query))
    return [
        Interaction.customer_id.is_not(None),
        *had_happened(Interaction, query),
        Interaction.reverses_id.is_(None),
        Interaction.id.not_in(taken_back),
    ]


def had_happened(of: Any, query: FactQuery) -> list[ColumnElement[bool]]:
    """Return the conditions that an interaction had occurred and was known."""
    happened = [of.occurred_at <= query.as_of]
    return happened if query.present else [*happened, of.recorded_at <= query.known_at]


def total(value: Any) -> ColumnElement[int]:
    """Return a sum as a 64-bit integer; of nothing it is 0."""
    return cast(func.coalesce(func.sum(value), 0), BigInteger)


def dialect_of(session: CrmSession) -> str:
    """Return "sqlite" or "postgresql"."""
    return str(session.get_bind().dialect.name)


def _since(since: datetime | None) -> list[ColumnElement[bool]]:
    return [] if since is None else [Interaction.occurred_at >= since]
