"""Amounts in the base currency on three bases: at the rate of the day of the deal, of its closing, or of the budget.

What has no rate is None, and is named beside every sum. Must not know opportunities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from crmkit import CrmSession, Money, moment_of, texts
from crmkit.errors import RateMissing

_ = texts("crmkit_sales")

Basis = Literal["deal", "close", "budget"]

BASES: Mapping[str, str] = {
    "deal": _("Of the day when it was opened"),
    "close": _("Of the day of closing"),
    "budget": _("Of the budget"),
}
"""At which rate an amount counts, with titles."""


@frozen(kw_only=True)
class Span:
    """A budget rate: what one unit of a currency counts between two days, both included."""

    first: date
    last: date
    rate: Fraction


@frozen(kw_only=True)
class Rates:
    """The rates of one session, each looked up once.

    ``base`` is the base currency, None where none is set: then nothing can be converted. ``today`` is the day that is
    asked about: a rate of a later day is not known yet.
    """

    session: CrmSession
    base: str | None
    today: date
    basis: Basis = "close"
    budget: Mapping[str, Sequence[Span]] = field(factory=dict[str, Sequence[Span]])
    _known: dict[tuple[str, date], Fraction | None] = field(
        factory=dict[tuple[str, date], "Fraction | None"], init=False, eq=False
    )
    _places: dict[str, int] = field(factory=dict[str, int], init=False, eq=False)

    def day_of(self, opened_on: date | None, closed_on: date | None, close_on: date | None) -> date:
        """Return the day whose rate counts for a deal.

        By deal: that on which it was opened. By close: that on which it was closed, today for one that is open. By
        budget: that on which it closed or is expected to, today where it says none.
        """
        if self.basis == "deal":
            return opened_on or self.today
        if self.basis == "close":
            return min(closed_on or self.today, self.today)
        return closed_on or close_on or self.today

    def value(self, amount_minor: int | None, currency: str | None, day: date) -> int | None:
        """Return an amount in minor units of the base currency, rounded half to even; 0 for no amount, None where there
        is no rate."""
        if amount_minor is None or currency is None:
            return 0
        if currency == self.base:
            return amount_minor
        factor = self.factor(currency, day)
        return None if factor is None else round(amount_minor * factor)

    def factor(self, currency: str, day: date) -> Fraction | None:
        """Return what one minor unit of a currency is worth in those of the base currency, or None without a rate."""
        key = (currency, day)
        if key not in self._known:
            rate = self._budgeted(currency, day) if self.basis == "budget" else self._dated(currency, day)
            self._known[key] = (
                None
                if rate is None
                else rate * Fraction(10) ** (self._digits(self.base or currency) - self._digits(currency))
            )
        return self._known[key]

    def _dated(self, currency: str, day: date) -> Fraction | None:
        rate = moment_of(self.session).rate
        if self.base is None or rate is None:
            return None
        try:
            return rate(currency, self.base, day)
        except RateMissing:
            return None

    def _budgeted(self, currency: str, day: date) -> Fraction | None:
        spans = self.budget.get(currency, ())
        return next((each.rate for each in spans if each.first <= day <= each.last), None)

    def _digits(self, currency: str) -> int:
        if currency not in self._places:
            self._places[currency] = -int(Money(0, currency).value.as_tuple().exponent)
        return self._places[currency]
