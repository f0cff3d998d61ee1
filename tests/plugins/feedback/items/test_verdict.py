"""Asking the customer whether it is solved: by mail, on a page without an account, and what follows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crmkit_feedback.items.errors import NotAskable
from crmkit_messaging.sending.models import OutgoingMessage
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit import CRM, Actor, Settings
from crmkit.testing.workbench import MovableClock
from tests.conftest import Templates
from tests.plugins.feedback.items.office import MONDAY, SYSTEM, Office, fill


@pytest.fixture
def browser(office: Office) -> TestClient:
    """A browser of nobody."""
    return TestClient(office.crm.asgi(), base_url="http://localhost", follow_redirects=False)


def resolved(office: Office, **values: Any) -> UUID:
    """Return feedback that is resolved."""
    item = office.said(2, **values)
    office.act("resolve", item, {"resolution": "New seal", "ask": False}, by="sam")
    return item


def answer(browser: TestClient, path: str, **values: str) -> Any:
    """Answer on a page as a browser does."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', browser.get(path).text))
    return browser.post(path, data={**found, **values})


def test_the_customers_yes_verifies_it(office: Office, browser: TestClient) -> None:
    """Opening the page does nothing; "solved" verifies."""
    item = resolved(office)
    path = office.act("verdict_link", item).path
    page = browser.get(path)
    assert "The pump leaks" in page.text
    assert office.item(item).state == "resolved"
    assert answer(browser, path, verdict="solved").status_code in (200, 303)
    found = office.item(item)
    assert (found.state, found.verdict) == ("verified", "solved")
    assert "glad" in browser.get(path).text


def test_the_customers_no_opens_it_again(office: Office, browser: TestClient) -> None:
    """ "Not solved" puts it in progress again, with the task, and its owner is told."""
    item = resolved(office)
    path = office.act("verdict_link", item).path
    answer(browser, path, verdict="not_solved", comment="Leaks still")
    office.work()
    found, task = office.item(item), office.task(item)
    assert task is not None
    assert (found.state, found.verdict, found.reopened, task.is_open) == ("in_progress", "not_solved", 1, True)
    assert any("is not solved" in each for each in office.told("sam"))
    assert "working on it again" in browser.get(path).text


def test_nothing_chosen_is_asked_again(office: Office, browser: TestClient) -> None:
    """A form without an answer comes back with what was written."""
    path = office.act("verdict_link", resolved(office)).path
    page = answer(browser, path, comment="Hm")
    assert "Please choose an answer." in page.text
    assert "Hm" in page.text


def test_the_page_speaks_chinese(office: Office, browser: TestClient) -> None:
    """The page is there in the customer's language."""
    path = office.act("verdict_link", resolved(office)).path
    page = browser.get(path, headers={"accept-language": "zh-CN"})
    assert page.status_code == 200
    assert "Is it solved" not in page.text


def test_nobody_is_asked_about_anonymous_feedback(office: Office) -> None:
    """Without a customer there is no link."""
    item = office.run("feedback.feedback.create", {"verbatim": "Bad", "band": "bad"}).id
    with pytest.raises(NotAskable):
        office.act("verdict_link", item)


def test_nobody_is_asked_before_it_is_resolved(office: Office) -> None:
    """What is not resolved is not asked about."""
    with pytest.raises(NotAskable):
        office.act("ask", office.said(2))


def test_the_customer_is_asked_by_mail(templates: Templates, tmp_path: Path) -> None:
    """With messaging, a solution sends the question once, with a link that works."""
    url, (users, team) = templates.copy_filled("sqlite", tmp_path, fill)
    clock = MovableClock()
    clock.set(MONDAY)
    settings = Settings(
        database=url, public_url="https://pumps.example", options={"messaging": {"message_domain": "p.example"}}
    )
    with CRM.open(settings, clock=clock.as_clock()) as crm:
        crm.enable("messaging")
    with CRM.open(settings, clock=clock.as_clock()) as crm:
        people = {name: Actor.user(id, name.title()) for name, id in users.items()}
        office = Office(crm=crm, clock=clock, people=people, team=team)
        customer = office.customer("Ada", email="ada@customer.example")
        item = office.said(2, customer)
        office.act("resolve", item, {"resolution": "New seal"}, by="sam")
        with crm.session(SYSTEM) as session:
            sent = session.scalars(select(OutgoingMessage)).all()
        assert len(sent) == 1
        assert "asked" in office.events(item)
        with pytest.raises(NotAskable):
            office.act("ask", office.said(2))
