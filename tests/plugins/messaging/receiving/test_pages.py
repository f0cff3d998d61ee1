"""The pages of received mails, and the page on which somebody answers: in both languages, for who may and may not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from attrs import define
from crmkit_messaging.sending.models import OutgoingMessage
from sqlalchemy import select

from tests.conftest import Templates
from tests.plugins.messaging.receiving.conftest import OPTIONS, SYSTEM, Office
from tests.plugins.messaging.receiving.samples import NESTED, bounce, mail
from tests.web.conftest import Web, behind_doors

MAILS = "/modules/messaging/mails"
WRITE = "/modules/messaging/write"


@define
class Desk:
    """Who works here, the base, and a mail of a customer and of somebody unknown."""

    web: Web
    office: Office
    customer: UUID
    known: UUID
    unknown: UUID


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """A customer base with people and mails."""
    files = tmp_path / "files"
    with behind_doors(templates, "sqlite", tmp_path, "messaging", options=OPTIONS, files=files) as web:
        office = Office(crm=web.crm)
        office.mailbox(unknown_senders="unresolved", smtp_host="127.0.0.1", smtp_port=1, smtp_security="none")
        ada = office.customer("Ada King", owner_id=web.users["mia"])
        known = office.receive(mail("Is it <ready>?\n\nOn Mon, 2 Nov 2026, Sales wrote:\n> soon"))
        unknown = office.receive(mail("<b>Hi</b>", sender="Eve <eve@else.example>", message_id="<2@x>", subject="Hi"))
        office.receive(NESTED)
        office.receive(bounce())
        yield Desk(web=web, office=office, customer=ada, known=known.interaction_id, unknown=unknown.interaction_id)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_is_shown(desk: Desk, language: str) -> None:
    """To a service agent, who sees the mails of unknown senders too, in both languages."""
    client = desk.web.client("sue", language=language)
    paths = [
        MAILS,
        f"{MAILS}?show=unresolved",
        f"{MAILS}?customer={desk.customer}",
        f"{MAILS}/show?id={desk.known}",
        f"{MAILS}/show?id={desk.unknown}",
        f"{WRITE}?customer={desk.customer}",
        f"{WRITE}?reply_to={desk.known}",
        f"/customers/{desk.customer}",
    ]
    found = {path: client.get(path) for path in paths}
    assert {path: each.status_code for path, each in found.items()} == dict.fromkeys(paths, 200)


def test_what_was_written_is_shown_as_text(desk: Desk) -> None:
    """Marks of HTML stay letters, and the history is there to be opened."""
    text = desk.web.client("mia").get(f"{MAILS}/show?id={desk.known}").text
    assert "Is it &lt;ready&gt;?" in text
    assert "History below it" in text
    assert "<ready>" not in text


def test_html_is_shown_cleaned(desk: Desk) -> None:
    """Without what would be loaded from elsewhere."""
    raw = mail(
        '<p>Dear <b>all</b></p><img src="https://spy.example/x.gif"><script>alert(1)</script>', message_id="<h@x>"
    )
    found = desk.office.receive(raw.replace(b"text/plain", b"text/html"))
    text = desk.web.client("mia").get(f"{MAILS}/show?id={found.interaction_id}").text
    assert "<p>Dear <b>all</b></p>" in text
    assert "spy.example" not in text
    assert "alert(1)" not in text


def test_naming_the_customer_from_the_list(desk: Desk) -> None:
    """The mail is gone from those that wait, and stands with the customer."""
    client = desk.web.client("sue")
    listed = client.get(f"{MAILS}?show=unresolved").text
    assert "eve@" in listed or "Eve" in listed
    target = desk.office.mail(desk.unknown).id
    page = client.get(f"/operations/messaging.mail.name_customer?target={target}")
    assert page.status_code == 200
    sent = client.post(
        f"/operations/messaging.mail.name_customer?target={target}",
        data={"customer_id": str(desk.customer), "remember": "true"},
    )
    assert sent.status_code in (200, 302, 303), sent.text
    assert desk.office.mail(desk.unknown).customer_id == desk.customer


def test_answering_from_the_mail(desk: Desk) -> None:
    """The form has the subject, the history and the mailbox; what is sent answers the mail."""
    client = desk.web.client("mia")
    page = client.get(f"{WRITE}?reply_to={desk.known}").text
    assert 'value="Re: A question"' in page
    assert "&gt; Is it" in page
    assert "leaves at once" in page
    action = re.search(r'action="([^"]*/operations/messaging\.send[^"]*)"', page)
    assert action is not None
    data = {
        "customer_id": str(desk.customer),
        "channel": "email",
        "reply_to_id": str(desk.known),
        "purpose": "service",
        "subject": "Re: A question",
        "body": "Yes, it is.",
        "_key": "one",
    }
    sent = client.post(action[1].replace("&amp;", "&"), data=data)
    assert sent.status_code in (200, 302, 303), sent.text
    with desk.office.crm.session(SYSTEM) as session:
        message = session.scalars(select(OutgoingMessage)).one()
        assert (message.reply_to_id, message.body, message.state) == (desk.known, "Yes, it is.", "waiting")


def test_the_gate_is_told_beforehand(desk: Desk) -> None:
    """For each purpose: marketing was not agreed to."""
    page = desk.web.client("mia").get(f"{WRITE}?customer={desk.customer}").text
    assert "does not leave" in page
    assert "has not agreed" in page


def test_files_of_the_customer_can_be_sent(desk: Desk) -> None:
    """As they came with a mail."""
    client = desk.web.client("mia")
    page = client.get(f"{WRITE}?customer={desk.customer}").text
    found = re.search(r'name="attachments" value="([^"]+)"', page)
    assert found is not None
    data = {"customer_id": str(desk.customer), "channel": "email", "purpose": "service", "body": "x"}
    sent = client.post("/operations/messaging.send", data={**data, "attachments": found[1]})
    assert sent.status_code in (200, 302, 303), sent.text
    with desk.office.crm.session(SYSTEM) as session:
        assert session.scalars(select(OutgoingMessage)).one().file_ids == [found[1]]


def test_who_may_not_see_them_sees_nothing(desk: Desk) -> None:
    """No page for an analyst; of somebody else's customer, no mail for a seller; nothing for nobody."""
    analyst, seller = desk.web.client("ann"), desk.web.client("sam")
    assert analyst.get(MAILS).status_code in (403, 404)
    assert seller.get(f"{MAILS}/show?id={desk.known}").status_code == 404
    assert "A question" not in seller.get(MAILS).text
    assert desk.web.client("mia").get(f"{MAILS}/show?id={desk.unknown}").status_code == 404
    assert seller.get(f"{WRITE}?customer={desk.customer}").status_code == 404
    assert seller.get(f"{WRITE}?reply_to={desk.known}").status_code == 404
    assert desk.web.client("mia").get(f"{MAILS}/show?id=nonsense").status_code == 404
    assert desk.web.client().get(MAILS).status_code in (302, 303, 401)


def test_the_customers_page_leads_to_writing(desk: Desk) -> None:
    """By its panel, for who may write."""
    client = desk.web.client("mia")
    assert f"{WRITE}?customer={desk.customer}" in client.get(f"/customers/{desk.customer}").text
    assert f"{WRITE}?reply_to={desk.known}" in client.get(f"{WRITE}?customer={desk.customer}").text
