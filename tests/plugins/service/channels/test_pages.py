"""What customers do without an account: open a case by a form, follow it, rate it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from crmkit_service.channels import forming
from crmkit_service.channels.models import Intake, Rating, ServiceChannel
from crmkit_service.measures.deflection import DeflectionParameters, deflection_rows
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit import Attachment, Interaction, Period, moment_of
from crmkit.errors import Refused
from tests.plugins.service.channels.conftest import SYSTEM, Desk

PDF = b"%PDF-1.4\n%%EOF\n"
SAID = {"name": "Bo", "email": "bo@customer.example", "subject": "Lid", "text": "The lid is gone.", "order": "A-1"}


def client(desk: Desk) -> TestClient:
    """Return a browser of nobody."""
    return TestClient(desk.crm.asgi(), base_url="http://localhost", follow_redirects=False)


def form(desk: Desk, **values: Any) -> str:
    """Set up a form and return the path of its page."""
    given = {"name": "help", "title": "Help", "kind": "form", **values}
    made = desk.crm.run(SYSTEM, "service.channel.create", given)
    path: str = desk.crm.run(SYSTEM, "service.channel.link", target=made.id).path
    return path


def hidden(text: str) -> dict[str, str]:
    """Return the hidden fields of a form."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert "form" in found, text
    return found


def send(browser: TestClient, path: str, values: dict[str, Any], *files: tuple[str, bytes]) -> Any:
    """Fill in the form of a page as a browser does."""
    said = {**hidden(browser.get(path).text), **values}
    parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
    return browser.post(path, data=said, files=parts or [("files", ("", b"", ""))])


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a form be filled in as quickly as a test does."""
    monkeypatch.setattr(forming, "QUICKEST", forming.QUICKEST * 0)


@pytest.mark.usefixtures("patient")
def test_a_form_becomes_a_case(desk: Desk) -> None:
    """Of a potential customer, with the files, and acknowledged by mail; what was said is in the timeline alone."""
    path = form(desk, purposes=["newsletter"], texts=[{"language": "en", "title": "How can we help?"}])
    browser = client(desk)
    assert "How can we help?" in browser.get(path).text
    answer = send(browser, path, {**SAID, "consent": "newsletter"}, ("bill.pdf", PDF), ("run.exe", b"MZ\x90\x00"))
    assert answer.status_code == 303
    desk.work()
    (case,) = desk.cases()
    assert (case.subject, case.channel) == ("Lid", "form")
    said = desk.said(case)
    assert said[0] == ("in", "The lid is gone.\n\nNumber of your order or invoice: A-1", False)
    assert [each[0] for each in said] == ["in", "internal", "out"]
    with desk.crm.session(SYSTEM) as session:
        assert session.scalars(select(Attachment.filename)).all() == ["bill.pdf"]
        assert [each.answers for each in session.scalars(select(Intake))] == [None]
    assert len(desk.outgoing()) == 1


@pytest.mark.usefixtures("patient")
def test_a_form_of_somebody_known_is_theirs(small: Desk) -> None:
    """By the e-mail address; what they say of themselves changes nothing of the customer."""
    path = form(small)
    send(client(small), path, {**SAID, "name": "Mallory", "email": "ADA@customer.example"})
    small.work()
    assert [each.customer_id for each in small.cases()] == [small.customer_id]


def test_what_a_machine_fills_in_is_kept_aside(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered the same; somebody can still take it in."""
    path = form(small)
    browser = client(small)
    assert send(browser, path, SAID).status_code == 303  # quicker than anybody
    monkeypatch.setattr(forming, "QUICKEST", forming.QUICKEST * 0)
    assert send(browser, path, {**SAID, "website": "http://x.example"}).status_code == 303
    assert send(browser, path, {**SAID, "opened": "1.deadbeef"}).status_code == 303
    small.work()
    assert (small.cases(), [each[0] for each in small.intakes()]) == ([], ["suspect"] * 3)
    with small.crm.session(SYSTEM) as session:
        first = session.scalars(select(Intake.id).order_by(Intake.id)).first()
    small.crm.run(SYSTEM, "service.intake.settle", target=first)
    assert len(small.cases()) == 1


