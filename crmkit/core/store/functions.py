"""What SQLite computes by way of Python, as PostgreSQL has it and SQLite has not.

Exact conversion of money and calendar days in a time zone. Must not know tables.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

LARGEST_AMOUNT = 10**15
"""The largest amount, in minor units, that is converted: sums of thousands of them stay within 64 bits."""
RATE = 10**10
"""What the rate 1 is kept as: rates have ten decimal places."""

_EXACT = Context(prec=200)
_TOO_LARGE = 2**63

zone_of = lru_cache(maxsize=64)(ZoneInfo)


def add_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions ``crm_convert``, ``crm_day`` and ``crm_decimal``."""
    connection.create_function("crm_convert", 4, convert, deterministic=True)
    connection.create_function("crm_day", 2, day_in_zone, deterministic=True)
    connection.create_function("crm_decimal", 2, scaled, deterministic=True)


def convert(amount: int | None, rate: int | None, inverse: int | None, shift: int | None) -> int | None:
    """Return an amount times a rate, or divided by the inverse one where there is no other, and times ten to the power
    of ``shift``, rounded half to even, or null where something is missing or too large."""
    numerator, denominator = (RATE, inverse) if rate is None else (rate, RATE)
    if amount is None or not (numerator and denominator) or shift is None:
        return None
    over, under = amount * numerator * 10 ** max(shift, 0), denominator * 10 ** max(-shift, 0)
    whole, rest = divmod(over, under)
    found = whole + (2 * rest > under or (2 * rest == under and whole % 2))
    return found if abs(found) <= LARGEST_AMOUNT else None


def day_in_zone(instant: str | None, zone: str) -> str | None:
    """Return the calendar day of an instant, as both are kept on SQLite."""
    if instant is None:
        return None
    utc = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    return utc.astimezone(zone_of(zone)).date().isoformat()


def scaled(number: str | None, places: int) -> int | None:
    """Return a decimal number as an integer of so many places, rounded half up, or null for what is none or does not
    fit into 64 bits."""
    if number is None:
        return None
    try:
        exact = Decimal(number).scaleb(places, _EXACT).quantize(Decimal(1), ROUND_HALF_UP, _EXACT)
    except InvalidOperation:
        return None
    found = int(exact) if exact.is_finite() else _TOO_LARGE
    return found if -_TOO_LARGE < found < _TOO_LARGE else None
