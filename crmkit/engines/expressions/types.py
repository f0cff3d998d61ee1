"""The types of the expression language, and which of them a Python type is. Must not know expressions."""

from __future__ import annotations

import types
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

from attrs import frozen

from crmkit.core.business.money import Money
from crmkit.errors import InvalidInput
from crmkit.i18n import Text, texts

_ = texts("crmkit")

Kind = Literal[
    "boolean", "integer", "decimal", "number", "text", "date", "instant", "duration", "money", "list", "null"
]

MAX_INTEGER = 2**63 - 1
MIN_INTEGER = -(2**63)
PLACES = 6
"""Decimal places of a decimal; it is computed as a 64-bit integer of that many places."""
UNIT = 10**PLACES


@frozen
class Type:
    """What a value is: its kind, and for a list what it is a list of.

    In SQL a decimal is a `crmkit.core.store.types.ScaledDecimal` of six places, money an integer of minor units of the
    base currency, a duration an integer of microseconds, a list a JSON array; in Python they are a ``Decimal``, an
    ``int`` of minor units, a ``timedelta`` and a sequence.
    """

    kind: Kind
    of: Type | None = None

    @property
    def title(self) -> Text:
        """Return what the type is called, for people."""
        return _TITLES[self.kind]

    def __str__(self) -> str:
        return f"list[{self.of}]" if self.of is not None else self.kind


BOOLEAN = Type("boolean")
INTEGER = Type("integer")
DECIMAL = Type("decimal")
NUMBER = Type("number")
TEXT = Type("text")
DATE = Type("date")
INSTANT = Type("instant")
DURATION = Type("duration")
MONEY = Type("money")
TEXTS = Type("list", TEXT)
NULL = Type("null")
"""The type of the literal ``null`` alone; no fact has it."""

_TITLES: dict[str, Text] = {
    "boolean": _("a condition"),
    "integer": _("a whole number"),
    "decimal": _("a decimal number"),
    "number": _("a floating-point number"),
    "text": _("a text"),
    "date": _("a date"),
    "instant": _("an instant"),
    "duration": _("a duration"),
    "money": _("an amount of money"),
    "list": _("a list"),
    "null": _("null"),
}

# A datetime is a date and a bool an int: the order matters to nobody, as classes are looked up exactly.
_TYPES: dict[Any, Type] = {
    bool: BOOLEAN,
    int: INTEGER,
    Decimal: DECIMAL,
    float: NUMBER,
    str: TEXT,
    date: DATE,
    datetime: INSTANT,
    timedelta: DURATION,
    Money: MONEY,
}


def type_of(python_type: Any) -> tuple[Type, bool]:
    """Return the type that a Python type is, and whether it admits None (``date | None``).

    Raises InvalidInput for a type that the language does not have.
    """
    nullable = False
    if get_origin(python_type) in (Union, types.UnionType):
        members = [member for member in get_args(python_type) if member is not type(None)]
        nullable = len(members) < len(get_args(python_type))
        python_type = members[0] if len(members) == 1 else python_type
    if get_origin(python_type) in (list, tuple, set, frozenset):
        inner = _TYPES.get(get_args(python_type)[0])
        if inner is not None:
            return Type("list", inner), nullable
    found = _TYPES.get(python_type)
    if found is None:
        raise InvalidInput(
            _("Expressions know no type {type}."),
            fix=_("Use one of: {known}."),
            type=getattr(python_type, "__name__", str(python_type)),
            known=", ".join(sorted(known.__name__ for known in _TYPES)) + ", list[str]",
        )
    return found, nullable
