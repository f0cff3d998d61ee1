"""Retention triangles: of those who bought first in a month, how many bought, and for how much, in each month since.

One statement, computed in the database. Must not know reports or pages.
"""

from __future__ import annotations

from attrs import field, frozen
from sqlalchemy import BigInteger, Float, case, cast, func, literal, select

from crmkit import CrmSession, Interaction, Moment, customers_where, query_of
from crmkit.engines.statistics.intervals import wilson
from crmkit_analytics.stream.purchases import SPENDING, counted, dialect_of, total
from crmkit_analytics.stream.units import Unit, day_in_sql, number_in_sql, number_of


@frozen(kw_only=True)
class Cell:
    """What a cohort did in one unit: ``customers`` bought, of ``size``; they spent ``amount`` (minor units, refunds
    subtracted), of ``base`` in the unit in which they came."""

    cohort: int
    age: int
    customers: int
    size: int
    amount: int
    base: int

    @property
    def retained(self) -> float:
        """Return the part of the cohort that bought, 0 to 1."""
        return self.customers / self.size

    @property
    def low(self) -> float:
        """Return the lower end of that part at 95% (Wilson 1927)."""
        return wilson(self.customers, self.size).low or 0.0

    @property
    def high(self) -> float:
        """Return the upper end of that part at 95%."""
        found = wilson(self.customers, self.size).high
        return 1.0 if found is None else found

    @property
    def revenue(self) -> float | None:
        """Return what they spent by what they spent at first; None where that was nothing."""
        return self.amount / self.base if self.base > 0 else None


@frozen(kw_only=True)
class Triangle:
    """Cohorts by the unit in which customers bought first, with a cell for each unit since that has begun.

    ``unconverted`` counts purchases that are in no amount.
    """

    unit: Unit
    cells: tuple[Cell, ...] = field(converter=tuple)
    unconverted: int = 0

    @property
    def cohorts(self) -> list[int]:
        """Return the running numbers of the cohorts, the oldest first."""
        return sorted({each.cohort for each in self.cells})

    @property
    def ages(self) -> int:
        """Return how many units the oldest cohort has been there."""
        return max((each.age for each in self.cells), default=-1) + 1

    def of(self, cohort: int) -> list[Cell]:
        """Return the cells of a cohort by age."""
        return [each for each in self.cells if each.cohort == cohort]

    def pooled(self, age: int, *, last: int) -> Cell | None:
        """Return all cohorts together at an age, of those alone that have reached it by the unit ``last``."""
        found = [each for each in self.cells if each.age == age and each.cohort + age <= last]
        if not found:
            return None
        sums = {name: sum(getattr(each, name) for each in found) for name in ("customers", "size", "amount", "base")}
        return Cell(cohort=-1, age=age, **sums)


def triangle(
    session: CrmSession, moment: Moment, *, first: int, last: int, unit: Unit = "month", where: str | None = None
) -> Triangle:
    """Return the triangle of those who bought for the first time from unit ``first`` to ``last``, up to a moment.

    Customers are those whom the reader may see, with ``where`` those for whom a condition over facts holds at present.
    """
    query = query_of(moment, dialect_of(session))
    number = number_in_sql(day_in_sql(Interaction.occurred_at, query.zone, query.dialect), unit, query.dialect)
    money = query.in_base(Interaction.amount_minor, Interaction.currency, Interaction.occurred_at)
    bought = Interaction.kind == "purchase"
    chosen = [] if where is None else [Interaction.customer_id.in_(customers_where(session, where))]
    units = (
        select(
            Interaction.customer_id,
            number.label("number"),
            func.count(case((bought, 1))).label("purchases"),
            cast(func.coalesce(func.sum(case((bought, money), else_=-money)), 0), BigInteger).label("amount"),
            func.count(case((money.is_(None) & Interaction.amount_minor.is_not(None), 1))).label("missing"),
        )
        .where(*counted(query), Interaction.kind.in_(SPENDING), *chosen)
        .group_by(Interaction.customer_id, number)
        .cte("units")
    )
    began = (
        select(units.c.customer_id, func.min(units.c.number).label("cohort"))
        .where(units.c.purchases > 0)
        .group_by(units.c.customer_id)
        .cte("began")
    )
    statement = (
        select(
            began.c.cohort,
            units.c.number,
            func.count(case((units.c.purchases > 0, 1))),
            total(units.c.amount),
            total(units.c.missing),
        )
        .select_from(units.join(began, began.c.customer_id == units.c.customer_id))
        .where(began.c.cohort >= first, began.c.cohort <= last)
        .group_by(began.c.cohort, units.c.number)
    )
    found = {(int(row[0]), int(row[1])): tuple(map(int, row[2:])) for row in session.execute(statement)}
    now = number_of(moment.today, unit)
    cells: list[Cell] = []
    for cohort in sorted({each for each, _number in found}):
        size, base, _missing = found[cohort, cohort]
        for age in range(now - cohort + 1):
            customers, amount, _none = found.get((cohort, cohort + age), (0, 0, 0))
            cells.append(Cell(cohort=cohort, age=age, customers=customers, size=size, amount=amount, base=base))
    return Triangle(unit=unit, cells=cells, unconverted=sum(each[2] for each in found.values()))


