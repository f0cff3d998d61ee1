"""Importing files: crmkit beside a bare loop that reads, validates with the same libraries, looks for the same exact
duplicates and writes the same rows by ``executemany``; and beside Django's ``bulk_create``."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import phonenumbers
from email_validator import validate_email

from benchmarks.measure import Bench, seconds
from benchmarks.sample import write_customers, write_interactions
from crmkit import CRM, Actor
from crmkit.core.store.ids import new_id
from crmkit.exchange.api import plan_import, run_import
from crmkit.exchange.options import ImportOptions

ACTOR = Actor.system("benchmark")
BAR = 6.0
BATCH = 2000


def run(bench: Bench) -> None:
    """Measure both imports on each engine, then the peer."""
    customers, interactions = bench.folder / "customers.csv", bench.folder / "interactions.csv"
    write_customers(customers, bench.rows)
    write_interactions(interactions, bench.rows, bench.rows)
    ours_on_sqlite = 0.0
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url) as crm:
            floor_customers = seconds(lambda crm=crm: _Floor(crm).customers(customers))
            floor_interactions = seconds(lambda crm=crm: _Floor(crm).interactions(interactions))
        with bench.database(engine) as url, CRM.init(url) as crm:
            ours_customers = seconds(lambda crm=crm: _import(crm, customers, "customers"))
            ours_interactions = seconds(lambda crm=crm: _import(crm, interactions, "interactions"))
        name = f"import of {bench.rows:,}"
        bench.note(f"{name} customers", engine, ours_customers, floor_customers, floor_name="bare loop", bar=BAR)
        bench.note(
            f"{name} interactions", engine, ours_interactions, floor_interactions, floor_name="bare loop", bar=BAR
        )
        if engine == "sqlite":
            ours_on_sqlite = ours_customers
    if ours_on_sqlite:
        peer = seconds(lambda: _peer(customers, bench.folder / "peer.db"))
        bench.note(f"import of {bench.rows:,} customers", "sqlite", ours_on_sqlite, peer, floor_name="Django", bar=None)


def _import(crm: CRM, path: Path, resource: Any) -> None:
    options = ImportOptions(resource=resource, source="bench")
    report = run_import(crm, ACTOR, plan_import(crm, path, options))
    assert report.created == report.read, report


def _peer(customers: Path, database: Path) -> None:
    # In a process of its own: Django's settings are global.
    code = (
        "import sys; from pathlib import Path; from benchmarks.django_peer import load; load(*map(Path, sys.argv[1:]))"
    )
    subprocess.run([sys.executable, "-c", code, customers, database], check=True)


class _Floor:
    """The bare loop, on the same tables through the driver itself."""

    def __init__(self, crm: CRM) -> None:
        self.sqlite = crm.engines.dialect == "sqlite"
        self.connection: Any = crm.engines.base.raw_connection()
        self.cursor = self.connection.cursor()

    def customers(self, path: Path) -> None:
        """Load a file of customers."""
        for rows in _batches(path):
            self._begin()
            checked = [(row, _email(row["email"]), _phone(row["phone"])) for row in rows]
            known = self._known(
                "SELECT value_token FROM crm_contact_point WHERE value_token IN",
                [key.encode() for _row, email, phone in checked for key in (email, phone)],
            )
            taken = self._known(
                "SELECT external_id FROM crm_customer_identifier WHERE source = 'bench' AND external_id IN",
                [row["external_id"] for row in rows],
            )
            people: list[tuple[Any, ...]] = []
            points: list[tuple[Any, ...]] = []
            identifiers: list[tuple[Any, ...]] = []
            now = self._instant(datetime.now(UTC))
            for row, email, phone in checked:
                if email.encode() in known or phone.encode() in known or row["external_id"] in taken:
                    continue
                key = self._id()
                name = f"{row['given_name']} {row['family_name']}"
                people.append(
                    (key, 1, now, now, "person", "potential", name, name.casefold(), name.casefold(),
                     row["family_name"], row["given_name"], row["city"], row["country"], row["source"], "{}", "{}")
                )  # fmt: skip
                # In plain: the columns of sealed values and their tokens take the values themselves.
                points.append((self._id(), 1, now, now, key, "email", row["email"].encode(), email.encode(), True, 0))
                points.append((self._id(), 1, now, now, key, "phone", phone.encode(), phone.encode(), True, 1))
                identifiers.append(("bench", row["external_id"], key, now))
            self._write(
                "crm_customer",
                "id, version, created_at, updated_at, kind, standing, name, name_key, sort_name, family_name,"
                " given_name, city, country, source, preferences, custom",
                people,
            )
            self._write(
                "crm_contact_point",
                "id, version, created_at, updated_at, customer_id, kind, value, value_token, preferred, position",
                points,
            )
            self._write("crm_customer_identifier", "source, external_id, customer_id, recorded_at", identifiers)
            self.connection.commit()

    def interactions(self, path: Path) -> None:
        """Load a file of interactions."""
        for rows in _batches(path):
            self._begin()
            customers = self._pairs(
                "SELECT external_id, customer_id FROM crm_customer_identifier"
                " WHERE source = 'bench' AND external_id IN",
                [row["customer"] for row in rows],
            )
            taken = self._known(
                "SELECT external_id FROM crm_interaction_key WHERE source = 'bench' AND external_id IN",
                [row["external_id"] for row in rows],
            )
            entries: list[tuple[Any, ...]] = []
            keys: list[tuple[Any, ...]] = []
            now = self._instant(datetime.now(UTC))
            for row in rows:
                if row["external_id"] in taken:
                    continue
                key, customer = self._id(), customers[row["customer"]]
                at = self._instant(datetime.fromisoformat(row["occurred_at"]).astimezone(UTC))
                entries.append(
                    (key, now, row["kind"], row["kind"], "in", customer, at, "bench", row["subject"], "{}",
                     row["outcome"], "all", "bench", row["external_id"])
                )  # fmt: skip
                keys.append(("bench", row["external_id"], key, customer))
            self._write(
                "crm_interaction",
                "id, recorded_at, kind, channel, direction, customer_id, occurred_at, actor_id, subject, payload,"
                " outcome, visibility, source, external_id",
                entries,
            )
            self._write("crm_interaction_key", "source, external_id, interaction_id, customer_id", keys)
            self.connection.commit()

    def _begin(self) -> None:
        if self.sqlite:
            self.cursor.execute("BEGIN IMMEDIATE")

    def _id(self) -> Any:
        key = new_id()
        return key.bytes if self.sqlite else key

    def _instant(self, instant: datetime) -> Any:
        return instant.replace(tzinfo=None).isoformat(" ", "microseconds") if self.sqlite else instant

    def _select(self, statement: str, values: list[Any]) -> list[Any]:
        marks = ", ".join(["?" if self.sqlite else "%s"] * len(values))
        self.cursor.execute(f"{statement} ({marks})", values)
        found: list[Any] = self.cursor.fetchall()
        return found

    def _known(self, statement: str, values: list[Any]) -> set[Any]:
        return {row[0] for row in self._select(statement, values)}

    def _pairs(self, statement: str, values: list[Any]) -> dict[Any, Any]:
        return {row[0]: row[1] for row in self._select(statement, values)}

    def _write(self, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            marks = ", ".join(["?" if self.sqlite else "%s"] * len(rows[0]))
            self.cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def _batches(path: Path) -> Iterator[list[dict[str, str]]]:
    with path.open(newline="", encoding="utf-8") as file:
        batch: list[dict[str, str]] = []
        for row in csv.DictReader(file):
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _email(text: str) -> str:
    found = validate_email(text, check_deliverability=False)
    return f"{found.local_part.casefold()}@{found.ascii_domain}"


def _phone(text: str) -> str:
    number = phonenumbers.parse(text, None)
    if not phonenumbers.is_valid_number(number):
        raise ValueError(json.dumps(text))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
