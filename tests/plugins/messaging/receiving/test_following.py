"""What follows from a mail: a task that is given to somebody with a reason, and an automatic answer, once and never to
a machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define
from crmkit_messaging.receiving.models import AutomaticAnswer, Bounce
from crmkit_messaging.receiving.parsing import parse_mail
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_work.tasks.models import Task
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.settings import Settings
from tests.conftest import Templates
from tests.plugins.messaging.composing.bases import add
from tests.plugins.messaging.mail.servers import MailServer, mail_server
from tests.plugins.messaging.receiving.conftest import OPTIONS, SYSTEM, Office, fill
from tests.plugins.messaging.receiving.samples import bounce, mail

REPLY = "- {kind: text, text: Thank you. We answer tomorrow.}"


def tasks(office: Office) -> list[Task]:
    """Return the tasks that there are."""
    with office.crm.session(SYSTEM) as session:
        found = list(session.scalars(select(Task).order_by(Task.id)))
        return found


def test_a_mail_becomes_a_task_that_is_assigned(office: Office) -> None:
    """In the queue of its mailbox, about the mail, once for a conversation while it is open; the title says nothing of
    what was written."""
    user = office.crm.run(SYSTEM, "user.create", {"login": "sue", "name": "Sue"}).id
    office.crm.run(SYSTEM, "user.assign_role", {"role": "service_agent"}, target=user)
    queue = office.crm.run(SYSTEM, "work.queue.create", {"name": "post", "title": "Post"}).id
    office.crm.run(SYSTEM, "work.queue.add_member", {"user_id": user}, target=queue)
    office.mailbox("help", makes_tasks=True, task_queue_id=queue)
    ada = office.customer()
    first = office.receive(mail(), "help")
    office.receive(mail("more", message_id="<2@x>", In_Reply_To="<one@customer.example>"), "help")
    office.receive(mail("news", message_id="<3@x>", List_Id="<news.example>"), "help")
    office.receive(bounce(), "help")
    office.work()
    (task,) = tasks(office)
    assert (task.customer_id, task.ref, task.source) == (ada, f"interaction:{first.interaction_id}", "messaging")
    assert (task.queue_id, task.owner_id, task.assignment_id is not None) == (queue, user, True)
    assert (task.title, task.description) == ("Answer a mail", "A question")


def test_a_mailbox_that_makes_no_tasks_makes_none(lite: Office) -> None:
    """That is so unless it is said."""
    lite.receive(mail())
    lite.work()
    assert tasks(lite) == []


# --- automatic answers ------------------------------------------------------------------------------------------------


def answering(office: Office, name: str = "help", **values: Any) -> None:
    """Set up a mailbox that answers automatically."""
    add(office.crm, f"reply/{name}", REPLY, purpose="service", subject="We have your mail")
    office.mailbox(name, auto_reply_template=f"reply/{name}", **values)


def outgoing(office: Office) -> list[OutgoingMessage]:
    """Return the messages that were accepted."""
    with office.crm.session(SYSTEM) as session:
        found = list(session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)))
        return found


def to_help(body: str = "Hello", number: int = 1, **headers: str) -> bytes:
    """Return a mail to the mailbox that answers."""
    return mail(body, to="help@shop.example", message_id=f"<{number}@customer.example>", **headers)


def test_a_mail_is_answered_once(office: Office) -> None:
    """To the address that wrote, marked as automatic, and the next one only when some days are over."""
    answering(office)
    ada = office.customer()
    first = office.receive(to_help(), "help")
    office.receive(to_help("again", 2), "help")
    office.work()
    (message,) = outgoing(office)
    assert (message.customer_id, message.mailbox, message.automatic) == (ada, "help", True)
    assert message.reply_to_id == first.interaction_id
    assert office.mail(first.interaction_id).answered == "answered"
    assert office.count(AutomaticAnswer) == 1


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Auto-Submitted": "auto-generated"}, "automatic"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"List-Id": "<l.example>"}, "bulk"),
        ({"Return-Path": "<>"}, "null_sender"),
        ({"X-Auto-Response-Suppress": "OOF"}, "automatic"),
        ({"From": "no-reply@customer.example"}, "no_reply"),
        ({"From": "help@shop.example"}, "own"),
        ({"From": "sales@shop.example"}, "own"),
        ({"To": "undisclosed@list.example"}, "not_addressed"),
        ({"Date": "Mon, 2 Nov 2020 10:00:00 +0000"}, "old"),
    ],
)
def test_machines_get_no_answer(lite: Office, headers: dict[str, str], expected: str) -> None:
    """By the rules of RFC 3834."""
    answering(lite)
    given = {name.replace("-", "_"): value for name, value in headers.items() if name not in ("From", "To")}
    raw = mail(
        "Hello",
        sender=headers.get("From", "ada@customer.example"),
        to=headers.get("To", "help@shop.example"),
        **given,
    )
    found = lite.receive(raw, "help")
    lite.work()
    assert (outgoing(lite), lite.mail(found.interaction_id).answered) == ([], expected)


def test_automatic_replies_bounces_and_receipts_get_no_answer(lite: Office) -> None:
    """Nor is their kind asked twice."""
    answering(lite)
    lite.receive(to_help(Auto_Submitted="auto-replied"), "help")
    lite.receive(bounce(), "help")
    lite.work()
    assert (outgoing(lite), lite.count(Bounce)) == ([], 1)


def test_nobody_is_answered_in_working_hours(lite: Office) -> None:
    """Outside of them, everybody is."""
    always = {"name": "always", "hours": "mon-sun 00:00-24:00", "zone": "UTC"}
    calendar: UUID = lite.crm.run(SYSTEM, "work.calendar.create", always).id
    answering(lite, calendar_id=calendar)
    found = lite.receive(to_help(), "help")
    lite.work()
    assert (outgoing(lite), lite.mail(found.interaction_id).answered) == ([], "open_hours")
    lite.crm.run(SYSTEM, "work.calendar.update", {"hours": "sun 00:00-00:01"}, target=calendar)
    lite.receive(to_help("again", 2), "help")
    lite.work()
    assert len(outgoing(lite)) == 1


def test_who_is_suppressed_gets_no_answer(lite: Office) -> None:
    """The gate holds for machines as for people."""
    answering(lite)
    ada = lite.customer()
    message = lite.sent(ada)
    lite.receive(bounce("ada@customer.example", lite.message(message).message_id or ""))
    lite.work()
    found = lite.receive(to_help(), "help")
    lite.work()
    assert lite.mail(found.interaction_id).answered == "suppressed"


@define
class Business:
    """A business with a mailbox that answers automatically, and the server by which its mail leaves."""

    office: Office
    name: str
    server: MailServer

    def receive(self, raw: bytes) -> list[bytes]:
        """Take a mail in, and return what leaves after it."""
        before = len(self.server.mails)
        self.office.receive(raw, self.name)
        self.office.work()
        return [content for _sender, _recipients, content in self.server.mails[before:]]


@pytest.fixture
def two(templates: Templates, tmp_path: Path) -> Iterator[tuple[Business, Business]]:
    """Two businesses, each with a mailbox that answers automatically."""
    with ExitStack() as stack:
        found: list[Business] = []
        for name in ("one", "two"):
            url, _nothing = templates.copy_filled("sqlite", tmp_path, fill)
            crm = stack.enter_context(CRM.open(Settings(database=url, options=OPTIONS, files=tmp_path / name)))
            server = stack.enter_context(mail_server())
            add(crm, "reply", REPLY, purpose="service", subject="We have your mail")
            Office(crm=crm).mailbox(
                name,
                address=f"{name}@{name}.example",
                auto_reply_template="reply",
                smtp_host="127.0.0.1",
                smtp_port=server.port,
                smtp_security="none",
            )
            found.append(Business(office=Office(crm=crm), name=name, server=server))
        yield found[0], found[1]


def test_two_machines_do_not_answer_each_other(two: tuple[Business, Business]) -> None:
    """A mail that comes to one of them from the other's address is answered; that answer ends it."""
    one, other = two
    waiting = [(one, mail("Hello", sender="two@two.example", to="one@one.example"))]
    exchanged = 0
    while waiting and exchanged < 10:
        business, raw = waiting.pop()
        exchanged += 1
        back = other if business is one else one
        waiting += [(back, each) for each in business.receive(raw)]
    assert exchanged == 2


def test_an_automatic_answer_says_that_it_is_one(two: tuple[Business, Business]) -> None:
    """And whose mail it answers."""
    (raw,) = two[0].receive(mail("Hello", to="one@one.example"))
    sent = message_from_bytes(raw)
    assert sent["Auto-Submitted"] == "auto-replied"
    assert sent["In-Reply-To"] == "<one@customer.example>"
    assert parse_mail(raw).kind == "auto_reply"