@frozen(kw_only=True)
class Kept:
    """What became of the revenue of one unit in the next one, over customers who spent in the first.

    ``opening`` is what they spent, ``closing`` what they spend now, ``kept`` the smaller of both for each: all in minor
    units. ``gross`` and ``net`` are GRR and NRR with the bounds of a 95% interval, by linearising the ratio of sums
    (Cochran 1977, 6.3).
    """

    number: int
    customers: int
    stayed: int
    opening: int
    closing: int
    kept: int
    churned: int
    gross: tuple[float, float, float] | None
    net: tuple[float, float, float] | None

    @property
    def contraction(self) -> int:
        """Return by how much those spend less who still spend something."""
        return self.opening - self.kept - self.churned

    @property
    def expansion(self) -> int:
        """Return by how much those spend more who spend more."""
        return self.closing - self.kept


def kept_revenue(session: CrmSession, moment: Moment, *, first: int, last: int, unit: Unit = "month") -> list[Kept]:
    """Return what became of revenue from each unit to the next one, for the later units ``first`` to ``last``.

    GRR is (opening − contraction − churn) ÷ opening, NRR adds expansion. New customers are in neither.
    """
    query = query_of(moment, dialect_of(session))
    number = number_in_sql(day_in_sql(Interaction.occurred_at, query.zone, query.dialect), unit, query.dialect)
    money = query.in_base(Interaction.amount_minor, Interaction.currency, Interaction.occurred_at)
    bought = Interaction.kind == "purchase"
    sums = (
        select(
            Interaction.customer_id,
            number.label("number"),
            cast(func.coalesce(func.sum(case((bought, money), else_=-money)), 0), BigInteger).label("amount"),
        )
        .where(*counted(query), Interaction.kind.in_(SPENDING))
        .group_by(Interaction.customer_id, number)
        .having(func.sum(case((bought, money), else_=-money)) > 0)
        .cte("sums")
    )
    after = sums.alias("after")
    before, now = sums.c.amount, func.coalesce(after.c.amount, 0)
    least = case((now < before, now), else_=before)
    x, y, k = (cast(each, Float) for each in (before, now, least))
    statement = (
        select(
            sums.c.number + literal(1),
            func.count(),
            func.count(after.c.customer_id),
            total(before),
            total(now),
            total(least),
            total(case((after.c.customer_id.is_(None), before), else_=0)),
            *(func.sum(each) for each in (x * x, y * y, k * k, x * y, x * k)),
        )
        .select_from(
            sums.outerjoin(
                after, (after.c.customer_id == sums.c.customer_id) & (after.c.number == sums.c.number + literal(1))
            )
        )
        .where(sums.c.number >= first - 1, sums.c.number <= last - 1)
        .group_by(sums.c.number)
        .order_by(sums.c.number)
    )
    found: list[Kept] = []
    for row in session.execute(statement):
        at, customers, stayed, opening, closing, kept, churned = map(int, row[:7])
        xx, yy, kk, xy, xk = map(float, row[7:])
        found.append(
            Kept(
                number=at,
                customers=customers,
                stayed=stayed,
                opening=opening,
                closing=closing,
                kept=kept,
                churned=churned,
                gross=ratio(kept, opening, customers, kk, xk, xx),
                net=ratio(closing, opening, customers, yy, xy, xx),
            )
        )
    return found


def ratio(
    upper: float, lower: float, n: int, squares: float, products: float, base_squares: float
) -> tuple[float, float, float] | None:
    """Return a ratio of two sums over ``n`` customers with the bounds of its 95% interval, None of fewer than two.

    ``squares`` is Σy², ``products`` Σxy, ``base_squares`` Σx²; the bounds are never below 0.
    """
    if n < 2 or lower <= 0:
        return None
    value = upper / lower
    rest = max(squares - 2 * value * products + value * value * base_squares, 0.0)
    error = (n / (n - 1) * rest) ** 0.5 / lower
    return value, max(value - 1.959964 * error, 0.0), value + 1.959964 * error
