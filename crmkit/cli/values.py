"""Values between the command line and crmkit: ``field=value`` in, JSON and text for people out.

Must not import the database layer; a record is known by its table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from crmkit.errors import InvalidInput, Problem, UsageError
from crmkit.i18n import texts, translate

_ = texts("crmkit")

_TITLES = {
    "id": _("Id"),
    "version": _("Version"),
    "created_at": _("Created at"),
    "created_by": _("Created by"),
    "updated_at": _("Changed at"),
    "recorded_at": _("Recorded at"),
    "actor_id": _("By"),
}
"""Titles of the fields that every record has."""


def plain(value: object) -> Any:
    """Return the JSON form of a value.

    Instants are RFC 3339 in UTC, days ISO 8601, ids and decimals text, money ``{"amount", "currency"}`` with the amount
    in major units as text, records and attrs values objects with their fields.
    """
    match value:
        case None | bool() | int() | float():
            return value.value if isinstance(value, Enum) else value
        case str():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID() | Decimal() | PurePath():
            return str(value)
        case Enum():
            return plain(value.value)
        case Mapping():
            return {str(plain(name)): plain(item) for name, item in value.items()}
        case bytes():
            return value.hex()
        case _:
            return _composed(value)


def _composed(value: Any) -> Any:
    if is_money(value):
        return {"amount": str(value.value), "currency": value.currency}
    if hasattr(value, "__table__"):
        return {name: plain(item) for name, item in record_fields(value)}
    if attrs.has(type(value)):
        return {item.name: plain(getattr(value, item.name)) for item in attrs.fields(type(value))}
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, Iterable):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [plain(item) for item in items]
    return str(value)


def is_money(value: object) -> bool:
    """Say whether a value is money, without importing it."""
    module = sys.modules.get("crmkit.core.business.money")
    return module is not None and isinstance(value, module.Money)


def record_fields(record: Any) -> list[tuple[str, object]]:
    """Return the fields of a record, in their order, that were loaded or can be; what is sealed comes masked: who is to
    see it reveals it."""
    from crmkit.core.store.shown import shown_fields

    return shown_fields(record)


def record_titles(model: Any) -> Mapping[str, str]:
    """Return the title of each field of a model; a field without one has its name."""
    from crmkit.core.store.model import field_info
    from crmkit.core.store.shown import shown_columns

    return {name: title_of(name, field_info(column).title) for name, column in shown_columns(model).items()}


def title_of(name: str, title: str = "") -> str:
    """Return the title of a field: its own, or that of a field that every record has, or its name."""
    return title if title and title != name else _TITLES.get(name, name)


def shown(value: object, *, language: str, zone: str) -> str:
    """Return a value as people read it: instants in a time zone to the minute, money with its currency."""
    match value:
        case None:
            return ""
        case bool():
            return translate(_("yes") if value else _("no"), language)
        case str():
            return translate(value, language)
        case datetime():
            return value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case Enum():
            return shown(value.value, language=language, zone=zone)
        case Mapping():
            return ", ".join(f"{name}: {shown(item, language=language, zone=zone)}" for name, item in value.items())
        case bytes() | int() | float() | Decimal() | UUID() | PurePath():
            return str(value)
        case _:
            if is_money(value):
                return str(value)
            if isinstance(value, Iterable):
                return ", ".join(shown(item, language=language, zone=zone) for item in value)
            return shown(plain(value), language=language, zone=zone)


def pairs(arguments: Iterable[str]) -> dict[str, Any]:
    """Return the values of ``field=value`` (text), ``field:=json`` and ``field=@file`` (text of a file) arguments.

    ``a.b=value`` sets a field inside a field, ``field+=value`` adds to a list, ``@file.json`` alone takes all fields of
    a JSON object; ``-`` as a file is standard input. Raises UsageError for anything else, InvalidInput for what is not
    JSON or is given twice.
    """
    values: dict[str, Any] = {}
    for argument in arguments:
        if argument.startswith("@"):
            whole = _json(argument, _read(argument[1:]))
            if not isinstance(whole, dict):
                raise InvalidInput(_("{argument} holds no JSON object."), argument=argument)
            values.update(whole)
            continue
        name, separator, value = argument.partition("=")
        if not separator or not name.strip(":+"):
            raise UsageError(
                _('"{argument}" is no field=value.'),
                fix=_('Write name=value, name:=JSON, name=@file or name+=value, each as one word: "name=Li Wei".'),
                argument=argument,
            )
        parsed: Any = value
        if name.endswith(":"):
            name, parsed = name[:-1], _json(argument, value)
        elif value.startswith("@") and len(value) > 1 and not name.endswith("+"):
            parsed = _read(value[1:])
        _put(values, name, parsed)
    return values


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    add = name.endswith("+")
    *path, last = name.removesuffix("+").split(".")
    place = values
    for part in path:
        inner = place.setdefault(part, {})
        if not isinstance(inner, dict):
            raise InvalidInput([Problem("CK500", _("This is given twice."), field=name)])
        place = inner
    if add:
        found = place.setdefault(last, [])
        if isinstance(found, list):
            found.append(value)
            return
    if last in place:
        raise InvalidInput([Problem("CK500", _("This is given twice."), field=name.removesuffix("+"))])
    place[last] = value


def _json(argument: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput(
            _('"{argument}" is not JSON: {reason}.'),
            fix=_('Write texts with quotation marks: name:="text".'),
            argument=argument if len(argument) < 80 else f"{argument[:80]}…",
            reason=error,
        ) from error


def _read(name: str) -> str:
    import click

    try:
        with click.open_file(name, encoding="utf-8") as file:
            return str(file.read())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(_("{path} cannot be read: {reason}."), path=name, reason=reason) from error


def instant(text: str, zone: str, *, name: str, end_of_day: bool = True) -> datetime:
    """Return the instant (UTC) that a text stands for: with its own zone, or as a time or a day in the business's.

    A day stands for its end, so that "as of 2026-03-31" includes that day, or else for its beginning. Raises
    InvalidInput naming the option.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            _('{option}: "{value}" is neither a day nor an instant.'),
            fix=_("Write 2026-03-31, 2026-03-31T14:05 or 2026-03-31T14:05:00+08:00."),
            option=name,
            value=text,
        ) from None
    try:
        if moment.tzinfo is None:
            if end_of_day and len(text) == 10:
                moment = moment.replace(hour=23, minute=59, second=59, microsecond=999999)
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidInput(_('{option}: "{value}" is out of range.'), option=name, value=text) from None
