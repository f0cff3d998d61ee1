"""A company with a support mailbox and a form, agents, and customers who write."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field
from crmkit_messaging.receiving.fetching import receive_mail
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_service.cases.models import Case, CaseEvent, CaseMessage
from crmkit_service.cases.talking import thread_of
from crmkit_service.channels.models import Intake
from sqlalchemy import select

from crmkit import Actor, Interaction
from crmkit.app import CRM
from crmkit.settings import Settings
from tests.conftest import ENGINES, Templates

SYSTEM = Actor.system("a test")
OPTIONS = {"messaging": {"message_domain": "shop.example"}}
PUBLIC = "https://help.shop.example"


@define
class Desk:
    """A company that takes mails in as cases."""

    crm: CRM
    agent_id: UUID
    customer_id: UUID
    serial: int = 0
    sent: list[str] = field(factory=list[str])

    @property
    def agent(self) -> Actor:
        """Return somebody who answers."""
        return Actor.user(self.agent_id)

    def run(self, operation: str, values: Any = None, **options: Any) -> Any:
        """Run an operation as the agent."""
        return self.crm.run(options.pop("by", self.agent), operation, values or {}, **options)

    def mail(
        self,
        text: str = "The kettle leaks.",
        *,
        subject: str = "Kettle",
        sender: str = "Ada <ada@customer.example>",
        box: str = "support",
        **headers: str,
    ) -> Any:
        """Let a mail come in, and carry out what follows; return what messaging says of it."""
        self.serial += 1
        message = EmailMessage()
        message["From"], message["To"] = sender, "support@shop.example"
        message["Subject"], message["Message-ID"] = subject, f"<{self.serial}@customer.example>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        found = receive_mail(self.crm, message.as_bytes(), box)
        self.work()
        return found

    def work(self) -> None:
        """Carry out what is due."""
        self.crm.worker().run_until_idle()

    def cases(self) -> list[Case]:
        """Return the cases in the order of their numbers."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(Case).order_by(Case.number)))

    def said(self, case: Case) -> list[tuple[str, str, bool]]:
        """Return direction, text and whether a machine wrote it, of what was said in a case."""
        with self.crm.session(SYSTEM) as session:
            return [
                (each.message.direction, str(each.body or "").strip(), each.message.automatic)
                for each in thread_of(session, session.get_one(Case, case.id))
            ]

    def happened(self, case: Case) -> list[str]:
        """Return the kinds of what happened to a case."""
        with self.crm.session(SYSTEM) as session:
            query = select(CaseEvent.kind).where(CaseEvent.case_id == case.id, CaseEvent.kind != "policy")
            query = query.order_by(CaseEvent.at, CaseEvent.id)
            return list(session.scalars(query))

    def intakes(self) -> list[tuple[str, str | None]]:
        """Return state and reason of what came in."""
        with self.crm.session(SYSTEM) as session:
            return [(each.state, each.reason) for each in session.scalars(select(Intake).order_by(Intake.id))]

    def outgoing(self) -> list[OutgoingMessage]:
        """Return the messages that messaging has."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)))

    def leave(self) -> list[OutgoingMessage]:
        """Let every message that waits leave, as if a server had taken it; return those that left."""
        left: list[OutgoingMessage] = []
        while (step := self.crm.run(SYSTEM, "messaging.message.depart", {"channel": "email"})).message is not None:
            given = {"token": step.token, "ending": "accepted"}
            left.append(self.crm.run(SYSTEM, "messaging.message.settle", given, target=step.message.id))
        self.work()
        return left

    def message(self, identity: UUID) -> CaseMessage:
        """Return a message of a case."""
        with self.crm.session(SYSTEM) as session:
            return session.get_one(CaseMessage, identity)

    def interaction(self, identity: UUID) -> Interaction:
        """Return an interaction."""
        with self.crm.session(SYSTEM) as session:
            return session.get_one(Interaction, identity)


def fill(crm: CRM) -> dict[str, UUID]:
    """Enable messaging and service, and add people."""
    crm.enable("messaging")
    crm.enable("service")
    crm.run(SYSTEM, "business.configure", {"name": "Tea House", "base_currency": "EUR", "zone": "Europe/Berlin"})
    agent = crm.run(SYSTEM, "user.create", {"login": "sue", "name": "Sue Support"}).id
    crm.run(SYSTEM, "user.assign_role", {"role": "service_agent"}, target=agent)
    team = crm.run(SYSTEM, "team.create", {"name": "Support"}).id
    crm.run(SYSTEM, "team.add_member", {"user_id": str(agent)}, target=team)
    given = {"name": "Ada", "email": "ada@customer.example", "team_id": str(team), "owner_id": str(agent)}
    customer = crm.run(SYSTEM, "customer.create", given).id
    crm.run(
        SYSTEM,
        "messaging.mailbox.create",
        {"name": "support", "address": "support@shop.example", "private": True},
    )
    crm.run(
        SYSTEM,
        "service.channel.create",
        {"name": "support", "title": "Support", "kind": "mail", "mailbox": "support", "team_id": str(team)},
    )
    return {"agent": agent, "customer": customer, "team": team}


def opened(url: str, ids: dict[str, UUID], folder: Path) -> Iterator[Desk]:
    """Open a base that was filled."""
    settings = Settings(database=url, options=OPTIONS, files=folder / "files", public_url=PUBLIC)
    with CRM.open(settings) as crm:
        yield Desk(crm=crm, agent_id=ids["agent"], customer_id=ids["customer"])


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """A company with a support mailbox, once for each engine."""
    url, ids = templates.copy_filled(request.param, tmp_path, fill)
    yield from opened(url, ids, tmp_path)


@pytest.fixture
def small(templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """The same on SQLite alone: for what does not depend on the database."""
    url, ids = templates.copy_filled("sqlite", tmp_path, fill)
    yield from opened(url, ids, tmp_path)
