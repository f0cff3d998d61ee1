"""The arithmetic of amounts and purchase lines: major units in, exact minor units out. Must not touch the database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from attrs import frozen

from crmkit.core.business.money import places
from crmkit.core.interactions.inputs import NewLine
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import Text, texts

_ = texts("crmkit")

_EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN)
_ONE = Decimal(1)
_QUANTITY = Decimal("0.0001")
_PRICE = Decimal("0.000001")
_LARGEST = Decimal(10) ** 12
_MAX = 2**63 - 1
_TOO_LARGE = _("This number is too large.")


@frozen
class LineAmounts:
    """What a line is stored with: quantity (4 places), unit price (6 places), amount in minor units."""

    quantity: Decimal
    unit_price: Decimal | None
    amount_minor: int


class AmountError(Exception):
    """An amount or a line that cannot be stored; ``problem`` says why, with its field."""

    def __init__(self, message: Text, field: str, value: object, **values: Any) -> None:
        super().__init__(message)
        self.problem = Problem("CK500", message, field=field, value=value, **values)


def currency_places(currency: str) -> int:
    """Return the decimal places of a currency. Raises AmountError for a code that is not a currency's."""
    try:
        return places(currency)
    except InvalidInput as error:
        raise AmountError(_('"{currency}" is not a currency.'), "currency", currency, currency=currency) from error


def to_minor(value: Decimal, digits: int, currency: str, field: str) -> int:
    """Return an amount in minor units; nothing is rounded. Raises AmountError."""
    if not value.is_finite() or abs(value) > _LARGEST * 1_000_000:
        raise AmountError(_TOO_LARGE, field, value)
    exact = _EXACT.scaleb(value, digits)
    whole = int(exact)
    if exact != whole:
        raise AmountError(
            _("This has more decimal places than {currency} has, which is {places}."),
            field,
            value,
            currency=currency,
            places=digits,
        )
    if not -_MAX <= whole <= _MAX:
        raise AmountError(_TOO_LARGE, field, value)
    return whole


def line_amounts(line: NewLine, digits: int, currency: str, where: str) -> LineAmounts:
    """Return what a line is stored with; its amount is the one given, or quantity times unit price, rounded half to
    even to minor units. Raises AmountError."""
    for name, value in (("quantity", line.quantity), ("unit_price", line.unit_price)):
        if value is not None and (not value.is_finite() or abs(value) > _LARGEST):
            raise AmountError(_TOO_LARGE, f"{where}.{name}", value)
    quantity = _EXACT.quantize(line.quantity, _QUANTITY)
    price = None if line.unit_price is None else _EXACT.quantize(line.unit_price, _PRICE)
    if line.amount is not None:
        return LineAmounts(quantity, price, to_minor(line.amount, digits, currency, f"{where}.amount"))
    if price is None:
        raise AmountError(_("A line needs an amount or a unit price."), f"{where}.amount", None)
    exact = _EXACT.scaleb(_EXACT.multiply(quantity, price), digits)
    minor = int(_EXACT.quantize(exact, _ONE))
    if not -_MAX <= minor <= _MAX:
        raise AmountError(_TOO_LARGE, f"{where}.amount", minor)
    return LineAmounts(quantity, price, minor)


def total(amount: int | None, lines: Sequence[LineAmounts], digits: int) -> int | None:
    """Return the total in minor units: the amount given, which must agree with the lines, or the sum of the lines.

    Raises AmountError when the two differ, naming both, and for a total that is negative or too large.
    """
    if not lines:
        found = amount
    else:
        found = sum(line.amount_minor for line in lines)
        if amount is not None and amount != found:
            shown = _EXACT.scaleb(Decimal(amount), -digits)
            raise AmountError(
                _("The amount is {amount}, but the lines come to {sum}."),
                "amount",
                shown,
                amount=f"{shown:f}",
                sum=f"{_EXACT.scaleb(Decimal(found), -digits):f}",
            )
    if found is not None and found < 0:
        raise AmountError(_("The amount is negative; record a refund instead."), "amount", found)
    if found is not None and found > _MAX:
        raise AmountError(_TOO_LARGE, "amount", found)
    return found
