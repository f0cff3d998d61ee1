"""The settings of sales, from the table ``[options.sales]`` of ``crmkit.toml``."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from attrs import Attribute, field, frozen

from crmkit import Settings


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"this is no number: {value}") from None


def _rate(instance: object, attribute: Attribute[Decimal], value: Decimal) -> None:
    if not value.is_finite() or not 0 <= value <= 100:
        raise ValueError(f"{attribute.name} is a percentage from 0 to 100")


def _positive(instance: object, attribute: Attribute[int], value: int) -> None:
    if value < 1:
        raise ValueError(f"{attribute.name} is a number from 1 on")


@frozen(kw_only=True)
class SalesSettings:
    """What an admin can set."""

    tax_rate: Decimal = field(default=Decimal(0), converter=_decimal, validator=_rate)
    """Percent of tax on what is sold, where no plugin says another rate by the hook ``sales_tax_rates``."""
    quote_days: int = field(default=30, converter=int, validator=_positive)
    """Days that a quote holds, unless it says another day itself."""


def settings_of(settings: Settings) -> SalesSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("sales", SalesSettings)
