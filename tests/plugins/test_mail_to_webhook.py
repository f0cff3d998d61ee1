"""The whole way: a mail comes in and becomes a task that somebody gets for a reason, is handed over and answered from
the customer's page, and another system is told of all of it by web-hooks that it verifies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from crmkit_integration.webhooks.running import Run
from crmkit_messaging.receiving.models import ReceivedMail
from crmkit_work.handoffs.models import Handoff
from crmkit_work.tasks.models import Task
from sqlalchemy import select

from crmkit import Actor, Interaction
from crmkit.app import CRM
from tests.plugins.integration.webhooks.receiver import Receiver
from tests.plugins.messaging.mail.servers import MailServer, mail_server
from tests.plugins.messaging.receiving.servers import PASSWORD, USER, ImapServer, imap_server
from tests.web.conftest import Web, sqlite_web

__all__ = ["sqlite_web"]

SYSTEM = Actor.system("a test")


@pytest.fixture
def incoming() -> Iterator[ImapServer]:
    """The server where mail comes in."""
    with imap_server() as found:
        yield found


@pytest.fixture
def outgoing() -> Iterator[MailServer]:
    """The server by which mail leaves."""
    with mail_server() as found:
        yield found


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Receiver]:
    """Another system, in a process of its own, which verifies what it is told."""
    receiver = Receiver(tmp_path / "erp")
    yield receiver
    receiver.end()


def test_a_mail_is_answered_and_everybody_knows(
    sqlite_web: Web, incoming: ImapServer, outgoing: MailServer, listening: Receiver
) -> None:
    """From the mail server through the staff to the mail server, and to the other system."""
    crm = sqlite_web.crm
    crm.enable("messaging")
    crm.enable("integration")
    set_up(sqlite_web, incoming, outgoing)
    told = crm.run(
        SYSTEM,
        "integration.endpoint.create",
        {
            "name": "erp",
            "url": listening.url,
            "events": ["work.*", "messaging.*", "interaction.*"],
            "private": True,
            "owner": "ada",
        },
    )
    listening.wants(secret=told.secret)

    # A customer of ours writes.
    incoming.put("INBOX", mail("0@example.com", "Where is my order?", "It has been a week."))
    crm.run(SYSTEM, "messaging.mailbox.fetch")
    crm.worker().run_until_idle()
    with crm.session(SYSTEM) as session:
        received = session.scalars(select(ReceivedMail)).one()
        task = session.scalars(select(Task)).one()
        first, interaction_id, task_id = task.owner_id, received.interaction_id, task.id
        assert session.get_one(Interaction, interaction_id).customer_id == sqlite_web.customers["Wang Lin"]
        assert task.ref == f"interaction:{interaction_id}"
    assert first == sqlite_web.users["sue"]

    # Whoever got it sees why, and that nobody else could.
    sue = sqlite_web.client("sue")
    why = sue.get(f"/modules/work/assignments?ref=work.task:{task_id}").text
    assert "Sue Support" in why
    assert "Mia Manager" in why

    # Sue hands it over to Sam, who takes it.
    given = {"title": "Please answer", "ref": f"work.task:{task_id}", "to_user_id": str(sqlite_web.users["sam"])}
    given |= {"accept_minutes": "60", "handed": "nothing"}
    response = sue.post("/operations/work.handoff.offer", given)
    assert response.status_code == 303, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))[:3000]
    with crm.session(SYSTEM) as session:
        handoff_id = session.scalars(select(Handoff.id)).one()
    sam = sqlite_web.client("sam")
    assert "Please answer" in sam.get("/modules/work/notices").text
    assert sam.post(f"/operations/work.handoff.accept?target={handoff_id}").status_code == 303
    crm.worker().run_until_idle()
    with crm.session(SYSTEM) as session:
        assert session.get_one(Task, task_id).owner_id == sqlite_web.users["sam"]

    # Sam answers from the customer's page.
    page = sam.get(f"/customers/{sqlite_web.customers['Wang Lin']}").text
    assert "/modules/messaging/write?" in page
    form = sam.get(f"/modules/messaging/write?customer={sqlite_web.customers['Wang Lin']}&reply_to={interaction_id}")
    values = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.text))
    values |= {"purpose": "service", "subject": "Re: Where is my order?", "body": "It arrives tomorrow."}
    assert sam.post("/operations/messaging.send", values).status_code == 303
    crm.worker().run_until_idle()
    answer = outgoing.read()
    assert (answer["To"], answer["In-Reply-To"]) == ("0@example.com", "<question@example.com>")
    assert "It arrives tomorrow." in answer.get_content()
    with crm.session(SYSTEM) as session:
        thread = session.get_one(Interaction, interaction_id).thread
        query = select(Interaction.direction).where(Interaction.thread == thread).order_by(Interaction.occurred_at)
        assert list(session.scalars(query)) == ["in", "out"]

    # The other system was told, in order, and believes it.
    Run(crm=crm, system=crm.system("a test"), idle=0.1).go()
    got = [json.loads(line) for line in (listening.folder / "got.jsonl").read_text().splitlines()]
    assert all(each["verified"] for each in got)
    types = [each["message"]["type"] for each in got]
    wanted = [
        "interaction.recorded",
        "messaging.mail.received",
        "work.task.created",
        "work.assignment.made",
        "work.handoff.offered",
        "work.handoff.accepted",
        "messaging.message.sent",
    ]
    assert {each: each in types for each in wanted} == dict.fromkeys(wanted, True)
    assert types.index("messaging.mail.received") < types.index("work.handoff.offered")
    assert types.index("work.handoff.offered") < types.index("messaging.message.sent")


def set_up(web: Web, incoming: ImapServer, outgoing: MailServer) -> None:
    """A queue of two, of whom one is away, and a mailbox whose mail goes there."""
    crm: CRM = web.crm
    queue = crm.run(SYSTEM, "work.queue.create", {"name": "support", "strategy": "round_robin", "in_hours": False}).id
    for login, presence in (("mia", "away"), ("sue", "available")):
        user_id = str(web.users[login])
        crm.run(SYSTEM, "work.queue.add_member", {"user_id": user_id}, target=queue)
        crm.run(SYSTEM, "work.person.set_presence", {"user_id": user_id, "presence": presence})
    crm.run(
        SYSTEM,
        "messaging.mailbox.create",
        {
            "name": "hello",
            "address": "hello@shop.example",
            "private": True,
            "smtp_host": "127.0.0.1",
            "smtp_port": outgoing.port,
            "smtp_security": "none",
            "imap_host": "127.0.0.1",
            "imap_port": incoming.port,
            "imap_security": "none",
            "imap_user": USER,
            "imap_password": PASSWORD,
            "makes_tasks": True,
            "task_queue_id": str(queue),
        },
    )


def mail(sender: str, subject: str, text: str) -> bytes:
    """Return a mail to the shop."""
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = sender, "hello@shop.example", subject
    found["Message-ID"], found["Date"] = "<question@example.com>", "Sun, 22 Nov 2026 09:00:00 +0000"
    found.set_content(text)
    return found.as_bytes()
