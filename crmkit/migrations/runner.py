"""Holding the one place from which a schema may be changed, and bringing the kernel's up to date.

Schema changes never run in a session of the gate: its connections have foreign keys on, SQLite does not let that be
changed inside a transaction, and with them on the rebuild of a table would delete the rows that refer to it. Must not
know plugins.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.schema import CreateSchema

from crmkit.core.store.engine import Engines
from crmkit.errors import DatabaseBusy, SchemaOutdated
from crmkit.i18n import texts
from crmkit.migrations.lineage import Lineage

_ = texts("crmkit")

LOCK = 741_212_009
"""First key of the advisory lock that runners hold on PostgreSQL; the second one is made from the schema's name."""
WAIT = 600
"""Seconds that a runner waits for another one."""


@contextmanager
def runner(engines: Engines) -> Iterator[Connection]:
    """Give the one connection that may change the schema, while others wait.

    On PostgreSQL it holds an advisory lock, on SQLite a lock on a small file beside the database; both are released
    when the process dies. On SQLite foreign keys are off while tables are rebuilt, as SQLite itself asks for. Raises
    DatabaseBusy when another runner does not end.
    """
    exclusive = _exclusive_postgresql if engines.dialect == "postgresql" else _exclusive_sqlite
    with exclusive(engines) as connection:
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()


@contextmanager
def _exclusive_postgresql(engines: Engines) -> Iterator[Connection]:
    keys = {"key": LOCK}
    with engines.system_write.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{WAIT}s'"))
        try:
            connection.execute(text("SELECT pg_advisory_lock(:key, hashtext(coalesce(current_schema(), '')))"), keys)
        except Exception as error:
            connection.rollback()
            raise DatabaseBusy(_("Somebody else is changing the schema.")) from error
        connection.execute(text("SET lock_timeout = 0"))
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key, hashtext(coalesce(current_schema(), '')))"), keys)
            connection.commit()


@contextmanager
def _exclusive_sqlite(engines: Engines) -> Iterator[Connection]:
    with contextlib.ExitStack() as stack:
        database = engines.base.url.database
        if database and database != ":memory:" and not database.startswith("file:"):
            guard = stack.enter_context(
                contextlib.closing(sqlite3.connect(f"{database}-schema.lock", timeout=WAIT, isolation_level=None))
            )
            try:
                guard.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise DatabaseBusy(_("Somebody else is changing the schema.")) from error
        connection = stack.enter_context(engines.system_write.connect())
        # The pragma has no effect inside a transaction, and every statement through SQLAlchemy begins one.
        raw: Any = connection.connection.driver_connection
        (before,) = raw.execute("PRAGMA foreign_keys").fetchone()
        raw.execute("PRAGMA foreign_keys = OFF")
        try:
            yield connection
        finally:
            connection.rollback()
            raw.execute(f"PRAGMA foreign_keys = {int(before)}")


def create_schema(engines: Engines, schema: str) -> None:
    """Make the PostgreSQL schema that the settings name, unless it is there."""
    if engines.dialect == "postgresql":
        with engines.system_write.begin() as connection:
            # Asked first: PostgreSQL wants the right to make schemas even for one that exists.
            if schema not in inspect(connection).get_schema_names():
                connection.execute(CreateSchema(schema, if_not_exists=True))


def upgrade_kernel(engines: Engines, schema: str | None = None) -> list[str]:
    """Bring the kernel's tables to the newest revision and return the revisions that were run.

    ``schema`` is made where it is not there. Raises MigrationError.
    """
    if schema:
        create_schema(engines, schema)
    with runner(engines) as connection:
        return Lineage.kernel().move(connection)


def check_kernel(engines: Engines) -> None:
    """Raise SchemaOutdated unless the kernel's tables are at the newest revision that this version knows."""
    lineage = Lineage.kernel()
    with engines.system_read.connect() as connection:
        current = lineage.current(connection)
    newest = lineage.newest()
    if current != newest:
        known = current is None or current in lineage.revisions()
        raise SchemaOutdated(
            _("The database is at {current}, this version needs {head}."),
            fix=_("Run: crmkit db upgrade") if known else _("Install the version that made it."),
            current=current or "–",
            head=newest,
        )
