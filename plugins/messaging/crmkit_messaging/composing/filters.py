"""The filters of message texts, and how values are written in the language of a message.

Must not know templates or sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from attrs import frozen
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, format_percent

from crmkit import Money

LONGEST = 2000
"""Most characters that one value puts into a text."""
_STYLES = ("short", "medium", "long", "full")


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the locale of a language tag such as ``zh_Hans`` or ``pt_BR``; English for one that is unknown."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale.parse("en")


@frozen(kw_only=True)
class Formats:
    """How values are written: in which language, instants in which zone, plain amounts in which currency."""

    language: str = "en"
    zone: str = "UTC"
    currency: str | None = None

    @property
    def locale(self) -> Locale:
        """Return the locale of the language."""
        return locale_of(self.language)

    def local(self, value: datetime) -> datetime:
        """Return an instant in the zone; one without a zone counts as UTC."""
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return aware.astimezone(ZoneInfo(self.zone))

    def shown(self, value: Any) -> str:
        """Return a value as people read it, on one line where it is none of several."""
        return self._shown(value)[:LONGEST]

    def _shown(self, value: Any) -> str:
        if isinstance(value, str):
            return str(value)
        if isinstance(value, bool) or value is None:
            return ""
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, (int, float, Decimal)):
            return str(format_decimal(value, locale=self.locale))
        if isinstance(value, datetime):
            return str(format_datetime(self.local(value), "medium", locale=self.locale))
        if isinstance(value, date):
            return str(format_date(value, "medium", locale=self.locale))
        if isinstance(value, (list, tuple)):
            separator = "、" if self.language.startswith(("zh", "ja")) else ", "
            return separator.join(self._shown(each) for each in cast("Sequence[Any]", value)[:50])
        return ""

    def money(self, value: Money) -> str:
        """Return an amount with its currency."""
        from babel.numbers import get_currency_precision

        major = Decimal(value.amount).scaleb(-get_currency_precision(value.currency))
        return str(format_currency(major, value.currency, locale=self.locale))


Apply = Callable[[Any, Sequence[Any], Formats], Any]
Takes = Callable[[Sequence[Any]], bool]


@frozen(kw_only=True)
class TextFilter:
    """A filter: what it does with a value, what it may be given, and how it is written."""

    apply: Apply
    takes: Takes
    usage: str


def _parsed(value: Any) -> Any:
    """Return the day or instant that a text in ISO 8601 is, as values that come as JSON have it."""
    if isinstance(value, str):
        for read in (date.fromisoformat, datetime.fromisoformat):
            try:
                return read(value)
            except ValueError:
                continue
    return value


def _date(value: Any, given: Sequence[Any], formats: Formats) -> Any:
    found = _parsed(value)
    style = given[0] if given else "medium"
    if isinstance(found, datetime):
        found = formats.local(found).date()
    return format_date(found, style, locale=formats.locale) if isinstance(found, date) else None


def _time(value: Any, given: Sequence[Any], formats: Formats) -> Any:
    found = _parsed(value)
    style = given[0] if given else "short"
    if isinstance(found, datetime):
        found = formats.local(found).timetz()
    return format_time(found, style, locale=formats.locale) if isinstance(found, time) else None


def _number_of(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    try:
        found = Decimal(str(value)[:40])
    except ArithmeticError:
        return None
    return found if found.is_finite() else None


def _number(value: Any, given: Sequence[Any], formats: Formats) -> Any:
    found = _number_of(value)
    if found is None or abs(found) > 10**18:
        return None
    digits = given[0] if given else None
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(found, pattern, locale=formats.locale)


def _percent(value: Any, given: Sequence[Any], formats: Formats) -> Any:
    found = _number_of(value)
    if found is None or abs(found) > 10**9:
        return None
    digits = given[0] if given else 0
    return format_percent(found, "#,##0" + ("." + "0" * digits if digits else "") + "%", locale=formats.locale)


def _money(value: Any, given: Sequence[Any], formats: Formats) -> Any:
    if isinstance(value, Money):
        return formats.money(value)
    found, currency = _number_of(value), given[0] if given else formats.currency
    if found is None or currency is None or abs(found) > 10**18:
        return None
    return format_currency(found, currency, locale=formats.locale)


def _text(change: Callable[[str], str]) -> Apply:
    return lambda value, given, formats: None if value is None else change(formats.shown(value))


def _truncate(value: Any, given: Sequence[Any], formats: Formats) -> Any:
    text, most = formats.shown(value), given[0] if given else 80
    return text if len(text) <= most else text[: max(most - 1, 0)].rstrip() + "…"


def _join(value: Any, given: Sequence[Any], formats: Formats) -> Any:
    if not isinstance(value, (list, tuple)):
        return value
    return given[0].join(formats.shown(each) for each in cast("Sequence[Any]", value)[:50])


def _default(value: Any, given: Sequence[Any], formats: Formats) -> Any:
    blank = value is None or (isinstance(value, str) and not value.strip()) or value in ([], ())
    return given[0] if blank else value


def _nothing(given: Sequence[Any]) -> bool:
    return not given


def _style(given: Sequence[Any]) -> bool:
    return not given or (len(given) == 1 and given[0] in _STYLES)


def _digits(given: Sequence[Any]) -> bool:
    return not given or (len(given) == 1 and type(given[0]) is int and 0 <= given[0] <= 6)


def _length(given: Sequence[Any]) -> bool:
    return not given or (len(given) == 1 and type(given[0]) is int and 0 < given[0] <= LONGEST)


def _one(given: Sequence[Any]) -> bool:
    return len(given) == 1 and isinstance(given[0], (str, int, float)) and len(str(given[0])) <= 200


def _separator(given: Sequence[Any]) -> bool:
    return len(given) == 1 and isinstance(given[0], str) and len(given[0]) <= 20


def _currency(given: Sequence[Any]) -> bool:
    if not given:
        return True
    from babel.core import get_global

    return len(given) == 1 and given[0] in get_global("all_currencies")


FILTERS: Mapping[str, TextFilter] = {
    "default": TextFilter(apply=_default, takes=_one, usage='default("…")'),
    "d": TextFilter(apply=_default, takes=_one, usage='default("…")'),
    "upper": TextFilter(apply=_text(str.upper), takes=_nothing, usage="upper"),
    "lower": TextFilter(apply=_text(str.lower), takes=_nothing, usage="lower"),
    "title": TextFilter(apply=_text(str.title), takes=_nothing, usage="title"),
    "trim": TextFilter(apply=_text(str.strip), takes=_nothing, usage="trim"),
    "truncate": TextFilter(apply=_truncate, takes=_length, usage="truncate(80)"),
    "join": TextFilter(apply=_join, takes=_separator, usage='join(", ")'),
    "date": TextFilter(apply=_date, takes=_style, usage='date("medium")'),
    "time": TextFilter(apply=_time, takes=_style, usage='time("short")'),
    "number": TextFilter(apply=_number, takes=_digits, usage="number(2)"),
    "percent": TextFilter(apply=_percent, takes=_digits, usage="percent(1)"),
    "money": TextFilter(apply=_money, takes=_currency, usage='money("EUR")'),
}
"""The filters by name."""
