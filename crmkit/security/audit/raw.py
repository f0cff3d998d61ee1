"""Reading the audit log as it is stored, at the driver's speed: what was tampered with may not be readable in any other
way. Must not know what makes a record a good one.
"""

# ruff: noqa: S608 - what is put into statements are names of our own
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import frozen
from sqlalchemy import Connection

from crmkit.core.operations.audit_form import SIGNED
from crmkit.core.store.engine import Engines

CHUNK = 5_000
"""Records that are read at a time."""

_IDS = frozenset({"id", "token_id", "target_id", "correlation_id", "writer"})
_PLAIN = frozenset({"items", "counter", "key_version", "subjects_hash", "commitment", "payload_hash"})

Link = Sequence[Any]
"""seq, audit_id, prev_mac, mac, key_version of the link, row_mac of its record, then the record's signed columns."""


@frozen
class Part:
    """A part of the chain: links with their records, whom these are about, and what was given."""

    links: Sequence[Link]
    subjects: Sequence[tuple[bytes, bytes]]
    payloads: Sequence[tuple[bytes, bytes, bytes]]


@frozen
class Log:
    """The audit log in one reading transaction; what it gives are bytes, integers and None."""

    cursor: Any
    postgresql: bool

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """Return all rows of a statement, in which a question mark stands for a value."""
        self.cursor.execute(statement.replace("?", "%s") if self.postgresql else statement, values)
        found: list[Any] = self.cursor.fetchall()
        return found

    def number(self, statement: str, *values: Any) -> int:
        """Return the one number that a statement gives."""
        return int(self.rows(statement, *values)[0][0] or 0)

    # --- columns ------------------------------------------------------------------------------------------------

    def signed(self, alias: str) -> str:
        """Return the signed columns of a record, as they are signed."""
        return ", ".join(self._as_signed(alias, name) for name in SIGNED)

    def id(self, column: str) -> str:
        """Return an id as bytes."""
        return f"uuid_send({column})" if self.postgresql else column

    def _as_signed(self, alias: str, name: str) -> str:
        column = f"{alias}.{name}"
        if not self.postgresql or name in _PLAIN:
            return column
        if name in _IDS:
            return f"uuid_send({column})"
        if name == "recorded_at":
            column = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return f"convert_to({column}, 'UTF8')"

    # --- the log ------------------------------------------------------------------------------------------------

    def links(self, after: int) -> list[Link]:
        """Return the next links after a place, in their order, each with its record where there is one."""
        return self.rows(
            f"SELECT c.seq, {self.id('c.audit_id')}, c.prev_mac, c.mac, c.key_version, a.row_mac, {self.signed('a')}"
            " FROM crm_audit_chain c LEFT JOIN crm_audit a ON a.id = c.audit_id"
            f" WHERE c.seq > ? ORDER BY c.seq LIMIT {CHUNK}",
            after,
        )

    def subjects(self, first: int, last: int) -> list[tuple[bytes, bytes]]:
        """Return the customers whom chained records are about: (record, customer)."""
        return self.rows(
            f"SELECT {self.id('s.audit_id')}, {self.id('s.customer_id')} FROM crm_audit_chain c"
            " JOIN crm_audit_subject s ON s.audit_id = c.audit_id WHERE c.seq BETWEEN ? AND ?",
            first,
            last,
        )

    def payloads(self, first: int, last: int) -> list[tuple[bytes, bytes, bytes]]:
        """Return the payloads of chained records: (record, salt, sealed)."""
        return self.rows(
            f"SELECT {self.id('p.audit_id')}, p.salt, p.sealed FROM crm_audit_chain c"
            " JOIN crm_audit_payload p ON p.audit_id = c.audit_id WHERE c.seq BETWEEN ? AND ?",
            first,
            last,
        )

    def parts(self, after: int) -> Iterator[Part]:
        """Give the chain in parts, from behind a place on.

        PostgreSQL works on the next part while this one is looked at. SQLite works in this process, where the two would
        only take turns.
        """
        if not self.postgresql:
            while (part := self._part(after)).links:
                yield part
                after = part.links[-1][0]
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(self._part, after)
            while (part := coming.result()).links:
                coming = pool.submit(self._part, part.links[-1][0])
                yield part

    def _part(self, after: int) -> Part:
        links = self.links(after)
        if not links:
            return Part((), (), ())
        first, last = links[0][0], links[-1][0]
        return Part(links, self.subjects(first, last), self.payloads(first, last))

    def unchained(self) -> list[Sequence[Any]]:
        """Return the records that no link names: code, then the signed columns."""
        return self.rows(
            f"SELECT a.row_mac, {self.signed('a')} FROM crm_audit a"
            " WHERE NOT EXISTS (SELECT 1 FROM crm_audit_chain c WHERE c.audit_id = a.id)"
        )

    def pending(self) -> set[bytes]:
        """Return the records that wait to be chained."""
        return {row[0] for row in self.rows(f"SELECT {self.id('audit_id')} FROM crm_audit_pending")}

    def parts_of(self, audit_id: bytes) -> tuple[list[bytes], list[tuple[bytes, bytes]]]:
        """Return whom one record is about, and its payload (salt, sealed) if there is one."""
        about = self.rows(
            f"SELECT {self.id('customer_id')} FROM crm_audit_subject WHERE {self.id('audit_id')} = ?", audit_id
        )
        given = self.rows(f"SELECT salt, sealed FROM crm_audit_payload WHERE {self.id('audit_id')} = ?", audit_id)
        return [row[0] for row in about], [(row[0], row[1]) for row in given]

    def orphans(self, table: str) -> list[bytes]:
        """Return the ids under which a table of parts of records has rows, and the log has no record."""
        rows = self.rows(
            f"SELECT DISTINCT {self.id('p.audit_id')} FROM {table} p"
            " WHERE NOT EXISTS (SELECT 1 FROM crm_audit a WHERE a.id = p.audit_id)"
        )
        return [row[0] for row in rows]

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return self.number(f"SELECT count(*) FROM {table}")

    def mac_at(self, seq: int) -> bytes | None:
        """Return the code of a link, or None where there is none."""
        rows = self.rows("SELECT mac FROM crm_audit_chain WHERE seq = ?", seq)
        return rows[0][0] if rows else None

    def end(self) -> int:
        """Return the place of the last link."""
        return self.number("SELECT max(seq) FROM crm_audit_chain")


@contextmanager
def reading(engines: Engines) -> Iterator[Log]:
    """Open the log as it stands at one instant."""
    postgresql = engines.dialect == "postgresql"
    view = (
        engines.system_read.execution_options(isolation_level="REPEATABLE READ") if postgresql else engines.system_read
    )
    with view.connect() as connection, connection.begin():
        if postgresql:
            with _driver(connection).cursor(binary=True) as cursor:
                yield Log(cursor, True)
            return
        driver = _driver(connection)
        before, driver.text_factory = driver.text_factory, bytes
        cursor = driver.cursor()
        try:
            yield Log(cursor, False)
        finally:
            cursor.close()
            driver.text_factory = before


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
