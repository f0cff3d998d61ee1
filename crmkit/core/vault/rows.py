"""Reading rows of data keys at the driver's speed: a batch of two thousand subjects asks for as many keys.

Must not know how keys are unwrapped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Connection

from crmkit.core.store.clock import system_now
from crmkit.core.vault.tables import DataKey

CHUNK = 5_000
"""Ids in one statement; drivers take some ten thousands."""
_COLUMNS = "id, subject_id, origin_id, root_id, wrapped"

data_keys: Any = cast(Any, DataKey).__table__


class KeyRow(NamedTuple):
    """A data key as the database has it; the ids are 16 bytes each."""

    id: bytes
    subject: bytes
    origin: bytes
    root: int
    wrapped: bytes


def keys_of(connection: Connection, subjects: Collection[UUID], *, hold: bool) -> Iterator[KeyRow]:
    """Return all keys of some subjects; with ``hold`` nobody can destroy them before the transaction has ended."""
    return _rows(connection, "subject_id", [subject.bytes for subject in subjects], hold=hold)


def keys_named(connection: Connection, ids: Collection[bytes]) -> Iterator[KeyRow]:
    """Return keys by the 16 bytes that envelopes name them by."""
    return _rows(connection, "id", list(ids), hold=False)


def add_keys(connection: Connection, root: int, keys: Sequence[tuple[bytes, UUID, bytes]]) -> None:
    """Insert new keys, given as their id, whose they are, and their wrapped form."""
    into = f"INSERT INTO {data_keys.name} ({_COLUMNS}, created_at)"
    now = system_now()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            f"{into} SELECT id, subject, subject, %s, wrapped, %s"  # noqa: S608 - our own names
            " FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[]) AS n(id, subject, wrapped)",
            (root, now, [UUID(bytes=key[0]) for key in keys], [key[1] for key in keys], [key[2] for key in keys]),
        )
        return
    made = data_keys.c.created_at.type.process_bind_param(now, connection.dialect)
    connection.exec_driver_sql(
        f"{into} VALUES (?, ?, ?, ?, ?, ?)",
        [(key_id, subject.bytes, subject.bytes, root, wrapped, made) for key_id, subject, wrapped in keys],
    )


def _rows(connection: Connection, column: str, ids: Sequence[bytes], *, hold: bool) -> Iterator[KeyRow]:
    table = data_keys.name
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        if connection.dialect.name == "postgresql":
            lock = " FOR KEY SHARE" if hold else ""
            statement = f"SELECT {_COLUMNS} FROM {table} WHERE {column} = ANY(%s){lock}"  # noqa: S608 - our own names
            found = connection.exec_driver_sql(statement, ([UUID(bytes=each) for each in chunk],))
            for row in found.fetchall():
                yield KeyRow(row[0].bytes, row[1].bytes, row[2].bytes, row[3], bytes(row[4]))
        else:
            # Writing transactions take turns on SQLite: there is nothing to hold.
            marks = ", ".join("?" * len(chunk))
            statement = f"SELECT {_COLUMNS} FROM {table} WHERE {column} IN ({marks})"  # noqa: S608 - our own names
            for row in connection.exec_driver_sql(statement, tuple(chunk)).fetchall():
                yield KeyRow(*row)
