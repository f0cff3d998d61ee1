"""What tests of the audit log share: a log to tamper with, and tampering in a transaction that is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from crmkit import CRM, Actor
from crmkit.core.operations.audit_form import PURPOSE
from crmkit.errors import CrmkitError
from crmkit.migrations.triggers import APPEND_ONLY
from crmkit.security.audit.raw import Log
from crmkit.security.audit.verify import audit_verify
from crmkit.security.audit.verifying import Verification, Verifier

ACTOR = Actor.system("tests of the audit log")
TABLES = ("crm_audit", "crm_audit_subject", "crm_audit_payload", "crm_audit_chain")
KEYS = {
    "crm_audit": ("id",),
    "crm_audit_subject": ("audit_id", "customer_id"),
    "crm_audit_payload": ("audit_id",),
    "crm_audit_chain": ("seq",),
}


def fill(crm: CRM, number: int) -> None:
    """Put so many records and some into the log: of customers and teams, done and failed."""
    for place in range(number):
        if place % 3:
            crm.run(ACTOR, "team.create", {"name": f"Team {place}"})
        else:
            crm.run(ACTOR, "customer.create", {"name": f"Ada {place}", "source": "test"})
        if place % 7 == 0:
            with pytest.raises(CrmkitError):
                crm.run(ACTOR, "team.create", {"name": " "})
    crm.run_many(ACTOR, "customer.create", [{"name": f"Mary {place}"} for place in range(5)])
    settle(crm)


def settle(crm: CRM) -> None:
    """Have everything chained that waits for it."""
    if crm.engines.dialect == "postgresql":
        while crm.gate.auditor.seal(wait=True):
            pass


def verified(crm: CRM) -> Verification:
    """Return what verifying the log finds."""
    settle(crm)
    return audit_verify(crm, ACTOR)


@frozen
class Attack:
    """A connection that may do what a database's administrator may, in a transaction that is undone."""

    cursor: Any
    postgresql: bool
    crm: CRM
    checkpoints: dict[int, bytes]

    def run(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement, in which a question mark stands for a value, and return its rows."""
        self.cursor.execute(statement.replace("?", "%s") if self.postgresql else statement, values)
        return list(self.cursor.fetchall()) if self.cursor.description else []

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table, in the order of their keys, with what the driver gives."""
        found = self.run(f"SELECT * FROM {table} ORDER BY {', '.join(KEYS[table])}")
        names = [column[0] for column in self.cursor.description]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in found]

    def change(self, table: str, row: dict[str, Any], column: str, value: Any) -> None:
        """Change one value of a row."""
        mark = "CAST(? AS TEXT)" if isinstance(row[column], str) and isinstance(value, bytes) else "?"
        where = " AND ".join(f"{key} = ?" for key in KEYS[table])
        keys = [row[key] for key in KEYS[table]]
        self.run(f"UPDATE {table} SET {column} = {mark} WHERE {where}", value, *keys)

    def delete(self, table: str, row: dict[str, Any]) -> None:
        """Delete a row."""
        where = " AND ".join(f"{key} = ?" for key in KEYS[table])
        self.run(f"DELETE FROM {table} WHERE {where}", *[row[key] for key in KEYS[table]])

    def insert(self, table: str, row: dict[str, Any]) -> None:
        """Insert a row."""
        marks = ", ".join("?" for _ in row)
        self.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", *row.values())

    def verify(self) -> Verification:
        """Verify the log as it now is, within the transaction."""
        macs = self.crm.vault.codes(PURPOSE).versions
        if self.postgresql:
            with self.cursor.connection.cursor(binary=True) as cursor:
                return Verifier(Log(cursor, True), macs, self.checkpoints, True).run()
        connection = self.cursor.connection
        before, connection.text_factory = connection.text_factory, bytes
        try:
            return Verifier(Log(connection.cursor(), False), macs, self.checkpoints, False).run()
        finally:
            connection.text_factory = before


@contextmanager
def attacking(crm: CRM, checkpoints: dict[int, bytes] | None = None) -> Iterator[Any]:
    """Give something that begins an `Attack` each time it is entered; the triggers are out of the way."""
    postgresql = crm.engines.dialect == "postgresql"
    raw = crm.engines.base.raw_connection()
    try:
        cursor = raw.cursor()
        for each in APPEND_ONLY:
            if each.table.startswith("crm_audit"):
                for name in (each.trigger, f"{each.trigger}_delete", f"{each.trigger}_truncate"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {each.table}" if postgresql else ""))
        if postgresql:
            raw.commit()

        @contextmanager
        def attack() -> Iterator[Attack]:
            if not postgresql:
                cursor.execute("BEGIN")
            try:
                yield Attack(cursor, postgresql, crm, checkpoints or {})
            finally:
                raw.rollback()

        yield attack
    finally:
        raw.close()


def as_id(value: Any) -> UUID:
    """Return an id as the driver gave it."""
    return value if isinstance(value, UUID) else UUID(bytes=bytes(value))


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
