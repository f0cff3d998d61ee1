"""The page of questions: what it shows to whom, and that texts on it are inert."""

from __future__ import annotations

import pytest
from crmkit_knowledge.asked.logging import ask

from tests.plugins.knowledge.desk.conftest import HOSTILE, Desk


def several(desk: Desk, text: str, visits: int = 3) -> None:
    """Have several people search the same, and count it."""
    crm = desk.web.crm
    for number in range(visits):
        with crm.session(crm.system("a test")) as session:
            ask(session, text, where="centre", visit_key=f"{text} {number}", language="en")
    desk.run("knowledge.question.count")


def test_questions_are_shown_with_what_became_of_them(desk: Desk) -> None:
    several(desk, "gift card")
    several(desk, "wrapping", 2)
    page = desk.text("/questions", "sue")
    assert "gift card" in page
    assert "wrapping" not in page
    assert "Write an article" in page
    assert "gift card" not in desk.text("/questions?state=dismissed")
    assert "gift card" in desk.text("/questions?state=all")
    assert "gift card" not in desk.text("/questions?mine=1")


def test_without_questions_the_page_says_so(desk: Desk) -> None:
    assert "No question is like this" in desk.text("/questions?state=nonsense")


def test_questions_are_taken_and_answered_by_buttons(desk: Desk) -> None:
    several(desk, "gift card")
    page = desk.text("/questions")
    for name in ("take", "answer", "dismiss"):
        assert f"/operations/knowledge.question.{name}?" in page
    from crmkit_knowledge.asked.models import Question
    from sqlalchemy import select

    with desk.web.crm.session(desk.web.crm.system("a test")) as session:
        question = session.scalars(select(Question)).one().id
    article = desk.article(desk.publish(desk.write("Gift card")))
    desk.post("sue", "knowledge.question.take", question)
    desk.post("sue", "knowledge.question.answer", question, article=str(article.number))
    assert "gift card" not in desk.text("/questions")
    answered = desk.text("/questions?state=answered")
    assert f"{article.number} · Gift card" in answered
    assert "knowledge.question.reopen" in answered


def test_who_may_only_read_has_no_buttons(desk: Desk) -> None:
    several(desk, "gift card")
    page = desk.text("/questions", "ann")
    assert "gift card" in page
    assert "knowledge.question." not in page


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_texts_are_inert(desk: Desk, language: str) -> None:
    several(desk, f"gift {HOSTILE}")
    page = desk.text("/questions", language=language)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
