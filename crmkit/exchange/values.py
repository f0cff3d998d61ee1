"""Turns the text of a cell into a value: numbers, truths, dates, instants, money, lists.

Must not know files, columns' names or databases. What one cell leaves open (is 03/04/2024 in March or April, is 1,234 a
thousand or a fraction) is decided by the whole column, in `crmkit.exchange.guesses`; where the column does not decide
either, the cell is refused with a hint. Every function raises `BadValue`, whose ``problem`` says what would be right.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit.errors import InvalidInput, Problem
from crmkit.exchange.rows import problem
from crmkit.i18n import texts

_ = texts("crmkit")

DateOrder = Literal["YMD", "DMY", "MDY"]
DecimalMark = Literal[".", ","]


class BadValue(InvalidInput):
    """A cell's text is not a value of the wanted kind."""

    def __init__(self, wrong: Problem) -> None:
        super().__init__([wrong])
        self.problem = wrong


@frozen
class Amount:
    """A sum of money as it stands in a cell: exact, with the ISO 4217 code of its currency or None."""

    number: Decimal
    currency: str | None = None


def _bad(message: str, value: str, hint: str, **values: str) -> BadValue:
    shown = value if len(value) <= 60 else value[:60] + "…"
    return BadValue(problem(message, value=value, hint=hint, shown=shown, **values))


_LONGEST = 200
# Not Unicode's own folding: that would read 5² as 52.
_PLAIN = {point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F)}
_PLAIN |= {ord(char): " " for char in "\u00a0\u2007\u2009\u202f\u3000"} | {0x2212: "-", 0xFFE1: "£"}


def plain(text: str) -> str:
    """Return a text trimmed, with full-width digits, letters and signs as their ASCII forms and one kind of minus."""
    text = text.strip()
    # No value of these kinds is so long; the sign left in its place makes every pattern fail at once.
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return text if text.isascii() else text.translate(_PLAIN).strip("\ufeff\u200e\u200f\u200b \t\r\n")


# --- numbers ---------------------------------------------------------------------------------------------------------

_SPACED = re.compile(r"(?<=\d)[ '’](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})+,\d{3})?(?:([.,])\d+)?\Z")
_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}\Z")
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}\Z")
_MAX_DIGITS = 38


def number_evidence(text: str) -> DecimalMark | Literal["?"] | None:
    """Return which decimal mark a number shows, ``?`` when it may be a thousands mark, None when it shows neither."""
    bare = _SPACED.sub("", _currency_off(plain(text))[0])
    if not _NUMBER.match(bare) or not any(char.isdigit() for char in bare):
        return None
    marks = [char for char in bare if char in ".,"]
    if not marks:
        return None
    if len(set(marks)) == 2:
        return "." if marks[-1] == "." else ","
    if len(marks) > 1:
        return "." if marks[0] == "," else ","
    if _ONE_GROUP.match(bare):
        return "?"
    return "." if marks[0] == "." else ","


def parse_decimal(text: str, *, mark: DecimalMark | None = None) -> Decimal:
    """Return an exact number: ``1,234.56``, ``1.234,56``, ``1 234,56``, ``1'234.56``, full-width digits, ``(5)`` as -5.

    ``mark`` is the column's decimal mark. Without it a number such as ``1,234`` or ``1.234``, which may be a
    thousand or a fraction, is refused.
    """
    bare = plain(text)
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1].strip()
    if _EXPONENT.match(bare):
        number = Decimal(bare)
        if abs(number.adjusted()) <= _MAX_DIGITS:
            return number
    bare = _SPACED.sub("", bare)
    shown = _NUMBER.match(bare)
    if not shown or not any(char.isdigit() for char in bare):
        raise _bad(_('"{shown}" is not a number.'), text, _("Write digits, such as 1234.56."))
    if sum(char.isdigit() for char in bare) > _MAX_DIGITS:
        raise _bad(_('"{shown}" has too many digits.'), text, _("A number has at most 38 digits."))
    evidence = number_evidence(bare)
    if evidence == "?":
        if mark is None:
            raise _bad(
                _('"{shown}" may have a thousands mark or a decimal mark.'),
                text,
                _("State the decimal mark of the column."),
            )
        evidence = mark
    elif evidence and mark and evidence != mark:
        raise _bad(
            _('"{shown}" has another decimal mark than the column ({mark}).'),
            text,
            _("Write all numbers of a column alike."),
            mark=mark,
        )
    group = "," if (evidence or ".") == "." else "."
    return Decimal(bare.replace(group, "").replace(",", "."))


def parse_integer(text: str, *, mark: DecimalMark | None = None) -> int:
    """Return a whole number; ``12.0`` is one, ``12.5`` is refused. Thousands marks as in `parse_decimal`."""
    number = parse_decimal(text, mark=mark)
    if number != number.to_integral_value():
        raise _bad(_('"{shown}" is not a whole number.'), text, _("Leave out the digits after the decimal mark."))
    return int(number)


_TRUE = frozenset(("true", "yes", "y", "t", "1", "x", "on", "ja", "oui", "si", "sí", "wahr", "vrai", *"是真对對有✓✔√"))
_FALSE = frozenset(("false", "no", "n", "f", "0", "off", "nein", "non", "falsch", "faux", *"否假不无無✗✘×"))