@pytest.mark.usefixtures("patient")
def test_what_is_missing_is_asked_for_again(small: Desk) -> None:
    """With what was typed; nothing is kept."""
    path = form(small)
    answer = send(client(small), path, {**SAID, "email": "nobody", "text": ""})
    assert answer.status_code == 422
    assert "This is no e-mail address." in answer.text
    assert "Please answer this: What has happened?" in answer.text
    assert 'value="Lid"' in answer.text
    assert small.intakes() == []


@pytest.mark.usefixtures("patient")
def test_one_address_sends_only_so_much(small: Desk) -> None:
    """So many an hour, whoever they say they are."""
    path = form(small, hourly=2)
    browser = client(small)
    answers = [send(browser, path, {**SAID, "email": f"{number}@x.example"}).status_code for number in range(3)]
    assert answers == [303, 303, 429]


def test_only_the_last_address_of_a_form_opens_it(small: Desk) -> None:
    """And none once the form is not active."""
    path = form(small)
    with small.crm.session(SYSTEM) as session:
        channel = session.scalars(select(ServiceChannel.id).where(ServiceChannel.name == "help")).one()
    again = small.crm.run(SYSTEM, "service.channel.link", target=channel).path
    browser = client(small)
    assert (browser.get(path).status_code, browser.get(again).status_code) == (404, 200)
    small.crm.run(SYSTEM, "service.channel.update", {"active": False}, target=channel)
    assert browser.get(again).status_code == 404


def test_the_page_of_a_case_shows_what_the_customer_may_read(desk: Desk) -> None:
    """Both sides of the conversation, and never a note among colleagues."""
    desk.mail("The kettle leaks.")
    (case,) = desk.cases()
    desk.run("service.case.note", {"body": "This customer is difficult."}, target=case.id)
    desk.run("service.case.reply", {"body": "We are sorry."}, target=case.id)
    path = desk.run("service.case.link", target=case.id).path
    text = client(desk).get(path).text
    assert "The kettle leaks." in text
    assert "We are sorry." in text
    assert "difficult" not in text
    assert "We are working on it" in text
    chinese = client(desk).get(f"{path}?lang=zh_Hans").text
    assert "The kettle leaks." in chinese


def test_a_customer_writes_and_closes_and_opens_again(desk: Desk) -> None:
    """With files; each in the case, in its order."""
    desk.mail()
    (case,) = desk.cases()
    path = desk.run("service.case.link", target=case.id).path
    browser = client(desk)
    assert send(browser, path, {"act": "write", "text": "A picture."}, ("bill.pdf", PDF)).status_code == 303
    assert desk.said(case)[-1] == ("in", "A picture.", False)
    assert "Files: bill.pdf" in browser.get(path).text
    assert send(browser, path, {"act": "close"}).status_code == 303
    (case,) = desk.cases()
    assert case.state == "closed"
    assert send(browser, path, {"act": "write", "text": "It leaks again."}).status_code == 303
    (case,) = desk.cases()
    assert (case.state, case.reopened) == ("reopened", 1)
    assert send(browser, path, {"act": "write", "text": " "}).status_code == 422


def test_the_page_of_a_merged_case_is_that_of_the_survivor(small: Desk) -> None:
    """A link of before goes on."""
    small.mail(subject="One")
    small.mail(subject="Another one")
    first, second = small.cases()
    path = small.run("service.case.link", target=first.id).path
    small.crm.run(SYSTEM, "service.case.merge", {"into_id": second.id}, target=first.id)
    assert f"Your request {second.number}" in client(small).get(path).text


def test_the_link_of_one_customer_opens_nothing_of_another(small: Desk) -> None:
    """A link that names somebody else's case is one that opens nothing."""
    small.mail()
    small.mail(sender="bo@other.example")
    _first, second = small.cases()
    given = {"page": "service.case", "customer_id": str(small.customer_id), "ref": f"service.case:{second.id}"}
    path = small.crm.run(SYSTEM, "public_link.create", given).path
    assert client(small).get(path).status_code == 404


