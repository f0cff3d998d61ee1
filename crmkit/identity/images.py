"""Rows as the database has them: read, compared, written and put into JSON without any type of theirs being known.

So a row of a plugin that is not loaded comes back byte by byte. On PostgreSQL every value is its text, which the server
reads back as the same value; on SQLite it is what the file has. Must not know what the rows are about.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, MetaData, Table, Text, and_, cast, delete, insert, or_, select, update
from sqlalchemy.types import UserDefinedType

from crmkit.identity.layout import Place

Image = dict[str, Any]
"""A row by its columns."""
Key = tuple[Any, ...]

_BYTES = "$b"
_CHUNK = 400


class _Raw(UserDefinedType[Any]):
    """The type of columns of which nothing is said to the driver: the server knows what a value is compared with."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "RAW"


@lru_cache(maxsize=1024)
def table_of(place: Place) -> Table:
    """Return a place's table with columns of no type."""
    return Table(place.table, MetaData(), *(Column(name, _Raw()) for name in place.columns))


def raw_id(connection: Connection, identity: UUID) -> Any:
    """Return an id as rows have it."""
    return str(identity) if connection.dialect.name == "postgresql" else identity.bytes


def id_of(value: Any) -> UUID | None:
    """Return the id that a value of a row is, or None where it is none."""
    try:
        return UUID(bytes=value) if isinstance(value, bytes) else UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


def bytes_of(value: Any) -> bytes | None:
    """Return the bytes that a value of a row stands for, or None where it stands for none."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str) and value.startswith("\\x"):
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            return None
    return None


def envelope_of(value: Any) -> bytes | None:
    """Return the envelope that a value of a row is, or None where it is nothing sealed."""
    data = bytes_of(value)
    return data if data is not None and data[:2] == b"\xc1\x01" and len(data) >= 46 else None


def raw_bytes(connection: Connection, value: bytes) -> Any:
    """Return bytes as rows have them."""
    return f"\\x{value.hex()}" if connection.dialect.name == "postgresql" else value


def key_of(place: Place, row: Mapping[str, Any]) -> Key:
    """Return a row's key."""
    return tuple(row[name] for name in place.key)


def read_rows(
    connection: Connection, place: Place, condition: Any, columns: Sequence[str] | None = None
) -> list[Image]:
    """Return rows, in the order of their keys."""
    table = table_of(place)
    names = place.columns if columns is None else columns
    query = select(*(_shown(connection, table.c[name]) for name in names)).where(condition)
    query = query.order_by(*(table.c[name] for name in place.key))
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def rows_naming(
    connection: Connection, place: Place, customers: Iterable[Any], columns: Sequence[str] | None = None
) -> list[Image]:
    """Return the rows that name one of some customers, given as rows have their ids."""
    table, wanted = table_of(place), list(customers)
    naming = or_(*(table.c[name] == customer for name in place.named_by for customer in wanted))
    return read_rows(connection, place, naming, columns)


def rows_at(connection: Connection, place: Place, keys: Iterable[Key]) -> dict[Key, Image]:
    """Return the rows that there are under some keys."""
    found: dict[Key, Image] = {}
    for part in _parts(list(keys)):
        for row in read_rows(connection, place, at(place, part)):
            found[key_of(place, row)] = row
    return found


def at(place: Place, keys: Sequence[Key]) -> Any:
    """Return the condition that a row has one of some keys."""
    table = table_of(place)
    if len(place.key) == 1:
        return table.c[place.key[0]].in_([key[0] for key in keys])
    return or_(
        *(and_(*(_is(table.c[name], value) for name, value in zip(place.key, key, strict=True))) for key in keys)
    )


def _is(column: Any, value: Any) -> Any:
    return column.is_(None) if value is None else column == value


def insert_images(connection: Connection, place: Place, rows: Sequence[Image]) -> None:
    """Put rows back as they stood."""
    table = table_of(place)
    for row in rows:
        connection.execute(insert(table).values(row))


def delete_rows(connection: Connection, place: Place, keys: Sequence[Key]) -> None:
    """Delete rows by their keys."""
    for part in _parts(list(keys)):
        connection.execute(delete(table_of(place)).where(at(place, part)))


def change_row(connection: Connection, place: Place, key: Key, values: Mapping[str, Any]) -> None:
    """Change columns of one row."""
    connection.execute(update(table_of(place)).where(at(place, [key])).values(dict(values)))


def point(connection: Connection, place: Place, keys: Sequence[Key], values: Mapping[str, Any]) -> None:
    """Change columns of many rows to the same."""
    for part in _parts(list(keys)):
        connection.execute(update(table_of(place)).where(at(place, part)).values(dict(values)))


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of a row in their JSON form."""
    return {
        name: {_BYTES: b64encode(value).decode()} if isinstance(value, bytes) else value for name, value in row.items()
    }


def from_json(row: Mapping[str, Any]) -> Image:
    """Return values of a row from their JSON form."""
    return {name: b64decode(value[_BYTES]) if isinstance(value, dict) else value for name, value in row.items()}


def _shown(connection: Connection, column: Any) -> Any:
    return cast(column, Text).label(column.name) if connection.dialect.name == "postgresql" else column


def _parts(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
