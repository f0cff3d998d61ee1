"""From the texts of fields to values: numbers as people write them, days, instants in the company's zone, amounts.

Must not know forms or databases.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from crmkit.core.business.money import Money, places
from crmkit.errors import CrmkitError
from crmkit.i18n import Text, texts

_ = texts("crmkit")

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_SPACES = re.compile(r"[\s\u00a0\u202f_']")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_LINE = re.compile(r"([^:]+?)\s*[:\uff1a]\s*(.*)")


class Malformed(Exception):
    """What was typed is not what the field takes."""

    def __init__(self, message: Text, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


def whole_text(value: Any) -> str:
    """Return what a form sent as text; a file is none."""
    return value if isinstance(value, str) else ""


def typed_value(kind: str, python: Any, text: str, zone: ZoneInfo) -> Any:
    """Return the value that a text stands for in a kind of field. Raises Malformed."""
    if kind == "integer":
        return _integer(text)
    if kind == "decimal":
        number = decimal_of(text)
        if python is float:
            return float(number)
        return timedelta(seconds=float(number)) if python is timedelta else number
    if kind == "date":
        return day_of(text)
    if kind == "instant":
        return instant_of(text, zone)
    if kind == "document":
        return _document(text)
    if python is UUID:
        return _id(text)
    if kind in ("text", "suggest", "choice"):
        text = text.strip()
    return text


def plain_number(text: str) -> str:
    """Return a number without what people put between its digits: full width, spaces, commas between thousands."""
    found = _SPACES.sub("", unicodedata.normalize("NFKC", text)).replace("\u2212", "-")
    return found.replace(",", "") if _GROUPED.fullmatch(found) else found


def _integer(text: str) -> int:
    try:
        return int(plain_number(text))
    except ValueError:
        raise Malformed(_("This must be a whole number.")) from None


def decimal_of(text: str) -> Decimal:
    """Return the number that a text is. Raises Malformed."""
    try:
        number = Decimal(plain_number(text))
    except InvalidOperation:
        raise Malformed(_("This must be a number such as 12.50.")) from None
    if not number.is_finite():
        raise Malformed(_("This must be a number such as 12.50."))
    return number


def minor(text: str, currency: str) -> int:
    """Return an amount in major units of a currency in its minor units. Raises Malformed, also for more decimals than
    the currency has."""
    number = decimal_of(text)
    try:
        digits = places(currency)
        if number != round(number, digits):
            raise Malformed(_("{currency} has {digits} decimals."), currency=currency, digits=digits)
        return Money.of(number, currency).amount
    except CrmkitError as error:
        raise Malformed(cast(Text, error.message), **error.values) from error
    except (InvalidOperation, OverflowError):
        raise Malformed(_("The amount is too large.")) from None


def day_of(text: str) -> date:
    """Return the day that a text is. Raises Malformed."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        if found is not None:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Malformed(_("This must be a date such as 2026-03-31."))


def instant_of(text: str, zone: ZoneInfo) -> datetime:
    """Return the instant that a day and a time in a zone are, in UTC. Raises Malformed."""
    try:
        found = datetime.fromisoformat(text.strip())
        local = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(_("This must be a day and a time such as 2026-03-31 14:05.")) from None


def _id(text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError:
        raise Malformed(_("This must be an id such as 0197a1b2-0000-7000-8000-000000000000.")) from None


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(_("This is not JSON: {reason}"), reason=str(error)) from None


def pairs_of(text: str) -> dict[str, Any]:
    """Return names with values: of a text in JSON, else of lines such as "colour: green". Raises Malformed."""
    if text.lstrip().startswith("{"):
        found = _document(text)
        if not isinstance(found, dict):
            raise Malformed(_("Write one name and one value a line, as in: colour: green"))
        return cast("dict[str, Any]", found)
    pairs: dict[str, Any] = {}
    for line in text.split("\n"):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise Malformed(_("Write one name and one value a line, as in: colour: green"))
        pairs[match[1].strip()] = match[2].strip()
    return pairs
