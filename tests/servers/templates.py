"""Copies of a database that was made once.

Migrating an empty database takes longer than most tests; a copy of a migrated one takes milliseconds. Must not know
what is in a template.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.servers.postgres import PostgresServer


def sqlite_file(url: str) -> Path:
    """Return the file of an SQLite address. Raises ValueError for a database that is no file."""
    database = make_url(url).database
    if not database or database == ":memory:":
        raise ValueError(f"{url} is not a database in a file")
    return Path(database)


def copy_template(template: str, target: str, *, server: PostgresServer | None = None) -> str:
    """Copy the database at the address ``template`` to the address ``target``, which must not exist, and return it.

    Nobody may be connected to the template. PostgreSQL needs the ``server`` that both are on. Raises ValueError when
    the two addresses are not of one engine.
    """
    source, copy = make_url(template), make_url(target)
    if source.get_backend_name() != copy.get_backend_name():
        raise ValueError(f"{template} and {target} are not of one engine")
    if source.get_backend_name() == "sqlite":
        _copy_file(sqlite_file(template), sqlite_file(target))
    else:
        if server is None or not source.database or not copy.database:
            raise ValueError("a PostgreSQL template needs its server and two database names")
        server.create_database(copy.database, template=source.database)
    return target


def _copy_file(source: Path, target: Path) -> None:
    if target.exists():
        raise ValueError(f"{target} exists")
    # What is still in the write-ahead log would be missing from the copy.
    with contextlib.closing(sqlite3.connect(source)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise ValueError(f"somebody is connected to the template {source}")
    shutil.copyfile(source, target)
