"""Values of sealed fields: what waits to be sealed, what a reader without the right is shown, how values become bytes.

Must not know models, sessions or keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import msgspec
from attrs import frozen
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from crmkit.errors import InvalidInput
from crmkit.i18n import texts

_ = texts("crmkit")

CLASSES = ("sensitive", "secret", "text")
"""The field classes whose columns are rewritten when a model is declared."""

_encode = msgspec.json.Encoder(decimal_format="string").encode


@frozen(kw_only=True)
class SealItem:
    """A value that is to be sealed: whose data key, and the place it is bound to."""

    subject: UUID
    table: str
    field: str
    record: UUID
    value: bytes


@frozen(kw_only=True)
class OpenItem:
    """A sealed value and the place it is bound to."""

    table: str
    field: str
    record: UUID
    sealed: bytes


class Pending:
    """A value of a sealed field that the next flush will seal; never shown by ``repr``."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "<a value that waits to be sealed>"


class Masked(str):
    """What a reader without the right sees of a value. It refuses to be written back.

    Its text shows the first and, of a long value, the last characters, as in ``138****5678`` and ``a****@example.com``.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<masked {self!s}>"


HIDDEN = Masked("****")
"""Stands where even the shape of a value is not to be seen."""
PLAIN = "_crm_plain"
"""Where a record keeps the values of its masked personal fields, for the framework's own use."""


def mask(value: Any) -> Any:
    """Return a value masked; of a mapping each value is."""
    if value is None or isinstance(value, Masked):
        return value
    if isinstance(value, dict):
        return {name: mask(item) for name, item in cast("dict[str, Any]", value).items()}
    if not isinstance(value, str):
        return HIDDEN
    if "@" in value:
        name, _at, domain = value.rpartition("@")
        return Masked(f"{name[:1]}****@{domain}")
    if len(value) >= 8 and sum(char.isdigit() for char in value) >= len(value) // 2:
        return Masked(f"{value[:3]}****{value[-4:] if len(value) >= 11 else value[-2:]}")
    return Masked(f"{value[:1]}****")


def is_masked(value: Any) -> bool:
    """Say whether a value is masked, or a mapping or list that holds a masked one."""
    if isinstance(value, Masked):
        return True
    if isinstance(value, dict):
        return any(is_masked(item) for item in cast("dict[str, Any]", value).values())
    if isinstance(value, (list, tuple)):
        return any(is_masked(item) for item in cast("list[Any]", value))
    return False


def refuse_masked(value: Any, name: str) -> None:
    """Raise InvalidInput for a masked value that would be written back."""
    if is_masked(value):
        raise InvalidInput(
            _("{name}: a masked value cannot be written back."),
            fix=_("Leave the field out, or give its new value."),
            name=name,
        )


class SealedBytes(TypeDecorator[bytes]):
    """The column of a sealed field. It takes envelopes alone, so that nothing plain is ever written by mistake."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None or (isinstance(value, bytes) and value[:1] == b"\xc1"):
            return value
        raise TypeError("a sealed column takes sealed values only: write it by its record")

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes(value)

    @property
    def python_type(self) -> type[bytes]:
        return bytes


def to_bytes(value: Any) -> bytes:
    """Return the bytes of a value that are sealed: texts in UTF-8, everything else as JSON."""
    return value.encode() if isinstance(value, str) else _encode(value)


def from_bytes(data: bytes, kind: Any) -> Any:
    """Return the value for bytes, in its field's Python type."""
    if kind is str:
        return data.decode()
    return msgspec.json.decode(data, type=kind)


def python_kind(kind: Any) -> bool:
    """Say whether values of a Python type can be sealed."""
    origin = getattr(kind, "__origin__", kind)
    return origin in (str, int, float, bool, date, datetime, Decimal, UUID, dict, list)


def own_key(table: str) -> UUID:
    """Return the id that stands for a table whose rows are about no customer: their data key's subject."""
    number = int.from_bytes(hashlib.blake2b(b"crmkit table " + table.encode(), digest_size=16).digest(), "big")
    # Version 8 of RFC 9562: ids of one's own making, which no id of a record can equal.
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x8 << 76 | 0x2 << 62)


def sealed_fields(model: Any) -> Mapping[str, Any]:
    """Return the sealed fields of a model by name."""
    return cast("Mapping[str, Any]", getattr(model, "__sealed__", {}))


def sealed_as(model: Any, column: str) -> str:
    """Return the field under whose name a column's values are sealed. The model may be unknown, or None."""
    return column if column in sealed_fields(model) else column.removesuffix("_sealed")


def slots_of(model: Any) -> Mapping[str, str]:
    """Return the mapped attributes behind the sealed fields of a model, each with its field's name; tokens aside."""
    found: dict[str, str] = {}
    for name, field in sealed_fields(model).items():
        found[field.slot] = name
        if field.open_slot is not None:
            found[field.open_slot] = name
    return found


def tokens_of(model: Any) -> Collection[str]:
    """Return the mapped attributes that hold the tokens of a model's matchable fields."""
    return [field.token_slot for field in sealed_fields(model).values() if field.token_slot is not None]
