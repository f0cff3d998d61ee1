"""Figures as people of a language write them. Must not know reports' runs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crmkit.core.business.money import Money, format_money
from crmkit.engines.facts.moments import Moment
from crmkit.engines.statistics.distributions import Estimate
from crmkit.hooks.contributions import Column
from crmkit.i18n import normalise_language, translate


def locale_of(language: str) -> str:
    """Return the locale in which numbers and dates of a language are written."""
    return "zh_Hans_CN" if normalise_language(language) == "zh_Hans" else normalise_language(language)


def words(value: Any, column: Column, moment: Moment, language: str) -> str:
    """Return a value of a column as people write it; nothing for None."""
    from babel import numbers

    locale = locale_of(language)
    match value:
        case None:
            return ""
        case bool() | str():
            return translate(str(value), language) if not isinstance(value, str) else translate(value, language)
        case datetime():
            return value.astimezone(ZoneInfo(moment.zone)).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case int() | float() | Decimal() if column.kind in ("share", "rate"):
            return numbers.format_percent(value, "0.0%", locale=locale)
        case int() if column.kind == "money":
            return money_words(value, moment, language)
        case int():
            return numbers.format_decimal(value, locale=locale)
        case float() | Decimal():
            return numbers.format_decimal(value, "#,##0.##", locale=locale)
        case tuple() | list():
            return ", ".join(words(item, column, moment, language) for item in value)
        case _:
            return str(value)


def money_words(minor: int, moment: Moment, language: str, *, round_: bool = False) -> str:
    """Return minor units of the base currency as an amount, ``round_`` without places where these are noughts; as a
    plain number where no currency is set."""
    if moment.base_currency is None:
        return str(minor)
    money = Money(minor, moment.base_currency)
    if round_ and money.value == int(money.value):
        from babel.numbers import format_currency

        return format_currency(int(money.value), money.currency, "¤#,##0", locale_of(language), currency_digits=False)
    return format_money(money, language)


def interval_words(interval: Estimate | None, language: str) -> str:
    """Return an interval as two percentages with a dash between them; nothing where there is none."""
    from babel import numbers

    if interval is None or interval.low is None or interval.high is None or not interval.n:
        return ""
    locale = locale_of(language)
    low, high = (numbers.format_percent(side, "0.0%", locale=locale) for side in (interval.low, interval.high))
    return f"{low} – {high}"
