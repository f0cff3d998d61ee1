"""What tests of rules share: saving one, making things happen, carrying out what is due, and reading the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.customers.models import Customer, CustomerTag
from crmkit.core.interactions.models import Interaction
from crmkit.core.operations.worker import Worker
from crmkit.engines.rules.tables import RuleLog

SYSTEM = Actor.system("tests of rules")
NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


def configure(crm: CRM) -> None:
    """Set the business up."""
    crm.run(SYSTEM, "business.configure", {"name": "Tea House", "base_currency": "CNY", "zone": "Asia/Shanghai"})


def do(operation: str, target: str = "", **arguments: Any) -> dict[str, Any]:
    """Return an action in its plain form; arguments are expressions."""
    return {"operation": operation, "arguments": arguments, "target": target}


def tag(name: str) -> dict[str, Any]:
    """Return the action that puts a tag on the customer."""
    return do("customer.tag", names=[f'"{name}"'])


def save(crm: CRM, name: str, *then: Mapping[str, Any], actor: Actor = SYSTEM, **values: Any) -> Any:
    """Save a rule."""
    given = {"name": name, "title": name, "then": list(then), **values}
    return crm.run(actor, "rule.save", given)


def customer(crm: CRM, name: str = "Li Wei", **values: Any) -> UUID:
    """Add a customer."""
    made: Customer = crm.run(SYSTEM, "customer.create", {"name": name, **values})
    return made.id


def buy(crm: CRM, who: UUID, amount: str = "10", actor: Actor = SYSTEM, **values: Any) -> UUID:
    """Record a purchase."""
    given = {"kind": "purchase", "customer_id": who, "amount": Decimal(amount), "currency": "CNY", **values}
    made: Interaction = crm.run(actor, "interaction.record", given)
    return made.id


def work(crm: CRM) -> int:
    """Carry out all jobs that are due; return how many these were."""
    return Worker(crm).run_until_idle()


def log(crm: CRM, rule: str | None = None, *columns: str, actor: Actor = SYSTEM) -> list[Any]:
    """Return the log of a rule, oldest first: of each entry its outcome, or some columns."""
    with crm.session(actor) as session:
        query = select(RuleLog).order_by(RuleLog.recorded_at, RuleLog.id)
        entries = session.scalars(query if rule is None else query.where(RuleLog.rule == rule)).all()
        names: Sequence[str] = columns or ("outcome",)
        found = [tuple(getattr(entry, name) for name in names) for entry in entries]
    return [row[0] for row in found] if len(names) == 1 else found


def tags(crm: CRM, who: UUID) -> list[str]:
    """Return the tags of a customer."""
    with crm.session(SYSTEM) as session:
        return sorted(session.scalars(select(CustomerTag.name).where(CustomerTag.customer_id == who)))


def interactions(crm: CRM, who: UUID, kind: str) -> int:
    """Return how many interactions of a kind a customer has."""
    with crm.session(SYSTEM) as session:
        query = select(Interaction.id).where(Interaction.customer_id == who, Interaction.kind == kind)
        return len(session.scalars(query).all())
