"""PostgreSQL databases that are used again: brought back to the state of their template instead of dropped.

Copying a database costs a hundred milliseconds, most of them for tables that no test touches. A test changes the rows
of a few tables; the server's own counters say which, and those of the catalogue whether the test changed anything else,
as then the database is not used again. Must not know what is in a template.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import psycopg
from attrs import define, field
from psycopg import sql

from tests.servers.postgres import PostgresServer

USES = 30
"""How often a database is used: what was deleted stays in its files."""

COUNTED_AT_ONCE = 150_000
"""The first version of PostgreSQL whose counters are there as soon as a connection has ended."""

_GONE = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SETTINGS = """
SELECT (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = own.oid) + count(own.datacl)
FROM pg_database AS own WHERE own.datname = current_database() GROUP BY own.oid
"""
_TOUCHED = """
SELECT schemaname, counted.relname FROM pg_stat_all_tables AS counted JOIN pg_class ON pg_class.oid = relid
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND NOT relisshared AND relkind <> 't' AND relid <> 'pg_statistic'::regclass
"""
_SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences"


@define(kw_only=True)
class Reusable:
    """Copies of one template on a server: ``give_back`` keeps what ``take`` gave for the next."""

    server: PostgresServer
    template: str
    _names: Iterator[int] = field(factory=lambda: itertools.count(1), init=False)
    _free: list[str] = field(factory=list[str], init=False)
    _uses: dict[str, int] = field(factory=dict[str, int], init=False)
    _rows: dict[tuple[str, str], bytes] = field(factory=dict[tuple[str, str], bytes], init=False)
    _sequences: list[Any] = field(factory=list[Any], init=False)

    def take(self) -> str:
        """Return the name, never used before, of a database that is as the template is."""
        if not self._rows:
            self._remember()
        name = f"{self.template}_{next(self._names)}"
        if self._free:
            # Whatever an earlier test has left running does not reach it by the old name.
            before = self._free.pop()
            with self.server.connect() as connection:
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(rename.format(sql.Identifier(before), sql.Identifier(name)))
            self._uses[name] = self._uses.pop(before)
        else:
            self.server.create_database(name, template=self.template)
        return name

    def give_back(self, name: str) -> None:
        """Bring a database back to its template's state, or drop it where more than rows was changed."""
        self._uses[name] = self._uses.get(name, 0) + 1
        if self._uses[name] < USES and self._restored(name):
            self._free.append(name)
        else:
            self.server.drop_database(name)

    def _remember(self) -> None:
        with self.server.connect(self.template) as connection:
            found = connection.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|info)'")
            for table in found.fetchall():
                with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(*table))) as copy:
                    self._rows[table[0], table[1]] = b"".join(bytes(part) for part in copy)
            self._sequences = connection.execute(_SEQUENCES).fetchall()

    def _restored(self, name: str) -> bool:
        try:
            with self.server.connect(name) as connection:
                if connection.info.server_version < COUNTED_AT_ONCE:
                    return False
                # The counters of a connection are complete when it has ended.
                connection.execute(_GONE)
                touched = connection.execute(_TOUCHED).fetchall()
                (settings,) = connection.execute(_SETTINGS).fetchone() or (0,)
                if settings or any(table not in self._rows for table in touched):
                    return False
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.execute("SET LOCAL session_replication_role = replica")
                    for table in touched:
                        self._fill(cursor, table)
                    for sequence, last in self._sequences:
                        cursor.execute("SELECT setval(%s, %s, %s)", (sequence, last or 1, last is not None))
                connection.execute("SELECT pg_stat_force_next_flush()")
                connection.execute("SELECT pg_stat_reset()")
                return True
        except psycopg.OperationalError:
            return False  # it was dropped, or nobody can connect to it any more

    def _fill(self, cursor: psycopg.Cursor[Any], table: tuple[str, str]) -> None:
        named = sql.Identifier(*table)
        cursor.execute(sql.SQL("DELETE FROM {}").format(named))
        rows = self._rows[table]
        if rows:
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(named)) as copy:
                copy.write(rows)
