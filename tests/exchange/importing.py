"""What the tests of importing have in common."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from crmkit.app import CRM
from crmkit.core.customers.models import ContactPoint, Customer, CustomerIdentifier
from crmkit.core.store.actor import Actor
from crmkit.exchange.api import ImportOptions, ImportReport, plan_import, run_import

ACTOR = Actor.system("testing imports")


def load(crm: CRM, path: Path, **options: Any) -> ImportReport:
    """Import a file."""
    return run_import(crm, ACTOR, plan_import(crm, path, ImportOptions(**options)))


def figures(report: ImportReport) -> tuple[int, int, int, int, int]:
    """Return read, created, updated, duplicates, rejected."""
    return report.read, report.created, report.updated, report.duplicates, report.rejected


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file in UTF-8."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)
    return path


def count(crm: CRM, model: Any = Customer, *conditions: Any) -> int:
    """Return how many records there are."""
    with crm.session(ACTOR) as session:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def customers(crm: CRM) -> dict[str, Customer]:
    """Return all customers by name."""
    with crm.session(ACTOR) as session:
        return {one.name: one for one in session.scalars(select(Customer))}


def contacts(crm: CRM, name: str) -> list[tuple[str, str, str | None]]:
    """Return kind, value and label of the contact points of the customer with a name."""
    with crm.session(ACTOR) as session:
        query = select(ContactPoint).join(Customer).where(Customer.name == name).order_by(ContactPoint.position)
        return [(point.kind, point.value, point.label) for point in session.scalars(query)]


def by_external_id(crm: CRM) -> Mapping[str, Customer]:
    """Return all customers by what the file's system calls them."""
    with crm.session(ACTOR) as session:
        query = select(CustomerIdentifier.external_id, Customer).join(
            Customer, Customer.id == CustomerIdentifier.customer_id
        )
        return dict(session.execute(query).all())
