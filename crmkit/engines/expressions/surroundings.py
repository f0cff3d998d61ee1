"""When and where an expression is evaluated: the instant, the zone, the base currency. Must not know expressions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

from attrs import field, frozen

from crmkit.core.business.money import places
from crmkit.engines.expressions.calendars import day_of
from crmkit.engines.expressions.types import MAX_INTEGER, UNIT
from crmkit.errors import RateMissing
from crmkit.i18n import texts

_ = texts("crmkit")

T = TypeVar("T")
RateOf = Callable[[str, str, date], Fraction]
"""``rate(currency, in_currency, day)``: what one unit was worth on a day; raises RateMissing."""


@frozen(kw_only=True)
class Surroundings:
    """What an evaluation needs to know besides the facts; make one for a batch, not one for each customer.

    ``as_of`` is an instant in UTC, ``zone`` a name of the tz database in which days are counted; ``rate`` is asked only
    for ``money(…)`` in another than the base currency. ``dialect`` is that of the SQL.
    """

    as_of: datetime
    zone: str
    base_currency: str | None = None
    dialect: str = "sqlite"
    rate: RateOf | None = None
    _kept: dict[object, Any] = field(factory=dict, init=False, eq=False, repr=False)

    @cached_property
    def today(self) -> date:
        """Return the calendar day of ``as_of``."""
        return day_of(self.as_of, self.zone)

    @cached_property
    def minor_units(self) -> int | None:
        """Return how many minor units the base currency's unit has, or None if there is no base currency."""
        return None if self.base_currency is None else int(10 ** places(self.base_currency))

    def once(self, key: object, compute: Callable[[], T]) -> T:
        """Return what is computed for a key, only the first time that it is asked for."""
        found = self._kept.get(key, self)
        if found is self:
            found = self._kept[key] = compute()
        return found

    def minor(self, amount: int, currency: str | None = None) -> int | None:
        """Return minor units of the base currency for an amount in millionths of a currency's unit, rounded half away
        from zero; None if it is beyond 64 bits or there is no base currency. Raises RateMissing."""
        return self.once((amount, currency), lambda: self._minor(amount, currency))

    def _minor(self, amount: int, currency: str | None) -> int | None:
        if self.minor_units is None or self.base_currency is None:
            return None
        exact = Fraction(amount * self.minor_units, UNIT)
        if currency is not None and currency != self.base_currency:
            if self.rate is None:
                raise RateMissing(
                    _("{currency} cannot be converted to {base} here."), currency=currency, base=self.base_currency
                )
            exact *= self.rate(currency, self.base_currency, self.today)
        whole, rest = divmod(abs(exact.numerator), exact.denominator)
        rounded = whole + (2 * rest >= exact.denominator)
        return None if rounded > MAX_INTEGER else (-rounded if exact < 0 else rounded)


_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def scaled(value: Decimal) -> int:
    """Return a decimal as millionths, rounded half away from zero."""
    return int(_WIDE.to_integral_value(_WIDE.scaleb(value, 6))) if value.is_finite() else 0
