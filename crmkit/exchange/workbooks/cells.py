"""The cells of a sheet as an import takes them: text as it stands, numbers exact and never in powers of ten, days and
times in ISO form.

Must not know files or fields.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from attrs import frozen

_DIGITS = 15
"""Digits of a number that spreadsheets keep."""


@frozen(slots=True)
class CellError:
    """A cell that holds no value but an error of the spreadsheet, such as ``#DIV/0!``."""

    text: str

    def __str__(self) -> str:
        return self.text


def cell_of(value: object) -> object:
    """Return a value that calamine has read as the cell of a row: text, a truth, or an exact number.

    Whole numbers are integers (an id stays all digits); others have at most the 15 digits that a spreadsheet shows.
    Days are ``2024-03-05``, instants without a zone ``2024-03-05T12:30:00``, times ``12:30:00``.
    """
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        plain = _whole_seconds(value)
        return plain.date().isoformat() if plain.time() == time() else plain.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    return "" if value is None else str(value)


def is_rounded(value: object) -> bool:
    """Say whether a number has so many digits that the spreadsheet has lost some of them."""
    return isinstance(value, float) and abs(value) >= 10**_DIGITS and value == value and abs(value) != float("inf")


def _number(value: float) -> object:
    if value != value or value in (float("inf"), float("-inf")):
        return CellError("#NUM!")
    exact = Decimal(format(value, f".{_DIGITS}g"))
    if exact == exact.to_integral_value():
        return int(exact)
    # Never with an exponent, as its text may become the text of a field.
    return Decimal(format(exact, "f"))


def _whole_seconds(value: datetime) -> datetime:
    """Return an instant without what the fraction of a day leaves behind a millisecond."""
    rounded = value + timedelta(microseconds=500) if value.year < 9999 else value
    return rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, seconds = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}"