def parse_boolean(text: str) -> bool:
    """Return a truth: yes, true, 1, x, on, 是 … or no, false, 0, off, 否 …, in any case."""
    word = plain(text).casefold()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise _bad(_('"{shown}" is neither yes nor no.'), text, _("Write yes or no, true or false, 1 or 0, 是 or 否."))


# --- money -----------------------------------------------------------------------------------------------------------

_SIGNS = {
    "€": "EUR", "£": "GBP", "US$": "USD", "$": None, "¥": None, "￥": "CNY", "元": "CNY", "人民币": "CNY", "RMB": "CNY",
    "NT$": "TWD", "HK$": "HKD", "₹": "INR", "₽": "RUB", "₩": "KRW", "A$": "AUD", "C$": "CAD", "円": "JPY", "CN¥": "CNY",
    "JP¥": "JPY", "港元": "HKD", "美元": "USD", "欧元": "EUR", "Fr.": "CHF", "zł": "PLN", "kr": None, "R$": "BRL",
    "₪": "ILS", "₺": "TRY", "₫": "VND", "฿": "THB", "₱": "PHP", "₴": "UAH", "Kč": "CZK",
}  # fmt: skip
SHARED_SIGNS = {
    "$": frozenset(
        ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "BRL", "BBD", "BMD", "BND", "BSD",
         "BZD", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD")
    ),
    "¥": frozenset(("CNY", "JPY")),
    "kr": frozenset(("SEK", "NOK", "DKK", "ISK")),
}  # fmt: skip
"""Signs that several currencies have, with these."""
_SIGN = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
_BEFORE = re.compile(rf"([+-]?)\s*({_SIGN}|[A-Za-z]{{3}}(?![A-Za-z]))\s*(?=[\d+\-.,])")
_AFTER = re.compile(rf"(?<=[\d.,)])\s*({_SIGN}|[A-Za-z]{{3}})\Z")


def _currency_off(text: str) -> tuple[str, str | None]:
    match = _BEFORE.match(text)
    if match:
        return match[1] + text[match.end() :], match[2]
    match = _AFTER.search(text)
    return (text[: match.start()], match[1]) if match else (text, None)


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    from babel.core import get_global

    return frozenset(get_global("all_currencies"))


def parse_money(
    text: str, *, currency: str | None = None, mark: DecimalMark | None = None, keep_sign: bool = False
) -> Amount:
    """Return a sum with its currency: ``€ 1.234,50``, ``USD 12``, ``12 元``, ``-¥5``.

    ``currency`` (ISO 4217) is the column's: it fills in a missing one and settles ``$``, ``¥`` and ``kr`` where it is
    one of theirs; a cell that names another is taken at its word. Otherwise a sign that several currencies share is
    refused, or stands in the currency's place with ``keep_sign``, for `settle_sign`.
    """
    bare = plain(text)
    negative = bare.startswith("(") and bare.endswith(")")
    rest, sign = _currency_off(bare[1:-1].strip() if negative else bare)
    number = parse_decimal(rest, mark=mark)
    number = -number if negative else number
    if sign is None:
        return Amount(number, currency)
    if sign in _SIGNS:
        code = _SIGNS[sign]
        if code is None:
            shared = Amount(number, sign)
            return shared if keep_sign else settle_sign(shared, currency, text)
        return Amount(number, code)
    if sign.upper() not in _currencies():
        raise _bad(_('"{shown}": there is no currency {sign}.'), text, _("Use an ISO code such as EUR."), sign=sign)
    return Amount(number, sign.upper())


def settle_sign(amount: Amount, currency: str | None, text: str) -> Amount:
    """Return an amount whose currency may be a sign that several share with the one that ``currency`` says it is.

    ``text`` is the cell. Raises BadValue when that is none of theirs.
    """
    sign = amount.currency or ""
    if sign not in SHARED_SIGNS:
        return amount
    if currency not in SHARED_SIGNS[sign]:
        raise _bad(_('"{shown}": several currencies are written {sign}.'), text, _("State the currency."), sign=sign)
    return Amount(amount.number, currency)


def parse_list(text: str, *, separator: str = ";") -> tuple[str, ...]:
    """Return the parts of a cell, trimmed, without empty ones; full-width separators count too."""
    wide = {";": "；", ",": "，、", "|": "｜"}.get(separator, "")
    for char in wide:
        text = text.replace(char, separator)
    return tuple(part.strip() for part in text.split(separator) if part.strip())


# --- dates and instants ----------------------------------------------------------------------------------------------

_DATE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})\Z")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?\Z")
_COMPACT = re.compile(r"(?:19|20)\d{6}\Z")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?\Z")
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>.*)\Z"
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?\Z")
_SPLIT = re.compile(r"(.*?(?:\d|日|号|號))(?:[Tt]|\s+)(\d{1,2}:\d{2}.*)\Z")
_ISO_HINT = _("Write dates as 2024-12-31.")


