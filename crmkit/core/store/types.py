"""Column types that mean the same on SQLite and PostgreSQL: ids, UTC instants, scaled decimals, JSON, typed JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID, SafeUUID

import msgspec
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, LargeBinary, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.types import TypeDecorator, TypeEngine

from crmkit.core.store.sealed import Masked
from crmkit.errors import InvalidInput
from crmkit.i18n import texts

_ = texts("crmkit")

T = TypeVar("T")
_MAX = 2**63 - 1

json_encode = msgspec.json.Encoder(enc_hook=lambda value: _encode_other(value), decimal_format="string").encode
json_decode = msgspec.json.Decoder().decode


def _encode_other(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Masked):
        return str(value)
    # A masked value above all: it must not get into a column of JSON.
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dumps(value: Any) -> str:
    """Return the compact JSON text of a value; instants in ISO form, ids and decimals as strings."""
    return json_encode(value).decode()


def _bytes_of(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _id_of(value: bytes | None) -> UUID | None:
    """Return the id that 16 bytes are: a page has hundreds, and the class's own way checks what is known."""
    if value is None:
        return None
    found = object.__new__(UUID)
    object.__setattr__(found, "int", int.from_bytes(value, "big"))
    object.__setattr__(found, "is_safe", SafeUUID.unknown)
    return found


def _instant_of(value: str | None) -> datetime | None:
    if value is None:
        return None
    # A day alone, as SQLite's functions give it, has no place for a zone.
    return datetime.fromisoformat(value + "+00:00" if len(value) > 10 else value + " 00:00+00:00")


def _utc_of(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise InvalidInput(_("The instant {value} has no time zone."), value=value.isoformat())
    return value.astimezone(UTC)


def _text_of(value: datetime | None) -> str | None:
    utc = _utc_of(value)
    # The zone is known and is left out, so that the text keeps its width.
    return None if utc is None else utc.isoformat(" ", "microseconds")[:26]


class Id(TypeDecorator[UUID]):
    """A UUID: native on PostgreSQL, 16 bytes on SQLite."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def bind_processor(self, dialect: Dialect) -> Any:
        # In one step: a row has many ids, and what they would pass through besides does nothing to them.
        return None if dialect.name == "postgresql" else _bytes_of

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else _bytes_of(value)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        return None if dialect.name == "postgresql" else _id_of

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if dialect.name == "postgresql" else _id_of(value)

    @property
    def python_type(self) -> type[UUID]:
        return UUID


class Instant(TypeDecorator[datetime]):
    """A point in time in UTC: ``timestamptz`` on PostgreSQL, text of fixed width on SQLite, so that it sorts, compares
    and feeds SQLite's date functions. A value without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(26))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Any:
        # In one step, as for ids.
        return _text_of if dialect.name == "sqlite" else _utc_of

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return _text_of(value) if dialect.name == "sqlite" else _utc_of(value)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        return _instant_of if dialect.name == "sqlite" else _utc_of

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return _instant_of(value) if dialect.name == "sqlite" else _utc_of(value)

    @property
    def python_type(self) -> type[datetime]:
        return datetime


class ScaledDecimal(TypeDecorator[Decimal]):
    """An exact decimal with a fixed number of places, kept as a 64-bit integer on every database.

    More places than ``scale`` are rounded half to even; a value beyond 64 bits is refused.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self._one = Decimal(1).scaleb(-scale)

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = int(Decimal(value).quantize(self._one, ROUND_HALF_EVEN).scaleb(self.scale))
        if not -_MAX <= scaled <= _MAX:
            raise InvalidInput(_("The number {value} is too large."), value=value)
        return scaled

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.scale)

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal


class Tokens(TypeDecorator[str]):
    """Tokens in their order, separated by spaces: a ``tsvector`` with their places on PostgreSQL, text on SQLite.

    They hold letters and digits alone, and there are at most as many as PostgreSQL has places for (16,383).
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def bind_processor(self, dialect: Dialect) -> Any:
        return _placed if dialect.name == "postgresql" else None

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return _placed(value) if dialect.name == "postgresql" else value


def _placed(value: str | None) -> str | None:
    if value is None:
        return None
    return " ".join(f"{token}:{place}" for place, token in enumerate(value.split(), 1))


def json_type() -> TypeEngine[Any]:
    """Return the column type for plain JSON values: JSONB on PostgreSQL, JSON text on SQLite."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class TypedJson(TypeDecorator[T], Generic[T]):
    """JSON that is read as a frozen attrs class and written from it."""

    impl = JSON
    cache_ok = True

    def __init__(self, shape: type[T]) -> None:
        super().__init__(none_as_null=True)
        self.shape = shape

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(json_type().dialect_impl(dialect))

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.to_builtins(value, builtin_types=())

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        return None if value is None else msgspec.convert(value, self.shape)
