"""The queues: what waits for review and verification, by filters, and what is done with several at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.desk.panels import panels
from sqlalchemy import select

from crmkit import Actor
from tests.plugins.knowledge.desk.conftest import Desk

SEVERAL = "knowledge.article.verify_several"


@pytest.fixture
def overdue(desk: Desk) -> UUID:
    """An article that had to be verified yesterday, sue's, in a space of its own."""
    desk.run("knowledge.space.create", name="notes", title="Notes", verify_months=1)
    return desk.publish(desk.write("Old news", space="notes", owner_id=desk.web.users["sue"]))


def test_the_review_queue_has_what_waits(desk: Desk) -> None:
    waits, approved = desk.write("It waits"), desk.write("It is approved")
    desk.write("Only a draft")
    desk.run("knowledge.article.submit", waits)
    desk.run("knowledge.article.submit", approved)
    desk.run("knowledge.article.approve", approved)
    page = desk.text("/review")
    assert page.index("It waits") < page.index("It is approved")
    assert "Only a draft" not in page
    assert f"knowledge.article.approve?target={waits}" in page
    assert f"knowledge.article.release?target={approved}" in page


def test_the_review_queue_is_narrowed_to_a_space(desk: Desk) -> None:
    desk.run("knowledge.space.create", name="notes", title="Notes")
    for name in ("help", "notes"):
        desk.run("knowledge.article.submit", desk.write(f"In {name}", space=name))
    page = desk.text("/review?space=notes")
    assert "In notes" in page
    assert "In help" not in page


def test_who_does_not_approve_sees_no_button_in_the_queue(desk: Desk) -> None:
    desk.run("knowledge.article.submit", desk.write("It waits"))
    page = desk.text("/review", "sue")
    assert "It waits" in page
    assert "/operations/knowledge.article.approve" not in page


def test_the_menu_counts_what_waits_for_its_reader(desk: Desk) -> None:
    from crmkit_knowledge.desk.queues import review_badge

    made = desk.web.crm.run(Actor.user(desk.web.users["mia"]), "knowledge.article.create", {"title": "T", "body": "B."})
    desk.run("knowledge.article.submit", made.id)
    for login, count in (("mia", 0), ("ada", 1), ("sue", 0)):
        with desk.web.crm.session(Actor.user(desk.web.users[login])) as session:
            assert count == review_badge(session), login


def test_the_verification_list_is_narrowed(desk: Desk, overdue: UUID) -> None:
    desk.publish(desk.write("Fresh", space="help"))
    assert "Everything is verified" in desk.text("/verification")
    assert "Old news" in desk.text("/verification?when=quarter")
    assert "Fresh" not in desk.text("/verification?when=quarter")
    assert "Fresh" in desk.text("/verification?when=all")
    assert "Fresh" not in desk.text("/verification?when=all&space=notes")
    assert "Fresh" not in desk.text(f"/verification?when=all&owner={desk.web.users['sue']}")
    assert "Old news" in desk.text(f"/verification?when=all&owner={desk.web.users['sue']}")


def test_several_are_verified_at_once(desk: Desk, overdue: UUID) -> None:
    other, draft = desk.publish(desk.write("Another", space="help")), desk.write("A draft", space="help")
    before = {each: desk.article(each).verified_at for each in (overdue, other)}
    answer = desk.post("mia", SEVERAL, None, articles=[str(overdue), str(other), str(uuid4())], note="Looked at.")
    assert 303 == answer.status_code
    for each, at in before.items():
        verified = desk.article(each).verified_at
        assert at is not None
        assert verified is not None
        assert verified - at >= timedelta(0)
        assert "Looked at." in desk.text(f"/article?id={each}")
    answer = desk.post("mia", SEVERAL, None, articles=[str(draft)])
    assert str(desk.article(draft).number) in answer.text


def test_who_does_not_approve_verifies_nothing(desk: Desk, overdue: UUID) -> None:
    assert 'name="articles"' not in desk.text("/verification?when=all", "sue")
    assert 403 == desk.post("sue", SEVERAL, None, articles=[str(overdue)], note="Mine.").status_code
    assert "Mine." not in desk.text(f"/article?id={overdue}")


def test_the_record_leads_to_the_page_of_the_article(desk: Desk) -> None:
    article = desk.write()
    with desk.web.crm.session(desk.web.crm.system("a test")) as session:
        found = session.scalars(select(Article).where(Article.id == article)).one()
        (panel,) = panels(session, found)
    assert f"/modules/knowledge/article?id={article}" == panel.lines[0].path
