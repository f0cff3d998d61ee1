"""Bounces, complaints and receipts: what they say, and what follows from those that are about a message of ours."""

from __future__ import annotations

from uuid import UUID

import pytest
from crmkit_messaging.receiving.parsing import parse_mail
from crmkit_messaging.receiving.reports import severity_of
from crmkit_messaging.sending.models import Suppression
from crmkit_quality.staleness.models import Verification
from sqlalchemy import select

from crmkit.app import CRM
from tests.plugins.messaging.receiving.conftest import Office
from tests.plugins.messaging.receiving.samples import QMAIL, bounce, complaint, mail, multipart, receipt


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "expected"),
    [
        ("failed", "5.1.1", "", "hard"),
        ("failed", "5.1.10", "", "hard"),
        ("failed", "5.2.1", "mailbox disabled", "hard"),
        ("failed", "5.2.2", "mailbox full", "soft"),
        ("failed", "5.7.1", "blocked by policy", "blocked"),
        ("failed", "5.1.1", "550 5.1.1 message rejected as spam", "blocked"),
        ("failed", "5.7.1", "550 user unknown", "hard"),
        ("failed", "5.0.0", "smtp; 550 No such user here", "hard"),
        ("failed", "5.0.0", "smtp; 550 quota exceeded", "soft"),
        ("failed", "5.0.0", "550 用户不存在", "hard"),
        ("failed", "4.4.7", "", "soft"),
        ("delayed", "4.4.1", "", "delayed"),
        ("delivered", "2.1.5", "", "delivered"),
        ("relayed", "2.0.0", "", "delivered"),
        ("", "", "", "soft"),
    ],
)
def test_how_bad_a_report_is(action: str, status: str, diagnostic: str, expected: str) -> None:
    """Codes come before words, and words before nothing."""
    assert severity_of(action, status, diagnostic) == expected


EXIM = mail(
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
    "delivered to one or more of its recipients.\n\n  gone@customer.example\n    host mx [192.0.2.1]: 550 Unknown "
    "user\n\n------ This is a copy of the message's headers. ------\n\nMessage-ID: <original@shop.example>\n",
    sender="Mail Delivery System <Mailer-Daemon@shop.example>",
    subject="Mail delivery failed: returning message to sender",
    X_Failed_Recipients="gone@customer.example",
)
CHINESE = multipart(
    [
        "Content-Type: text/plain; charset=utf-8\r\n\r\n很抱歉，您的邮件被退回。收件人：gone@customer.example\r\n"
        "退信原因：收件人不存在 550 User not found",
        "Content-Type: message/rfc822\r\n\r\nFrom: sales@shop.example\r\nMessage-ID: <original@shop.example>\r\n\r\nx",
    ],
    top={"From": "postmaster@mail.example", "Subject": "系统退信", "Return-Path": "<>"},
)
HEADERS_ONLY = multipart(
    [
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        "Original-Recipient: rfc822;gone@customer.example\r\nFinal-Recipient: rfc822;other@elsewhere.example\r\n"
        "Action: failed\r\nStatus: 5.1.1 (bad)\r\n",
        "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <original@shop.example>\r\nSubject: x",
    ],
    kind="report; report-type=delivery-status",
)


@pytest.mark.parametrize("raw", [bounce(), QMAIL, EXIM, CHINESE, HEADERS_ONLY], ids=range(5))
def test_bounces_of_every_kind_are_read(raw: bytes) -> None:
    """After RFC 3464 and without it: which mail came back, to whom it was, and that the address is no good."""
    found = parse_mail(raw, ours=("sales@shop.example",))
    assert found.kind == "bounce"
    assert found.report is not None
    assert found.report.message_ids == ("original@shop.example",)
    assert [(each.recipient, each.severity) for each in found.report.failures] == [("gone@customer.example", "hard")]


def test_complaints_and_receipts_are_read() -> None:
    """With the mail that they are about."""
    complained, read = parse_mail(complaint()), parse_mail(receipt())
    assert (complained.kind, read.kind) == ("complaint", "receipt")
    assert complained.report is not None
    assert (complained.report.feedback, complained.report.message_ids) == ("abuse", ("original@shop.example",))
    assert read.report is not None
    assert (read.report.disposition, read.report.message_ids) == ("displayed", ("original@shop.example",))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Auto-Submitted": "auto-replied"}, "auto_reply"),
        ({"X-Autoreply": "yes"}, "auto_reply"),
        ({"Subject": "自动回复: 报价"}, "auto_reply"),
        ({"Subject": "Out of Office: offer"}, "auto_reply"),
        ({"Subject": "Automatic reply: offer"}, "auto_reply"),
        ({"Subject": "Automatic doors"}, "mail"),
        ({"Auto-Submitted": "no"}, "mail"),
    ],
)
def test_automatic_replies_are_told_apart(headers: dict[str, str], expected: str) -> None:
    """By RFC 3834, and by what older programs write."""
    subject = headers.pop("Subject", "Offer")
    given = {name.replace("-", "_"): value for name, value in headers.items()}
    assert parse_mail(mail(subject=subject, **given)).kind == expected


