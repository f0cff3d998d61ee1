"""Asking for help before a question is sent: what visitors are shown, and what is counted of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from crmkit_knowledge.suggesting import visiting
from crmkit_knowledge.suggesting.figures import deflection, visits_of
from crmkit_knowledge.suggesting.models import HelpSession
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit.engines.reports.running import run
from tests.plugins.knowledge.helpdesk import Helpdesk

TYPED = "My kettle leaks"


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is shown articles."""
    monkeypatch.setattr(visiting, "arm_for", lambda key, share: "shown")


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is shown any."""
    monkeypatch.setattr(visiting, "arm_for", lambda key, share: "control")


def form(desk: Helpdesk) -> None:
    """Set up a form of service."""
    given = {"name": "web", "title": "Request", "kind": "form"}
    channel = desk.run("service.channel.create", given).id
    desk.run("service.channel.link", target=channel)


def send(desk: Helpdesk, values: Mapping[str, str], browser: str = "one") -> str:
    """Send a form of the site as a browser, and return what is answered."""
    client = TestClient(
        desk.crm.asgi(), base_url="http://localhost", headers={"Accept-Language": "en", "User-Agent": browser}
    )
    found = client.post("/s/ask", data=dict(values))
    assert found.status_code == 200, found.text
    return found.text


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, page
    return found[1]


def visits(desk: Helpdesk) -> list[HelpSession]:
    """Return the visits in the order of time."""
    with desk.crm.session(desk.actor()) as session:
        found = list(session.scalars(select(HelpSession).order_by(HelpSession.started_at, HelpSession.id)))
        session.expunge_all()
        return found


@pytest.mark.usefixtures("everybody")
def test_an_article_that_answers_it_spares_the_case(desks: Helpdesk) -> None:
    article = desks.published("Kettle leaks at the lid", "Turn the ring around.")
    page = send(desks, {"act": "look", "text": TYPED})
    assert "Kettle leaks at the lid" in page
    again = send(desks, {"act": "read", "text": TYPED, "visit": hidden(page, "visit"), "slug": hidden(page, "slug")})
    assert "Turn the ring around." in again
    send(desks, {"act": "answered", "visit": hidden(page, "visit")})
    (visit,) = visits(desks)
    assert (visit.arm, visit.articles, visit.answered, visit.case_ref) == ("shown", [str(article)], True, None)


def complete(desk: Helpdesk, page: str) -> str:
    """Fill in the form that follows, and send it."""
    fields = re.findall(r'name="([^"]*)"', page)
    values = {"act": "send", "visit": hidden(page, "visit"), "opened": hidden(page, "opened"), "text": TYPED}
    more = {"name": "Ada", "email": "ada@customer.example", "subject": "Kettle"}
    return send(desk, {**values, **{name: value for name, value in more.items() if name in fields}})


@pytest.mark.usefixtures("nobody")
def test_the_control_group_goes_to_the_form_at_once_and_its_case_is_counted(desks: Helpdesk, monkeypatch: Any) -> None:
    from crmkit_service.channels import forming

    monkeypatch.setattr(forming, "QUICKEST", timedelta(0))
    form(desks)
    desks.published("Kettle leaks at the lid", "Turn the ring around.")
    page = send(desks, {"act": "look", "text": TYPED})
    assert "Turn the ring" not in page
    assert "Kettle leaks at the lid" not in page
    assert f">{TYPED}</textarea>" in page
    complete(desks, page)
    desks.crm.worker().run_until_idle()
    (visit,) = visits(desks)
    assert visit.arm == "control"
    assert visit.articles == []
    assert str(visit.request_ref).startswith("service.intake:")
    assert str(visit.case_ref).startswith("service.case:")


@pytest.mark.usefixtures("everybody")
def test_what_is_missing_in_the_form_is_said_and_nothing_is_lost(desk: Helpdesk) -> None:
    form(desk)
    page = send(desk, {"act": "look", "text": TYPED})
    found = send(desk, {"act": "send", "visit": hidden(page, "visit"), "text": TYPED})
    assert 'role="alert"' in found
    assert f">{TYPED}</textarea>" in found
    assert visits(desk)[0].sent_at is None


@pytest.mark.usefixtures("everybody")
def test_what_is_not_for_everybody_is_not_shown(desk: Helpdesk) -> None:
    desk.published("Kettle secrets", "Hit it.", audience="internal")
    slug = "kettle-secrets"
    desk.published("Kettle leaks", "Turn the ring.")
    page = send(desk, {"act": "look", "text": "kettle"})
    assert "secrets" not in page
    client = TestClient(desk.crm.asgi(), base_url="http://localhost", headers={"User-Agent": "one"})
    values = {"act": "read", "text": "kettle", "visit": hidden(page, "visit"), "slug": slug}
    assert client.post("/s/ask", data=values).status_code == 404


@pytest.mark.usefixtures("everybody")
def test_nobody_acts_in_somebody_else_s_visit(desk: Helpdesk) -> None:
    desk.published("Kettle leaks", "Turn the ring.")
    page = send(desk, {"act": "look", "text": TYPED})
    client = TestClient(desk.crm.asgi(), base_url="http://localhost", headers={"User-Agent": "two"})
    values = {"act": "answered", "visit": hidden(page, "visit")}
    assert client.post("/s/ask", data=values).status_code == 404
    assert not visits(desk)[0].answered


def test_a_visit_that_goes_on_is_counted_once(desk: Helpdesk) -> None:
    for _time in range(3):
        send(desk, {"act": "look", "text": TYPED})
    send(desk, {"act": "look", "text": TYPED}, "two")
    assert len(visits(desk)) == 2


def test_nothing_of_what_was_typed_is_kept(desk: Helpdesk) -> None:
    send(desk, {"act": "look", "text": "Zebra kettle of Ada"})
    (visit,) = visits(desk)
    assert re.fullmatch(r"[0-9a-f]{64}", visit.key)
    assert "Zebra" not in str(vars(visit))


def test_opening_the_page_notes_nothing(desk: Helpdesk) -> None:
    client = TestClient(desk.crm.asgi(), base_url="http://localhost")
    assert "What do you need help with?" in client.get("/s/ask").text
    assert visits(desk) == []


def test_a_text_that_says_nothing_is_asked_for_again(desk: Helpdesk) -> None:
    assert "Please say what you need help with." in send(desk, {"act": "look", "text": " "})
    assert visits(desk) == []


def test_the_report_shows_nothing_without_a_control(desk: Helpdesk) -> None:
    """And both arms once there is one: one of each, counted by hand."""
    for key, arm in (("a", "shown"), ("b", "control")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(visiting, "arm_for", lambda key, share, arm=arm: arm)
            made = desk.run("knowledge.session.begin", {"key": key})
        if arm == "shown":
            desk.run("knowledge.session.note", {"what": "viewed", "articles": [str(desk.published())]}, target=made.id)
            desk.clock.advance(days=4)
            assert report(desk) == []
        else:
            desk.run("knowledge.session.note", {"what": "sent", "ref": "service.intake:x"}, target=made.id)
            desk.run("knowledge.session.settle", {"ref": "service.case:x"}, target=made.id)
    desk.clock.advance(days=4)
    assert report(desk) == [("shown", 1, 1, 1), ("control", 1, 0, 0)]
    with desk.crm.session(desk.actor("mia")) as session:
        today = session.today()
        found = deflection(session, visits_of(session, today - timedelta(days=20), today, "UTC"))
    assert found.difference is not None
    assert found.difference.value == 1


def report(desk: Helpdesk) -> list[tuple[Any, ...]]:
    """Return the arms of the report: visits, those without a case, and those that were deflected."""
    with desk.crm.session(desk.actor("mia")) as session:
        found = run(session, "knowledge.deflection", {"period": "2027"})
        names = ("sessions", "without_case", "deflected")
        return [(row.key, *(found.cell(row.key, name).value for name in names)) for row in found.rows]