def date_parts(text: str) -> tuple[int, int, int, str] | None:
    """Return a date's three numbers in the order they stand and the sign between them, or None if it is no date."""
    match = _DATE.match(split_clock(plain(text))[0])
    return (int(match[1]), int(match[3]), int(match[4]), match[2]) if match else None


def split_clock(text: str) -> tuple[str, str]:
    """Return the date part and the clock part (may be empty) of a text."""
    match = _SPLIT.match(text)
    return (match[1], match[2]) if match else (text, "")


def parse_date(text: str, *, order: DateOrder | None = None) -> date:
    """Return a date; a clock time behind it is dropped when it is midnight or bears ``Z`` or no zone.

    Read are 2024-12-31, 31.12.2024, 20241231, 2010年12月1日, and dates with two readings by the column's ``order``;
    without one these are refused. Excel's serial numbers and years of two digits are refused.
    """
    bare = plain(text)
    day, clock = split_clock(bare)
    if clock:
        _clock(clock, text)
    try:
        return _day(day, order, text)
    except ValueError:
        raise _bad(_('There is no day "{shown}" in the calendar.'), text, _ISO_HINT) from None


def _day(day: str, order: DateOrder | None, text: str) -> date:
    chinese = _CHINESE.match(day)
    if chinese:
        return date(int(chinese[1]), int(chinese[2]), int(chinese[3]))
    if _COMPACT.match(day):
        return date(int(day[:4]), int(day[4:6]), int(day[6:]))
    if _SERIAL.match(day):
        hint = _("Format the column as a date in the spreadsheet and export it again.")
        raise _bad(_('"{shown}" looks like a spreadsheet\'s serial number of a day, not like a date.'), text, hint)
    match = _DATE.match(day)
    if not match:
        raise _bad(_('"{shown}" is not a date.'), text, _ISO_HINT)
    if len(match[1]) == 4:
        return date(int(match[1]), int(match[3]), int(match[4]))
    if len(match[4]) != 4 or len(match[1]) > 2:
        raise _bad(_('"{shown}" has no year of four digits.'), text, _ISO_HINT)
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if order not in ("DMY", "MDY"):
        if match[2] == "." or first > 12 or first == second:
            order = "DMY"
        elif second > 12:
            order = "MDY"
        else:
            hint = _("State the order with --date-order: DMY or MDY.")
            raise _bad(_('"{shown}" may begin with the day or with the month.'), text, hint)
    return date(year, second, first) if order == "DMY" else date(year, first, second)


def _clock(clock: str, text: str) -> tuple[time, str]:
    match = _CLOCK.match(clock)
    hour = int(match["hour"]) if match else 99
    if match and match["half"]:
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0) if 1 <= hour <= 12 else 99
    if not match or hour > 23 or int(match["minute"]) > 59 or int(match["second"] or 0) > 59:
        raise _bad(_('"{shown}" has no valid time of day.'), text, _("Write times as 23:59:59."))
    micros = int((match["fraction"] or "").ljust(6, "0")[:6])
    zone = match["zone"].strip()
    marks = re.findall(r"[Zz](?![A-Za-z])|(?:UTC|GMT)(?![+-]\d)|[+-]\d{2}:?\d{0,2}", zone)
    if len(marks) > 1:
        raise _bad(
            _('"{shown}" bears two time zones: {first} and {second}.'),
            text,
            _("Leave one of them."),
            first=marks[0],
            second=marks[1],
        )
    return time(hour, int(match["minute"]), int(match["second"] or 0), micros), zone


def parse_instant(text: str, *, zone: str = "UTC", order: DateOrder | None = None) -> datetime:
    """Return an instant in UTC, to the microsecond; ``zone`` (IANA) is that of clock times without a mark.

    A date without a time is refused, and so are a time with two zone marks and one that the zone's clocks skipped.
    """
    day, clock = split_clock(plain(text))
    if not clock:
        raise _bad(_('"{shown}" has no time of day.'), text, _("Write instants as 2024-12-31T23:59:59Z."))
    at, mark = _clock(clock, text)
    try:
        stated = datetime.combine(_day(day, order, text), at)
        if mark:
            return stated.replace(tzinfo=_zone(mark, text)).astimezone(UTC)
        local = stated.replace(tzinfo=ZoneInfo(zone))
        instant = local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad(_('There is no day "{shown}" in the calendar.'), text, _ISO_HINT) from None
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != stated:
        hint = _("Correct the time, or write it with its zone.")
        raise _bad(_('The clocks of {zone} never showed "{shown}".'), text, hint, zone=zone)
    return instant


def _zone(mark: str, text: str) -> timezone:
    bare = re.sub(r"^(?:UTC|GMT)(?=[+-])", "", mark, flags=re.IGNORECASE)
    if bare.upper() in ("Z", "UTC", "GMT"):
        return UTC
    match = _OFFSET.match(bare)
    if not match or int(match[2]) > 14 or int(match[3] or 0) > 59:
        hint = _("Use Z or an offset such as +08:00.")
        raise _bad(_('"{shown}" has the unknown time zone "{mark}".'), text, hint, mark=mark)
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(-offset if match[1] == "-" else offset)