def test_a_solved_case_is_rated_once(desk: Desk) -> None:
    """The customer is asked by mail, answers on a page, and the answer is in the timeline and in the log."""
    desk.mail()
    (case,) = desk.cases()
    desk.run("service.case.reply", {"body": "A new one is on its way.", "state": "resolved"}, target=case.id)
    desk.work()
    asked = desk.outgoing()[-1]
    (path,) = re.findall(r"https://help.shop.example(/p/service.rating/\S+)", str(asked.body))
    browser = client(desk)
    assert send_plain(browser, path, {}).status_code == 422
    assert send_plain(browser, path, {"score": "5", "comment": "Quick!"}).status_code == 303
    assert "Thank you for your answer." in browser.get(path).text
    with desk.crm.session(SYSTEM) as session:
        rating = session.scalars(select(Rating)).one()
        assert (rating.score, rating.comment, rating.round, rating.customer_id) == (5, "Quick!", 1, desk.customer_id)
        kinds = session.scalars(select(Interaction.kind).where(Interaction.customer_id == desk.customer_id)).all()
    assert "service.rating" in kinds
    assert "rated" in desk.happened(case)
    with pytest.raises(Exception, match="rated already"):
        desk.crm.run(SYSTEM, "service.case.rate", {"score": 1}, target=case.id)


def send_plain(browser: TestClient, path: str, values: dict[str, Any]) -> Any:
    """Fill in a page without files."""
    return browser.post(path, data={**hidden(browser.get(path).text), **values})


def test_each_solution_is_rated_by_itself(small: Desk) -> None:
    """After it was opened again and solved again, it can be rated again; what was never solved cannot."""
    small.mail()
    (case,) = small.cases()
    with pytest.raises(Exception, match="not solved yet"):
        small.crm.run(SYSTEM, "service.case.rate", {"score": 3}, target=case.id)
    for number, score in ((1, 2), (2, 5)):
        small.run("service.case.set_state", {"state": "resolved"}, target=case.id)
        made = small.crm.run(SYSTEM, "service.case.rate", {"score": score}, target=case.id)
        assert (made.round, made.score) == (number, score)
        small.run("service.case.set_state", {"state": "reopened"}, target=case.id)


def test_an_agent_does_not_rate(small: Desk) -> None:
    """What a customer says is not for those whom it is about."""
    small.mail()
    (case,) = small.cases()
    small.run("service.case.set_state", {"state": "resolved"}, target=case.id)
    with pytest.raises(Refused):
        small.run("service.case.rate", {"score": 5}, target=case.id)


@pytest.mark.usefixtures("patient")
def test_who_was_shown_something_and_sends_nothing_is_counted(desk: Desk) -> None:
    """Each visit counts once, an hour after it at the earliest, and not where the form was sent all the same."""
    made = desk.crm.run(SYSTEM, "service.channel.create", {"name": "help", "title": "Help", "kind": "form"})
    path: str = desk.crm.run(SYSTEM, "service.channel.link", target=made.id).path
    browser = client(desk)
    visits = [hidden(browser.get(path).text)["visit"] for _each in range(3)]
    assert len(set(visits)) == 3
    for visit in (*visits[:2], visits[0]):
        shown = {"visit": visit, "source": "knowledge.article", "source_id": "lids"}
        desk.crm.run(SYSTEM, "service.deflection.note", shown, target=made.id)
    for visit in visits[1:]:
        assert send(browser, path, {**SAID, "visit": visit}).status_code == 303
    with desk.crm.session(SYSTEM) as session:
        now = moment_of(session)
        parameters = DeflectionParameters(period=Period(first=now.today, last=now.today))
        soon, later = (
            deflection_rows(session, parameters, evolve(now, as_of=at, known_at=at))
            for at in (now.as_of, now.as_of + timedelta(hours=2))
        )
    assert soon.rows == ()
    assert [(each["group"], each["shown"], each["sent"], each["spared"]) for each in later.rows] == [("Help", 2, 1, 1)]