# --- what follows -----------------------------------------------------------------------------------------------------


def original(office: Office, message: UUID) -> str:
    """Return the Message-ID of a message of ours."""
    return office.message(message).message_id or ""


def test_a_hard_bounce_ends_the_address(office: Office) -> None:
    """It is recorded with the customer and the message that it is about, which counts as failed."""
    ada = office.customer()
    message = office.sent(ada)
    found = office.receive(bounce("ada@customer.example", original(office, message)))
    assert (found.kind, found.customer_id) == ("bounce", ada)
    office.work()
    assert office.bounces() == [("hard", "5.1.1", True)]
    assert (office.message(message).state, office.message(message).reason) == ("failed", "bounced")
    kept = office.interaction(found.interaction_id)
    assert (kept.payload["bounced"], kept.about_id) == (True, office.message(message).interaction_id)
    values = {"customer_id": ada, "purpose": "service", "channel": "email", "body": "again"}
    again = office.crm.run(office.crm.system("a test"), "messaging.send", values)
    assert (again.state, again.reason) == ("refused", "suppressed")


def test_nothing_follows_from_a_bounce_of_nothing_we_sent(lite: Office) -> None:
    """Nobody has an address suppressed by writing a bounce."""
    ada = lite.customer()
    lite.sent(ada)
    lite.receive(bounce("ada@customer.example", "<guessed@shop.example>"))
    lite.receive(complaint("<guessed@shop.example>"))
    lite.work()
    assert lite.count(Suppression) == 0


def test_a_bounce_concerns_the_address_that_we_wrote_to(lite: Office) -> None:
    """Whatever address it names."""
    ada, bob = lite.customer(), lite.customer("Bob", "bob@customer.example")
    message = lite.sent(ada)
    lite.receive(bounce("bob@customer.example", original(lite, message)))
    lite.work()
    states = [
        lite.crm.run(
            lite.crm.system("a test"),
            "messaging.send",
            {"customer_id": each, "purpose": "service", "channel": "email", "body": "x"},
        ).state
        for each in (ada, bob)
    ]
    assert states == ["refused", "waiting"]


def test_soft_bounces_are_counted(lite: Office) -> None:
    """Five messages that came back end an address; one that is reported twice counts once."""
    ada = lite.customer()
    messages = [lite.sent(ada) for _number in range(5)]
    for number, message in enumerate(messages):
        full = bounce(f"a{number}@x.example", original(lite, message), status="5.2.2", diagnostic="mailbox full")
        lite.receive(full)
        lite.receive(full.replace(b"<bounce-", b"<second-"))
        lite.work()
        assert lite.count(Suppression) == (1 if number == 4 else 0)
    assert {each[:2] for each in lite.bounces()} == {("soft", "5.2.2")}


def test_what_is_blocked_or_delayed_ends_no_address(lite: Office) -> None:
    """It says nothing of the address."""
    ada = lite.customer()
    message = lite.sent(ada)
    lite.receive(bounce("1@x.example", original(lite, message), status="5.7.1", diagnostic="550 spam"))
    lite.receive(bounce("2@x.example", original(lite, message), status="4.4.1", action="delayed", diagnostic=""))
    lite.work()
    assert ([each[0] for each in lite.bounces()], lite.count(Suppression)) == (["blocked", "delayed"], 0)
    assert lite.message(message).state == "sent"


def test_a_complaint_ends_the_address(office: Office) -> None:
    """Of who says that it is no spam, it does not."""
    ada, bob = office.customer(), office.customer("Bob", "bob@customer.example")
    first, second = office.sent(ada), office.sent(bob)
    assert office.receive(complaint(original(office, first))).customer_id == ada
    kind = complaint(original(office, second), feedback="not-spam").replace(b"<arf@", b"<arf2@")
    assert office.receive(kind).customer_id == bob
    office.work()
    with office.crm.session(office.crm.system("a test")) as session:
        found = [(each.reason, each.customer_id) for each in session.scalars(select(Suppression))]
    assert found == [("complaint", ada)]


def test_the_quality_of_data_hears_of_it(lite: Office) -> None:
    """Where that plugin is enabled, somebody is to find out the right address."""
    lite.crm.enable("quality")
    with CRM.open(lite.crm.settings) as crm:
        office = Office(crm=crm)
        ada = office.customer()
        message = office.sent(ada)
        office.receive(bounce("ada@customer.example", original(office, message)))
        office.work()
        assert office.count(Verification, Verification.customer_id == ada, Verification.reason == "bounced") == 1
