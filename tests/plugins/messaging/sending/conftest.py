"""A customer base with messaging enabled, a carrier, and a clock that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from crmkit.settings import Settings
from tests.conftest import ENGINES, Templates
from tests.plugins.messaging.sending.carrier import Carrier, install

SYSTEM = Actor.system("a test")
NOON = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)
"""Noon of a Wednesday in Shanghai."""
OPTIONS = {"messaging": {"message_domain": "example.org", "sending_lease": 60}}


@define
class Time:
    """A clock that stands until it is moved."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        """Return the present."""
        return self.now

    def pass_(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@define(eq=False)
class Base:
    """A customer base, its clock and its carrier."""

    crm: CRM
    time: Time
    carrier: Carrier

    def customer(self, name: str = "Li Na", phone: str | None = "+8613800138000", **values: Any) -> UUID:
        """Add a customer in Shanghai and return the id."""
        points = [{"kind": "phone", "value": phone}] if phone else []
        given = {"name": name, "time_zone": "Asia/Shanghai", "contact_points": points, **values}
        found: UUID = self.crm.run(SYSTEM, "customer.create", given).id
        return found

    def agree(self, customer: UUID, purpose: str = "marketing", *, granted: bool = True, **values: Any) -> None:
        """Record a consent, or that it is withdrawn, now."""
        given = {"purpose": purpose, "channel": "*", "granted": granted, "occurred_at": self.time.now, **values}
        self.crm.run(SYSTEM, "consent.record", given, target=customer)

    def send(self, customer: UUID, purpose: str = "service", **values: Any) -> Any:
        """Accept a text message."""
        given = {"customer_id": customer, "purpose": purpose, "channel": "sms", "body": "Hello", **values}
        return self.crm.run(SYSTEM, "messaging.send", given)

    def work(self) -> None:
        """Carry out what is due, with the look of the minute at what waits."""
        self.crm.run(SYSTEM, "messaging.message.tidy")
        self.crm.worker().run_until_idle()

    def message(self, identity: UUID) -> Any:
        """Return a message as it stands."""
        from crmkit_messaging.sending.models import OutgoingMessage

        with self.crm.session(SYSTEM) as session:
            found = session.get_one(OutgoingMessage, identity)
            assert (found.subject, found.body) is not None
            return found

    def states(self) -> list[str]:
        """Return the states of all messages in the order in which they were accepted."""
        from crmkit_messaging.sending.models import OutgoingMessage
        from sqlalchemy import select

        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(OutgoingMessage.state).order_by(OutgoingMessage.id)))


def fill(crm: CRM) -> None:
    """Enable messaging in a business of Shanghai."""
    crm.run(
        SYSTEM, "business.configure", {"name": "Acme", "zone": "Asia/Shanghai", "country": "CN", "base_currency": "CNY"}
    )
    crm.enable("messaging")


def opened(url: str) -> Iterator[Base]:
    """Open a base that was filled."""
    time = Time()
    with CRM.open(Settings(database=url, options=OPTIONS), clock=Clock(system=time)) as crm:
        yield Base(crm=crm, time=time, carrier=install(crm))


@pytest.fixture(params=ENGINES)
def base(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A base with messaging, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, fill)
    yield from opened(url)


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """The same on SQLite alone: for what does not depend on the database."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, fill)
    yield from opened(url)
