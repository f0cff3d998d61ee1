"""A customer base with integration enabled, people in it, and a receiver in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crmkit_integration.webhooks.models import Attempt, Delivery, Endpoint
from crmkit_integration.webhooks.running import Run
from crmkit_integration.webhooks.sending import Outgoing, Result
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.access.models import Role
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from tests.cli.conftest import crmkit, pristine
from tests.conftest import ENGINES, Templates
from tests.plugins.integration.webhooks.receiver import Receiver

__all__ = ["crmkit", "pristine"]

SYSTEM = Actor.system("a test")


def add(crm: CRM, name: str, actor: Actor = SYSTEM, **values: Any) -> UUID:
    """Add a customer and return the id."""
    found: UUID = crm.run(actor, "customer.create", {"name": name, **values}).id
    return found


def rename(crm: CRM, customer: UUID, *names: str) -> None:
    """Give a customer other cities, one after the other: an event each."""
    for name in names:
        crm.run(SYSTEM, "customer.update", {"city": name}, target=customer)


def person(crm: CRM, login: str, role: str) -> Actor:
    """Add a user with a role and return the actor."""
    user = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()})
    crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
    return Actor.user(user.id)


def grant(crm: CRM, role: str, resource: str, *actions: str) -> None:
    """Let a role do something everywhere."""
    with crm.session(SYSTEM) as session:
        identity = session.scalars(select(Role.id).where(Role.name == role)).one()
    for action in actions:
        crm.run(SYSTEM, "role.grant", {"resource": resource, "action": action, "scope": "all"}, target=identity)


def set_up(crm: CRM, actor: Actor, url: str, *events: str, **values: Any) -> Any:
    """Set an endpoint up and return what is handed over."""
    given = {"name": "erp", "url": url, "events": events or ("customer.*",), "private": True, **values}
    return crm.run(actor, "integration.endpoint.create", given)


def deliver(crm: CRM, **options: Any) -> int:
    """Deliver what is due, and return how many attempts were made."""
    return Run(crm=crm, system=crm.system("a test"), **{"idle": 0.1, "answer": 5.0, **options}).go()


def deliveries(crm: CRM, actor: Actor = SYSTEM) -> list[Delivery]:
    """Return the messages in their order."""
    with crm.session(actor) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.seq)))


def attempts(crm: CRM) -> list[Attempt]:
    """Return the attempts, the oldest first."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(Attempt).order_by(Attempt.began_at, Attempt.id)))


def endpoint(crm: CRM) -> Endpoint:
    """Return the endpoint."""
    with crm.session(SYSTEM) as session:
        return session.scalars(select(Endpoint)).one()


@pytest.fixture(params=ENGINES)
def integration(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A customer base with the plugin enabled, once for each engine."""
    with templates.opened(request.param, tmp_path, "integration") as crm:
        yield crm


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """The same on SQLite alone: for what does not depend on the database."""
    with templates.opened("sqlite", tmp_path, "integration") as crm:
        yield crm


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """A receiver on this machine."""
    found = Receiver(tmp_path / "receiver")
    yield found
    found.end()


class Hands:
    """A clock whose hands can be moved."""

    def __init__(self, crm: CRM) -> None:
        self.ahead = timedelta(0)
        object.__setattr__(crm, "clock", Clock(system=self.now))
        crm.gate.clock = Clock(system=self.now)

    def now(self) -> datetime:
        """Return the time that the hands show."""
        return datetime.now(UTC) + self.ahead

    def forward(self, **span: float) -> None:
        """Move the hands."""
        self.ahead += timedelta(**span)


class Answers:
    """Answers attempts without any network: by a status for all, or by the customer that a message is about."""

    def __init__(self, status: int | None = 204, wait: timedelta | None = None) -> None:
        self.status = status
        self.wait = wait
        self.by_customer: dict[str, int] = {}
        self.asked: list[dict[str, Any]] = []

    def __call__(self, message: Outgoing, now: Any, *, seconds: float) -> Result:
        """Answer one attempt."""
        sent = json.loads(message.body)
        about = [str(each) for each in (sent["data"].get("customer_ids") or [sent["data"].get("customer_id")])]
        status = next((self.by_customer[each] for each in about if each in self.by_customer), self.status)
        self.asked.append({"id": message.message_id, "about": about, "status": status, **sent})
        outcome = "network" if status is None else "delivered" if 200 <= status < 300 else "status"
        return Result(delivery_id=message.delivery_id, began_at=now(), outcome=outcome, status=status, wait=self.wait)
