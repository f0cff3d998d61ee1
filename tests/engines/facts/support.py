"""What tests of facts share: a business, customers, what happened with them, and short ways to ask for facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from crmkit import CRM, Actor
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import joined, values_of
from crmkit.engines.facts.vocabulary import catalogue_of

SYSTEM = Actor.system("tests of facts")
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def day(days: float) -> datetime:
    """Return an instant some days after the start."""
    return START + timedelta(days=days)


def configure(crm: CRM, currency: str = "CNY", zone: str = "Asia/Shanghai") -> None:
    """Set the business up."""
    crm.run(SYSTEM, "business.configure", {"name": "Tea House", "base_currency": currency, "zone": zone})


def customer(crm: CRM, name: str = "Li Wei", **values: Any) -> UUID:
    """Add a customer."""
    made: Customer = crm.run(SYSTEM, "customer.create", {"name": name, **values})
    return made.id


def record(crm: CRM, who: UUID, kind: str, when: datetime, **values: Any) -> UUID:
    """Record an interaction."""
    given = {"kind": kind, "customer_id": who, "occurred_at": when, **values}
    made: Interaction = crm.run(SYSTEM, "interaction.record", given)
    return made.id


def buy(crm: CRM, who: UUID, when: datetime, amount: str, currency: str = "CNY", **values: Any) -> UUID:
    """Record a purchase."""
    return record(crm, who, "purchase", when, amount=amount, currency=currency, **values)


def reverse(crm: CRM, interaction: UUID, **values: Any) -> None:
    """Reverse an interaction."""
    crm.run(SYSTEM, "interaction.reverse", {"reason": "entered twice", **values}, target=interaction)


def facts(
    crm: CRM,
    who: UUID,
    *names: str,
    as_of: date | datetime | None = None,
    known_at: datetime | None = None,
    actor: Actor = SYSTEM,
) -> list[Any]:
    """Return facts of one customer, read both ways, which have to agree."""
    with crm.session(actor) as session:
        catalogue = catalogue_of(session)
        refs = [catalogue.ref(name) for name in names]
        moment = moment_of(session, as_of, known_at)
        few = values_of(session, refs, [who], moment)[who]
        every = joined(session, refs, moment)
        row = session.execute(every.select(*(every.columns[ref] for ref in refs)).where(Customer.id == who)).one()
        assert list(row) == [few[ref] for ref in refs]
        return [few[ref] for ref in refs]
