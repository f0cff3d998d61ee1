"""Checking an interaction's payload against its kind.

Must not touch the database: what a kind allows is its declaration and nothing else.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from crmkit.errors import InvalidInput, Problem
from crmkit.hooks.contributions import InteractionKind, PayloadField, PayloadType
from crmkit.i18n import Text, texts

_ = texts("crmkit")

DEPTH = 8
"""How deeply lists and objects of a payload may be nested."""
LENGTH = 100_000
"""Most characters of one text, and most members of one list or object."""
_MAX = 2**63


def check_payload(kind: InteractionKind, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload in the form that is stored: plain JSON, decimals and instants (UTC) as text.

    Raises InvalidInput naming every field that is missing, unknown or malformed, each as ``payload.NAME``.
    """
    stored, problems = read_payload(kind, payload)
    if problems:
        raise InvalidInput(problems)
    return stored


def read_payload(kind: InteractionKind, payload: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the stored form of a payload and every problem that it has."""
    if not payload and not any(item.required for item in kind.payload):
        return {}, []
    declared = {item.name: item for item in kind.payload}
    stored: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in payload.items():
        where = f"payload.{name}"
        if not isinstance(name, str) or not _is_storable(name):  # pyright: ignore[reportUnnecessaryIsInstance]
            problems.append(Problem("CK500", _NOT_STORABLE, field="payload"))
            continue
        item = declared.get(name)
        if item is None and not kind.open:
            problems.append(_unknown(name, list(declared)))
            continue
        if value is None:
            continue
        try:
            stored[name] = _any(value, 0) if item is None else _field(item, value)
        except _Wrong as error:
            problems.append(Problem("CK500", error.text, field=where, value=value, **error.values))
    problems.extend(
        Problem("CK500", _("This is required."), field=f"payload.{item.name}")
        for item in kind.payload
        if item.required and payload.get(item.name) is None
    )
    return stored, problems


_NOT_STORABLE = _("This text contains a character that cannot be stored.")


class _Wrong(Exception):
    def __init__(self, text: Text, **values: Any) -> None:
        super().__init__(text)
        self.text = text
        self.values = values


def _unknown(name: str, known: Sequence[str]) -> Problem:
    close = difflib.get_close_matches(name, known, 1)
    if not known:
        return Problem("CK500", _("This kind has no details."), field=f"payload.{name}")
    return Problem(
        "CK500",
        _("There is no such field."),
        field=f"payload.{name}",
        hint=_('Did you mean "{close}"?') if close else _("Known fields: {known}."),
        close=close[0] if close else "",
        known=", ".join(known),
    )


def _field(item: PayloadField, value: Any) -> Any:
    stored = _READERS[item.type](value)
    if item.options and stored not in item.options:
        close = difflib.get_close_matches(str(stored), item.options, 1)
        raise _Wrong(
            _('This is not one of the possible values. Did you mean "{close}"?')
            if close
            else _("This is not one of the possible values: {options}."),
            close=close[0] if close else "",
            options=", ".join(item.options),
        )
    return stored


def _is_storable(value: str) -> bool:
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(_("This must be text."))
    if not _is_storable(value):
        raise _Wrong(_NOT_STORABLE)
    if len(value) > LENGTH:
        raise _Wrong(_("This is longer than {limit}."), limit=LENGTH)
    return value


def _integer(value: Any) -> int:
    try:
        if isinstance(value, (bool, float)) or not isinstance(value, (int, str)):
            raise ValueError
        number = int(value)
    except ValueError:
        raise _Wrong(_("This must be a whole number.")) from None
    if not -_MAX < number < _MAX:
        raise _Wrong(_("This number is too large."))
    return number


def _decimal(value: Any) -> str:
    if isinstance(value, float):
        value = repr(value)
    try:
        if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
            raise ValueError
        number = Decimal(value)
    except (ValueError, InvalidOperation):
        raise _Wrong(_("This must be a number such as 12.50.")) from None
    if not number.is_finite():
        raise _Wrong(_("This must be a number such as 12.50."))
    if not -30 <= number.adjusted() <= 30 or len(number.as_tuple().digits) > 60:
        raise _Wrong(_("This number is too large."))
    return f"{number:f}"


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    raise _Wrong(_("This must be true or false."))


def _date(value: Any) -> str:
    try:
        if isinstance(value, str):
            value = date.fromisoformat(value)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise ValueError
    except ValueError:
        raise _Wrong(_("This must be a date such as 2026-03-31.")) from None
    return value.isoformat()


def _instant(value: Any) -> str:
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise ValueError
        return value.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise _Wrong(_("This must be an instant with a time zone, such as 2026-03-31T14:05:00+08:00.")) from None


def _list(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise _Wrong(_("This must be a list."))
    return cast("list[Any]", _any(value, 0))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _Wrong(_("This must be a set of names and values."))
    return cast("dict[str, Any]", _any(value, 0))


def _any(value: Any, depth: int) -> Any:
    """Return the JSON form of a value of no declared type."""
    if depth > DEPTH:
        raise _Wrong(_("This is nested too deeply."))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _Wrong(_("This must be a number such as 12.50."))
        return value
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date):
        return _date(value)
    if isinstance(value, (list, tuple)):
        items = cast("Sequence[Any]", value)
        _check_size(items)
        return [_any(item, depth + 1) for item in items]
    if isinstance(value, Mapping):
        members = cast("Mapping[Any, Any]", value)
        _check_size(members)
        return {_string(name): _any(item, depth + 1) for name, item in members.items()}
    raise _Wrong(_("This has no form that can be stored."))


def _check_size(value: Sequence[Any] | Mapping[Any, Any]) -> None:
    if len(value) > LENGTH:
        raise _Wrong(_("This is longer than {limit}."), limit=LENGTH)


_READERS: Mapping[PayloadType, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "instant": _instant,
    "list": _list,
    "object": _object,
}
