"""Answering a mail in a real browser: from the list to the mail, to the form, to what waits to leave."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_messaging.sending.models import OutgoingMessage
from sqlalchemy import select

from tests.conftest import Templates
from tests.plugins.messaging.receiving.conftest import OPTIONS, SYSTEM, Office
from tests.plugins.messaging.receiving.samples import NESTED, mail
from tests.web.conftest import Visit, Web, behind_doors, served, visit

__all__ = ["served", "visit"]

Visitor = Callable[..., Visit]


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people and mails."""
    files = tmp_path / "files"
    with behind_doors(templates, "sqlite", tmp_path, "messaging", options=OPTIONS, files=files) as web:
        office = Office(crm=web.crm)
        office.mailbox(unknown_senders="unresolved", smtp_host="127.0.0.1", smtp_port=1, smtp_security="none")
        office.customer("Ada King", owner_id=web.users["mia"])
        text = "您好，\n\nIs the tea ready?\n\nOn Mon, 2 Nov 2026, Sales wrote:\n> soon"
        office.receive(mail(text, subject="报价 / Offer"))
        office.receive(NESTED)
        office.receive(mail("Hi", sender="Eve <eve@else.example>", message_id="<2@x>", subject="Who am I"))
        yield web


def shot(seen: Visit, name: str) -> None:
    """Keep a picture of a page, where a folder for them is named."""
    folder = os.environ.get("CRMKIT_SHOTS")
    if folder:
        seen.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_mail_is_answered(visit: Visitor, sqlite_web: Web) -> None:
    """The history is quoted, the gate has said that it leaves, and what was typed waits to leave."""
    seen = visit("mia")
    seen.go("/modules/messaging/mails")
    shot(seen, "mails")
    page = seen.page
    page.get_by_role("link", name="报价 / Offer", exact=True).click()
    page.wait_for_url("**/mails/show?*")
    shot(seen, "mail")
    page.get_by_role("link", name="Answer").first.click()
    page.wait_for_url("**/write?*")
    shot(seen, "write")
    assert page.get_by_label("Subject").input_value() == "Re: 报价 / Offer"
    body = page.locator("textarea[name=body]")
    assert "> Is the tea ready?" in body.input_value()
    body.fill("Yes, it is.")
    page.get_by_role("button", name="Send").click()
    page.wait_for_load_state()
    with sqlite_web.crm.session(SYSTEM) as session:
        message: Any = session.scalars(select(OutgoingMessage)).one()
        assert (message.body, message.subject, message.state) == ("Yes, it is.", "Re: 报价 / Offer", "waiting")
        assert message.reply_to_id is not None


def test_an_unknown_sender_is_named_in_chinese(visit: Visitor) -> None:
    """The list of those that wait leads to the form that asks for the customer."""
    seen = visit("sue", language="zh_Hans", width=375)
    seen.go("/modules/messaging/mails?show=unresolved")
    shot(seen, "unresolved")
    page = seen.page
    page.get_by_role("link", name="指定客户").first.click()
    page.wait_for_url("**/operations/messaging.mail.name_customer*")
    shot(seen, "name")
    assert page.get_by_role("heading", name="指定客户").first.is_visible()
