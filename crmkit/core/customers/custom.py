"""Values of the custom fields that an admin has added: checked against the field's type and brought into the JSON form
in which records keep them.

Integers, booleans and lists are kept as such; decimals, dates and instants as text. Must not touch the database.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from math import isfinite
from typing import Any, cast

import attrs

from crmkit.core.business.config import PLAIN_CLASSES, Config, CustomFieldInfo
from crmkit.core.operations.inputs import structure
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


@attrs.frozen(kw_only=True)
class _Values:
    """One slot for each type, so that custom values are read by the rules of every other input."""

    text: str | None = None
    integer: int | None = None
    decimal: Decimal | None = None
    boolean: bool | None = None
    date: date | None = None
    instant: datetime | None = None
    choice: str | None = None
    choices: tuple[str, ...] | None = None


TYPES: tuple[str, ...] = tuple(attribute.name for attribute in attrs.fields(_Values))
_PLACES = 30
"""Most digits of a decimal before its point, half of what it has in all: databases compare it as a double, which has
its bounds."""
_EXACT = Context(prec=2 * _PLACES)
_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "decimal": lambda value: format(value.normalize(_EXACT), "f") if value else "0",
    "date": lambda value: value.isoformat(),
    "instant": lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    "choices": list,
}
"""How the values of a type are kept, where not as they are."""


def custom_values(config: Config, resource: str, values: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """Return custom values in the form in which they are kept; null, an empty text
    and an empty list stand for no value.

    What is wrong is added to ``problems``, with fields such as ``custom.colour``.
    """
    known = config.custom_fields.get(resource, {})
    kept: dict[str, Any] = {}
    for name, value in values.items():
        info = known.get(name)
        if info is None:
            problems.append(_unknown(name, known))
        elif value is None or value == "" or value == [] or value == ():
            kept[name] = None
        else:
            try:
                kept[name] = custom_value(info, value)
            except InvalidInput as error:
                (problem, *_rest) = error.problems
                problems.append(
                    Problem(
                        problem.code,
                        problem.message,
                        field=f"custom.{name}",
                        value=value,
                        hint=problem.hint,
                        **problem.values,
                    )
                )
    return kept


def custom_value(info: CustomFieldInfo, value: Any) -> Any:
    """Return one value in the form in which it is kept. Raises InvalidInput."""
    if info.type == "choices" and isinstance(value, str):
        value = [part.strip() for part in value.split(";") if part.strip()]
    found = getattr(structure(_Values, {info.type: value}), info.type)
    if info.type in ("choice", "choices"):
        for item in cast("Sequence[str]", [found] if info.type == "choice" else found):
            if item not in info.options:
                close = difflib.get_close_matches(item, info.options, 1)
                raise InvalidInput(
                    [
                        Problem(
                            "CK500",
                            _("This is not one of the possible values."),
                            value=item,
                            hint=_('Did you mean "{close}"?') if close else _("Possible: {options}."),
                            close=close[0] if close else "",
                            options=", ".join(info.options) or "–",
                        )
                    ]
                )
    if (
        info.type == "decimal"
        and found
        and not (-_PLACES <= found.adjusted() < _PLACES and len(found.as_tuple().digits) <= 2 * _PLACES)
    ):
        raise InvalidInput([Problem("CK500", _("This number has too many digits."), value=value)])
    form = _FORMS.get(info.type)
    return form(found) if form else found


def json_problem(value: Any, field: str) -> Problem | None:
    """Return what keeps a value from being stored as JSON, or None."""
    return None if _storable(value, 0) else Problem("CK500", _("This cannot be stored."), field=field)


def _storable(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if value is None or isinstance(value, (bool, int)):
        return True
    if isinstance(value, float):
        return isfinite(value)
    if depth > 10:
        return False
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).items()
        return all(isinstance(key, str) and _storable(key, depth) and _storable(item, depth + 1) for key, item in items)
    if isinstance(value, (list, tuple)):
        return all(_storable(item, depth + 1) for item in cast("Sequence[Any]", value))
    return False


def _unknown(name: str, known: Mapping[str, CustomFieldInfo]) -> Problem:
    close = difflib.get_close_matches(name, known, 1)
    return Problem(
        "CK500",
        _("There is no such custom field."),
        field=f"custom.{name}",
        hint=_('Did you mean "{close}"?') if close else _("Known fields: {known}."),
        close=close[0] if close else "",
        known=", ".join(known) or "–",
    )


# --- what is kept in plain -------------------------------------------------------------------------------------------


def split_custom(config: Config, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the custom values that are kept in plain, and those that are sealed: what has no class is."""
    if not values:
        return {}, {}
    classes = config.custom_classes.get("customer", {})
    shown = {name: value for name, value in values.items() if classes.get(name) in PLAIN_CLASSES}
    return shown, {name: value for name, value in values.items() if name not in shown}


def custom_parts(shown: Any, sealed: Any) -> dict[str, Any]:
    """Return the custom values of both places; one whose values are hidden altogether has none to show."""
    found: dict[str, Any] = {}
    for part in (shown, sealed):
        if isinstance(part, Mapping):
            found.update(cast("Mapping[str, Any]", part))
    return found


def birthday_of(day: date) -> str:
    """Return the month and day of a date of birth, as MM-DD."""
    return f"{day:%m-%d}"


def band_of(day: date) -> int:
    """Return the first of the five years that the year of a date of birth is in: 1990 for 1993."""
    return day.year - day.year % 5
