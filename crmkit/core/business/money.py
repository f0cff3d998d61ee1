"""Money: an exact number of minor units with its currency. Must not touch the database."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from attrs import Attribute, field, frozen

from crmkit.errors import InvalidInput
from crmkit.i18n import texts

_ = texts("crmkit")

_MAX = 2**63 - 1


@lru_cache(maxsize=512)
def places(currency: str) -> int:
    """Return how many decimal places a currency has (ISO 4217: JPY 0, EUR 2, KWD 3).

    Raises InvalidInput for a code that is not a currency's.
    """
    from babel.core import get_global
    from babel.numbers import get_currency_precision

    if currency not in get_global("all_currencies"):
        raise InvalidInput(
            _('"{currency}" is not a currency.'), fix=_("Use a code of ISO 4217 such as CNY or EUR."), currency=currency
        )
    return get_currency_precision(currency)


def _check_currency(instance: object, attribute: Attribute[str], value: str) -> None:
    places(value)


def _check_amount(instance: object, attribute: Attribute[int], value: int) -> None:
    if not -_MAX <= value <= _MAX:
        raise InvalidInput(_("The amount is too large."))


@frozen(order=False)
class Money:
    """An amount in minor units (cents, fen) of one currency.

    Sums and differences of different currencies are refused with InvalidInput; nothing is ever converted silently.
    """

    amount: int = field(validator=_check_amount)
    currency: str = field(validator=_check_currency)

    @classmethod
    def of(cls, value: Decimal | int | str, currency: str) -> Money:
        """Return money for a value in major units, rounded half to even to the currency's places.

        Raises InvalidInput for what is no number, or too large a one.
        """
        digits = places(currency)
        try:
            exact = Decimal(value).scaleb(digits)
            minor = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
        except (ArithmeticError, ValueError):
            raise InvalidInput(_("This is no amount, or too large a one: {value}."), value=value) from None
        return cls(minor, currency)

    @property
    def value(self) -> Decimal:
        """Return the value in major units, with the currency's places."""
        return Decimal(self.amount).scaleb(-places(self.currency))

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.value} {self.currency}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise InvalidInput(_("{one} and {other} cannot be added up."), one=self.currency, other=other.currency)
        return other.amount


def format_money(money: Money, language: str = "en") -> str:
    """Return money as people of a language write it."""
    from babel.numbers import format_currency

    locale = "zh_Hans_CN" if language == "zh_Hans" else language
    return format_currency(money.value, money.currency, locale=locale)
