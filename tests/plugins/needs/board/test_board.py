"""The public board is off by default, shows nobody, and takes each vote once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from crmkit_needs.board.operations import counts_of, untold
from crmkit_needs.catalogue.models import Need
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit import Actor, Conflict, InvalidInput
from crmkit.app import CRM

SYSTEM = Actor.system("a test")


def shown(crm: CRM, title: str = "Whole glass") -> Any:
    """Return a need on the board."""
    need = crm.run(SYSTEM, "needs.need.create", {"title": f"internal {title}"})
    crm.run(SYSTEM, "needs.need.update", {"public_title": title}, target=need.id)
    crm.run(SYSTEM, "needs.need.show_on_board", {}, target=need.id)
    return need


def customer(crm: CRM, name: str = "Ada") -> Any:
    """Return the id of a new customer."""
    return crm.run(SYSTEM, "customer.create", {"name": name}).id


def client(crm: CRM) -> TestClient:
    """Return a browser of nobody."""
    return TestClient(crm.asgi(), base_url="http://localhost", follow_redirects=False)


def send(crm: CRM, path: str, **values: str) -> Any:
    """Send a form of the board."""
    browser = client(crm)
    found = re.search(r'name="form" value="([^"]*)"', browser.get(path).text)
    assert found is not None
    return browser.post(path, data={"form": found[1], **values})


def test_the_board_is_off_by_default(lite: CRM) -> None:
    with pytest.raises(Conflict, match="not active"):
        lite.run(SYSTEM, "needs.board.link", {})
    lite.run(SYSTEM, "needs.board.set", {"active": True})
    path = lite.run(SYSTEM, "needs.board.link", {}).path
    assert client(lite).get(path).status_code == 200
    lite.run(SYSTEM, "needs.board.set", {"active": False})
    assert client(lite).get(path).status_code == 404


def test_only_what_has_a_public_title_is_shown(lite: CRM) -> None:
    need = lite.run(SYSTEM, "needs.need.create", {"title": "Secret"})
    with pytest.raises(InvalidInput, match="public title"):
        lite.run(SYSTEM, "needs.need.show_on_board", {}, target=need.id)


def test_the_board_shows_counts_and_nobody(lite: CRM) -> None:
    lite.run(SYSTEM, "needs.board.set", {"active": True})
    need = shown(lite)
    values = {"customer_id": customer(lite), "quote": "My jar broke"}
    lite.run(SYSTEM, "needs.evidence.add", values, target=need.id)
    text = client(lite).get(lite.run(SYSTEM, "needs.board.link", {}).path).text
    assert "Whole glass</strong> · 1" in text
    assert not any(each in text for each in ("Ada", "My jar broke", "internal", "I need this, too"))


def test_a_customer_votes_once_by_their_own_link(lite: CRM) -> None:
    lite.run(SYSTEM, "needs.board.set", {"active": True})
    need, ada = shown(lite), customer(lite)
    path = lite.run(SYSTEM, "needs.board.link", {"customer_id": ada}).path
    assert send(lite, path, vote=str(need.id)).status_code < 400
    assert send(lite, path, vote=str(need.id)).status_code < 400
    with lite.session(SYSTEM) as session:
        assert counts_of(session, "company") == {need.id: 1}
    assert "You need this." in client(lite).get(path).text


def test_votes_have_a_cap(lite: CRM) -> None:
    lite.run(SYSTEM, "needs.board.set", {"active": True, "most_votes": 1})
    ada, first, second = customer(lite), shown(lite), shown(lite, "Two")
    for _again in range(2):
        lite.run(SYSTEM, "needs.board.vote", {"customer_id": ada}, target=first.id)
    with pytest.raises(Conflict, match="voted for 1 already"):
        lite.run(SYSTEM, "needs.board.vote", {"customer_id": ada}, target=second.id)


def test_suggestions_are_new_and_off_the_board_and_machines_leave_none(lite: CRM) -> None:
    lite.run(SYSTEM, "needs.board.set", {"active": True})
    path = lite.run(SYSTEM, "needs.board.link", {}).path
    assert send(lite, path, title="Spam", website="x").status_code < 400
    assert send(lite, path, title="Blue lids").status_code < 400
    with lite.session(SYSTEM) as session:
        assert [(each.title, each.state, each.on_board) for each in session.scalars(select(Need))] == [
            ("Blue lids", "new", False)
        ]


def test_without_messaging_nobody_is_told_and_it_is_known_who_was_not(lite: CRM) -> None:
    need = shown(lite)
    lite.run(SYSTEM, "needs.evidence.add", {"customer_id": customer(lite)}, target=need.id)
    lite.run(SYSTEM, "needs.need.move", {"to": "accepted", "text": "We will do it."}, target=need.id)
    lite.run_jobs() if hasattr(lite, "run_jobs") else None
    with lite.session(SYSTEM) as session:
        assert len(untold(session, session.get_one(Need, need.id))) == 1


def test_people_of_a_company_count_once_on_the_board(crm: CRM) -> None:
    need = shown(crm)
    firm = crm.run(SYSTEM, "customer.create", {"name": "Firm", "kind": "organization"}).id
    for each in (customer(crm, "Ada"), customer(crm, "Bo")):
        crm.run(SYSTEM, "relationship.add", {"other_id": firm, "kind": "employee"}, target=each)
        crm.run(SYSTEM, "needs.evidence.add", {"customer_id": each}, target=need.id)
    crm.run(SYSTEM, "needs.evidence.add", {"customer_id": customer(crm, "Cy")}, target=need.id)
    with crm.session(SYSTEM) as session:
        assert (counts_of(session, "company"), counts_of(session, "person")) == ({need.id: 2}, {need.id: 3})


def test_votes_for_what_was_merged_count_as_one(lite: CRM) -> None:
    lite.run(SYSTEM, "needs.board.set", {"active": True, "most_votes": 2})
    ada, first, second, third = customer(lite), shown(lite), shown(lite, "Two"), shown(lite, "Three")
    for each in (first, second):
        lite.run(SYSTEM, "needs.board.vote", {"customer_id": ada}, target=each.id)
    lite.run(SYSTEM, "needs.need.merge", {"into_id": second.id}, target=first.id)
    lite.run(SYSTEM, "needs.board.vote", {"customer_id": ada}, target=third.id)
    with lite.session(SYSTEM) as session:
        assert counts_of(session, "person") == {second.id: 1, third.id: 1}
