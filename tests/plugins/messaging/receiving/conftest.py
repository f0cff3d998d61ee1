"""A customer base with messaging enabled, a mailbox, and a place for files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define
from crmkit_messaging.receiving.fetching import receive_mail
from crmkit_messaging.receiving.models import Bounce, ReceivedMail
from crmkit_messaging.sending.models import OutgoingMessage, QuietHours
from sqlalchemy import func, select

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Attachment, Interaction
from crmkit.core.store.actor import Actor
from crmkit.settings import Settings
from tests.conftest import ENGINES, Templates

SYSTEM = Actor.system("a test")
OPTIONS = {"messaging": {"message_domain": "shop.example"}}


@define(eq=False)
class Office:
    """A customer base into which mail comes."""

    crm: CRM

    def customer(self, name: str = "Ada", email: str | None = "ada@customer.example", **values: Any) -> UUID:
        """Add a customer and return the id."""
        found: UUID = self.crm.run(SYSTEM, "customer.create", {"name": name, "email": email, **values}).id
        return found

    def mailbox(self, name: str = "sales", **values: Any) -> UUID:
        """Set up a mailbox and return its id."""
        given = {"name": name, "address": f"{name}@shop.example", "private": True, **values}
        found: UUID = self.crm.run(SYSTEM, "messaging.mailbox.create", given).id
        return found

    def receive(self, raw: bytes, mailbox: str = "sales") -> Any:
        """Take a mail in."""
        return receive_mail(self.crm, raw, mailbox)

    def work(self) -> None:
        """Carry out what is due."""
        self.crm.worker().run_until_idle()

    def sent(self, customer: UUID, message_id: str = "<original@shop.example>", **values: Any) -> UUID:
        """Add a message that was sent by mail, and return its id."""
        given = {"customer_id": customer, "purpose": "service", "channel": "email", "subject": "Offer", "body": "Hello"}
        made: UUID = self.crm.run(SYSTEM, "messaging.send", {**given, **values}).id
        step = self.crm.run(SYSTEM, "messaging.message.depart", {"channel": "email"})
        assert step.message is not None
        self.crm.run(SYSTEM, "messaging.message.settle", {"token": step.token, "ending": "accepted"}, target=made)
        assert self.message(made).message_id == f"<{made.hex}@shop.example>"
        return made

    def message(self, identity: UUID) -> OutgoingMessage:
        """Return a message as it stands."""
        with self.crm.session(SYSTEM) as session:
            return session.get_one(OutgoingMessage, identity)

    def interaction(self, identity: UUID) -> Interaction:
        """Return an interaction with its participants."""
        with self.crm.session(SYSTEM) as session:
            found = session.get_one(Interaction, identity)
            session.refresh(found, ["participants"])
            return found

    def mail(self, identity: UUID) -> ReceivedMail:
        """Return what is kept of a mail beside its interaction."""
        with self.crm.session(SYSTEM) as session:
            found = session.scalars(select(ReceivedMail).where(ReceivedMail.interaction_id == identity)).one()
            return found

    def count(self, model: type[Any], *conditions: Any) -> int:
        """Return how many records there are."""
        with self.crm.session(SYSTEM) as session:
            return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

    def bounces(self) -> list[tuple[str, str, bool]]:
        """Return severity, status and whether the address was suppressed of each bounce, in their order."""
        with self.crm.session(SYSTEM) as session:
            return [
                (each.severity, each.status, each.suppressed)
                for each in session.scalars(select(Bounce).order_by(Bounce.id))
            ]

    def files(self, identity: UUID) -> list[str]:
        """Return the names of the files of an interaction."""
        with self.crm.session(SYSTEM) as session:
            query = select(Attachment).where(Attachment.interaction_id == identity).order_by(Attachment.id)
            return [each.filename for each in session.scalars(query)]

    def customers(self) -> list[str]:
        """Return the names of all customers in the order in which they came."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(Customer.name).order_by(Customer.id)))


def fill(crm: CRM) -> None:
    """Enable messaging without quiet hours: what is tried here leaves at any hour of the day."""
    crm.enable("messaging")
    with crm.session(SYSTEM) as session:
        nights = session.scalars(select(QuietHours.id)).all()
    for night in nights:
        crm.run(SYSTEM, "messaging.quiet_hours.delete", target=night)


def opened(url: str, folder: Path) -> Iterator[Office]:
    """Open a base that was filled."""
    with CRM.open(Settings(database=url, options=OPTIONS, files=folder / "files")) as crm:
        office = Office(crm=crm)
        office.mailbox()
        yield office


@pytest.fixture(params=ENGINES)
def office(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """A base with messaging and the mailbox sales@shop.example, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, fill)
    yield from opened(url, tmp_path)


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """The same on SQLite alone: for what does not depend on the database."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, fill)
    yield from opened(url, tmp_path)
