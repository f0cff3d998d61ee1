"""What fact sets are asked: the two times as parameters, and money in the base currency within SQL.

Must not know what facts there are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    String,
    UnaryExpression,
    and_,
    bindparam,
    case,
    cast as sql_cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.operators import custom_op

from crmkit.core.business.models import CurrencyRate
from crmkit.core.business.money import places
from crmkit.core.store.functions import LARGEST_AMOUNT
from crmkit.core.store.types import Instant, dumps
from crmkit.engines.expressions.calendars import offsets
from crmkit.hooks.facts import FactQuery

if TYPE_CHECKING:
    from crmkit.engines.facts.moments import Moment

AS_OF = "fact_as_of"
KNOWN_AT = "fact_known_at"
DAY = "fact_day"
_SETTLED = datetime(2020, 1, 1, tzinfo=UTC)


def query_of(moment: Moment, dialect: str, *, customers: Any = None) -> FactQuery:
    """Return what sets are asked for a moment. ``customers`` is what ``IN`` takes, None for all."""
    return _query(
        moment,
        dialect,
        customers,
        as_of=_value(AS_OF, moment.as_of),
        known_at=_value(KNOWN_AT, moment.known_at),
        ago=lambda span: _value(AS_OF, moment.as_of - span),
        day=bindparam(DAY, moment.today, type_=Date(), unique=True),
    )


def kept_query_of(moment: Moment, dialect: str, *, customers: Any, spans: dict[str, timedelta]) -> FactQuery:
    """Return the same with parameters in place of the two times, for a statement that is kept: they are to be given as
    `AS_OF`, `KNOWN_AT`, `DAY` and by the names that are added to ``spans`` for instants before ``as_of``."""

    def ago(span: timedelta) -> ColumnElement[datetime]:
        name = f"{AS_OF}_{span.days}_{span.seconds}_{span.microseconds}"
        spans[name] = span
        return bindparam(name, type_=Instant())

    as_of, known_at = bindparam(AS_OF, type_=Instant()), bindparam(KNOWN_AT, type_=Instant())
    day = bindparam(DAY, type_=Date())
    return _query(moment, dialect, customers, as_of=as_of, known_at=known_at, ago=ago, day=day)


def _value(name: str, value: datetime) -> ColumnElement[datetime]:
    return bindparam(name, value, type_=Instant(), unique=True)


def _query(moment: Moment, dialect: str, customers: Any, **times: Any) -> FactQuery:
    return FactQuery(
        **times,
        present=moment.present,
        zone=moment.zone,
        base_currency=moment.base_currency,
        dialect=dialect,
        customers=customers,
        in_base=_conversion(moment.base_currency, moment.zone, dialect, moment.converts),
    )


# --- money -----------------------------------------------------------------------------------------------------------


def _conversion(
    base: str | None, zone: str, dialect: str, converts: bool
) -> Callable[[Any, Any, Any], ColumnElement[int | None]]:
    if base is None:
        return lambda amount, currency, occurred_at: sql_cast(null(), BigInteger)

    def in_base(amount: Any, currency: Any, occurred_at: Any) -> ColumnElement[int | None]:
        """Return the amount at the rate of its day, or the inverse of the inverse rate, as `rates.convert` does."""
        if not converts:
            return case((and_(currency == base, func.abs(amount) <= LARGEST_AMOUNT), amount))
        day = local_day(occurred_at, zone, dialect)
        at_rate = _by_function if dialect == "postgresql" else _by_rates
        return case(
            (func.abs(amount) > LARGEST_AMOUNT, null()),
            (currency == base, amount),
            else_=at_rate(amount, currency, day, base),
        )

    return in_base


def local_day(instant: Any, zone: str, dialect: str) -> ColumnElement[Any]:
    """Return the calendar day of an instant in a zone."""
    if dialect == "postgresql":
        return sql_cast(func.timezone(zone, instant), Date)
    since, offset = offsets(zone)[-1]
    # Where clocks are no longer changed, the day follows by addition; else Python is asked.
    added = func.date(func.substr(instant, 1, 19), f"{offset:+d} seconds", type_=Date())
    asked = func.crm_day(instant, zone, type_=Date())
    return case((instant >= literal(since, Instant()), added), else_=asked) if since <= _SETTLED else asked


def _by_function(amount: Any, currency: Any, day: Any, base: str) -> ColumnElement[int | None]:
    """Return the amount by the function that a migration made: its text is short, whatever it does."""
    unusual = sql_cast(literal(_unusual(), String), JSONB)
    digits = func.coalesce(sql_cast(unusual.op("->>")(currency), Integer), 2)
    shift = literal(places(base), Integer) - digits
    return func.crm_convert(amount, currency, base, day, shift, type_=BigInteger())


def _by_rates(amount: Any, currency: Any, day: Any, base: str) -> ColumnElement[int | None]:
    digits = func.coalesce(func.json_extract(_unusual(), literal("$.") + currency), 2)
    direct, inverse = _last_rate(currency, base, day), _last_rate(base, currency, day)
    return func.crm_convert(amount, direct, inverse, places(base) - digits, type_=BigInteger())


def _last_rate(of: Any, to: Any, day: Any) -> Any:
    # Under a name of its own: it stands beside other uses of the same table.
    table = cast(Any, CurrencyRate).__table__.alias()
    return (
        select(type_coerce(table.c.rate, BigInteger))
        .where(table.c.currency == of, table.c.base == to, table.c.valid_from <= day)
        .order_by(table.c.valid_from.desc())
        .limit(1)
        .correlate_except(table)
        .scalar_subquery()
    )


@cache
def _unusual() -> str:
    """Return how many decimal places the currencies have that have not two, in JSON."""
    from babel.core import get_global

    return dumps({code: places(code) for code in sorted(get_global("all_currencies")) if places(code) != 2})


def without_index(column: Any) -> ColumnElement[Any]:
    """Return a column for which SQLite uses no index: it would walk a whole table in an index's order, and look each
    row up, to be spared a sort."""
    plus = cast(Any, custom_op)("+")
    return UnaryExpression(column, operator=plus, type_=column.type)


def between(column: Any, one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that an instant lies between two others, whichever of them is the later one: behind the one
    and not behind the other."""
    return or_(and_(column > one, column <= other), and_(column > other, column <= one))
