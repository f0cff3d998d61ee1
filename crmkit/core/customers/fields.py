"""The fields of a customer that lists filter and sort by: columns, custom fields, and what is looked up beside the
customer.

Must not know doors, or how a page is cut.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import BigInteger, ColumnElement, Float, cast as sql_cast

from crmkit.core.business.config import PLAIN_CLASSES, Config
from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import structure
from crmkit.core.store.model import field_info
from crmkit.core.store.sealed import SealedBytes, sealed_fields, tokens_of
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

TYPES: dict[type[Any], str] = {
    str: "text", int: "integer", bool: "boolean", date: "date", datetime: "instant", UUID: "id",
}  # fmt: skip
_HIDDEN = frozenset({"preferences", "custom", "name_key", *tokens_of(Customer)})
_INSTEAD = {
    "birth_date": _("Use birthday=08-15, or birth_band=1990 for those born from 1990 to 1994."),
    "identity_number": _("Look for its whole value: identity_number=VALUE."),
}
"""What lists use in place of a field that is sealed."""
BESIDE = (
    "tag",
    "interest",
    "email",
    "phone",
    "address",
    "identity_number",
    "owner",
    "team",
    "organization",
    "external_id",
    "identifier_source",
)


@frozen(kw_only=True, eq=False)
class ListField:
    """A field that lists can be filtered and sorted by. ``type`` is text, integer, decimal, boolean, date, instant, id,
    choice or choices; ``expression`` is its SQL."""

    name: str
    title: str
    type: str
    expression: ColumnElement[Any]
    nullable: bool


@lru_cache(maxsize=1)
def _built_in() -> dict[str, ListField]:
    found: dict[str, ListField] = {}
    for column in Customer.__table__.c:
        if column.key not in _HIDDEN and not isinstance(column.type, SealedBytes):
            found[column.key] = ListField(
                name=column.key,
                title=field_info(column).title or column.key,
                type=TYPES[column.type.python_type],
                expression=getattr(Customer, column.key).expression,
                nullable=bool(column.nullable),
            )
    return found


def list_fields(config: Config) -> dict[str, ListField]:
    """Return the fields of customers by name, custom ones as ``custom.NAME``; those that are sealed are not among
    them."""
    found = dict(_built_in())
    for name, info in config.custom_fields.get("customer", {}).items():
        if info.field_class not in PLAIN_CLASSES:
            continue
        found[f"custom.{name}"] = ListField(
            name=f"custom.{name}",
            title=info.title,
            type=info.type,
            expression=_custom_expression(name, info.type),
            nullable=True,
        )
    return found


def _custom_expression(name: str, type_: str) -> ColumnElement[Any]:
    item: Any = Customer.custom_open
    value = item[name]
    if type_ == "boolean":
        return cast("ColumnElement[Any]", value.as_boolean())
    text = cast("ColumnElement[Any]", value.as_string())
    if type_ == "integer":
        return sql_cast(text, BigInteger)
    if type_ == "decimal":
        # Ordered as a double: SQLite has no decimal; equality is decided on the exact text.
        return sql_cast(text, Float)
    return text


def sealed_names(config: Config) -> frozenset[str]:
    """Return the names of the fields of customers that are sealed, custom ones as ``custom.NAME``."""
    custom = config.custom_fields.get("customer", {})
    return frozenset(
        (
            *(name for name in sealed_fields(Customer) if name != "custom_sealed"),
            *(f"custom.{name}" for name, info in custom.items() if info.field_class not in PLAIN_CLASSES),
        )
    )


def field_named(config: Config, name: str, *, beside: Iterable[str] = ()) -> ListField | None:
    """Return the field of a name; None for one of ``beside``. Raises InvalidInput: for a field that is sealed, saying
    what to use instead, and else suggesting the one that was meant."""
    known = list_fields(config)
    if name in known:
        return known[name]
    others = tuple(beside)
    if name in others:
        return None
    if name in sealed_names(config):
        raise InvalidInput(
            [
                Problem(
                    "CK500",
                    _("This field is sealed: lists can be neither filtered nor sorted by it."),
                    field=name,
                    hint=_INSTEAD.get(name, _("Classify it as personal if lists need it, in a field of its own.")),
                )
            ]
        )
    names = [*known, *others]
    close = difflib.get_close_matches(name, names, 1)
    raise InvalidInput(
        [
            Problem(
                "CK500",
                _("There is no such field."),
                field=name,
                hint=_('Did you mean "{close}"?') if close else _("Known fields: {known}."),
                close=close[0] if close else "",
                known=", ".join(names),
            )
        ]
    )


# --- values ----------------------------------------------------------------------------------------------------------

_READERS: dict[str, Any] = {"integer": int, "decimal": float, "boolean": bool, "date": date, "id": UUID}


@lru_cache(maxsize=8)
def _shape(type_: Any) -> Any:
    import attrs

    return attrs.make_class("Value", {"value": attrs.field(type=type_)}, frozen=True)


def typed(field: ListField, value: Any) -> Any:
    """Return a value of a field in the type that its SQL compares with. Raises InvalidInput, which names the field."""
    if not isinstance(value, str):
        return value
    try:
        if field.type == "instant":
            found = structure(_shape(datetime), {"value": value}).value
            return found if field.name in _built_in() else custom_instant(found)
        if field.type == "date":
            day = structure(_shape(date), {"value": value}).value
            return day if field.name in _built_in() else day.isoformat()
        reader = _READERS.get(field.type)
        return structure(_shape(reader), {"value": value}).value if reader else value
    except InvalidInput as error:
        (problem, *_rest) = error.problems
        raise InvalidInput(
            [Problem(problem.code, problem.message, field=field.name, value=value, hint=problem.hint, **problem.values)]
        ) from None


def custom_instant(value: datetime) -> str:
    """Return an instant as custom fields keep it: text in UTC that sorts by time."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def day_bounds(field: ListField, value: str, zone: str) -> tuple[Any, Any] | None:
    """Return the first instant of a calendar day and that of the next one, for a field of instants and a value that is
    a day of the company's zone; else None."""
    if field.type != "instant" or len(value) != 10:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    # Zones and the day after must not leave what instants can say; nothing is kept of those days.
    day = min(max(day, date(1, 1, 4)), date(9999, 12, 28))
    bounds = [datetime.combine(day + timedelta(days=more), time(), ZoneInfo(zone)).astimezone(UTC) for more in (0, 1)]
    form: Callable[[datetime], Any] = custom_instant if field.name.startswith("custom.") else (lambda value: value)
    return form(bounds[0]), form(bounds[1])
