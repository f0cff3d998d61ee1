"""Dated exchange rates: what money was worth in another currency on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from crmkit.core.business.models import CurrencyRate
from crmkit.core.business.money import Money, places
from crmkit.core.store.session import CrmSession
from crmkit.errors import RateMissing
from crmkit.i18n import texts

_ = texts("crmkit")


def convert(session: CrmSession, money: Money, to: str, on: date) -> Money:
    """Return money in another currency at the rate of a calendar day, rounded half to even to that currency's places.

    The rate is the last one from that day or before: the one between both currencies, else its inverse, else both
    currencies' rates to the base currency. Raises RateMissing, which names the rate, and InvalidInput for a code that
    is not a currency's.
    """
    if money.currency == to:
        return money
    shift = Fraction(10) ** (places(to) - places(money.currency))
    factor = rate(session, money.currency, to, on) * shift
    exact = factor * money.amount
    return Money(round(exact), to)


def rate(session: CrmSession, currency: str, to: str, on: date) -> Fraction:
    """Return what one unit of a currency was worth in another on a day, exactly. Raises RateMissing."""
    found = _between(session, currency, to, on)
    if found is not None:
        return found
    base = session.crm.config.get(session).base_currency
    if base is None or base in (currency, to):
        raise _missing(currency, to, on)
    first, second = _between(session, currency, base, on), _between(session, to, base, on)
    if first is None:
        raise _missing(currency, base, on)
    if second is None:
        raise _missing(to, base, on)
    return first / second


def _missing(currency: str, to: str, on: date) -> RateMissing:
    return RateMissing(
        _("There is no rate of {currency} in {to} for {day} or before."),
        fix=_("Add it: currency_rate.set currency={currency} base={to} valid_from={day} rate=…"),
        currency=currency,
        to=to,
        day=on.isoformat(),
    )


def _between(session: CrmSession, currency: str, to: str, on: date) -> Fraction | None:
    if currency == to:
        return Fraction(1)
    direct = _last(session, currency, to, on)
    if direct is not None:
        return Fraction(direct)
    inverse = _last(session, to, currency, on)
    return None if inverse is None else 1 / Fraction(inverse)


def _last(session: CrmSession, currency: str, base: str, on: date) -> Decimal | None:
    return session.scalar(
        select(CurrencyRate.rate)
        .where(CurrencyRate.currency == currency, CurrencyRate.base == base, CurrencyRate.valid_from <= on)
        .order_by(CurrencyRate.valid_from.desc())
        .limit(1)
    )
