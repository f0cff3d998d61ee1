"""What tests of classification share: a business whose clock stands still, customers, purchases, short ways to ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from crmkit import CRM, Actor
from crmkit.core.store.clock import Clock
from crmkit.engines.classification.reading import labels_of
from crmkit.engines.classification.running import Run
from crmkit.engines.definitions.documents import to_document
from crmkit.hooks.classification import Dimension, DimensionLabel

SYSTEM = Actor.system("tests of classification")
NOW = datetime(2026, 3, 31, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""


def open_shop(url: str, now: datetime = NOW) -> CRM:
    """Open a database with the business's clock standing still."""
    return CRM.open(url, clock=Clock(now))


def configure(crm: CRM) -> None:
    """Set the business up, in Shanghai."""
    values = {"name": "Tea", "base_currency": "CNY", "zone": "Asia/Shanghai", "country": "CN", "city": "上海"}
    crm.run(SYSTEM, "business.configure", values)


def customer(crm: CRM, name: str = "Li Wei", **values: Any) -> UUID:
    """Add a customer."""
    made: Any = crm.run(SYSTEM, "customer.create", {"name": name, **values})
    return UUID(str(made.id))


def happen(crm: CRM, who: UUID, kind: str, days_ago: float, **values: Any) -> None:
    """Record an interaction so many days ago."""
    when = NOW - timedelta(days=days_ago)
    crm.run(SYSTEM, "interaction.record", {"kind": kind, "customer_id": who, "occurred_at": when, **values})


def buy(crm: CRM, who: UUID, days_ago: float, amount: str = "100", **values: Any) -> None:
    """Record a purchase so many days ago."""
    happen(crm, who, "purchase", days_ago, amount=amount, **values)


def save(crm: CRM, name: str, *labels: tuple[str, str | None], **values: Any) -> None:
    """Save a dimension; labels are pairs of name and condition."""
    made = [DimensionLabel(name=label, title=label.title(), when=when) for label, when in labels]
    dimension = Dimension(name=name, title=name.title(), labels=made, **values)
    crm.run(SYSTEM, "dimension.save", {"definition": to_document(dimension)})


def classify(crm: CRM, *dimensions: str, **values: Any) -> Run:
    """Run the classification."""
    found: Run = crm.run(SYSTEM, "classification.run", {"dimensions": dimensions or None, **values})
    return found


def labels(crm: CRM, who: UUID, actor: Actor = SYSTEM) -> dict[str, str]:
    """Return the present labels of a customer by dimension."""
    with crm.session(actor) as session:
        return {line.dimension: line.label for line in labels_of(session, [who]).get(who, [])}


def label(crm: CRM, who: UUID, dimension: str) -> str | None:
    """Return the present label of a customer in a dimension."""
    return labels(crm, who).get(dimension)
