"""The page of helpfulness: what it shows, and that texts on it are inert."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmkit_knowledge.helpful.counting import note_view

from tests.plugins.knowledge.desk.conftest import HOSTILE, Desk


def votes(desk: Desk, article: UUID, yes: int, no: int, **more: Any) -> UUID:
    """Have several visits vote; return the last vote."""
    found: Any = None
    for number in range(yes + no):
        given = {"article_id": article, "helpful": number < yes, "visit": str(number), **more}
        found = desk.run("knowledge.article.vote", **given)
    return found


def test_the_page_has_rankings_and_comments(desk: Desk) -> None:
    article = desk.publish(desk.write("Send it back"))
    votes(desk, article, 1, 3, comment="The label is blue", reason="wrong")
    with desk.web.crm.session(desk.web.crm.system("a test")) as session:
        note_view(session, article, visit_key="a")
    page = desk.text("/helpfulness", "sue")
    assert "Send it back" in page
    assert "The label is blue" in page
    assert "It is wrong" in page
    assert "25%" in page
    assert "Nothing was read yet" not in page


def test_an_empty_page_says_so(desk: Desk) -> None:
    page = desk.text("/helpfulness")
    assert "No article has enough votes" in page
    assert "No comment is like this" in page


def test_comments_are_settled_by_a_button(desk: Desk) -> None:
    article = desk.publish(desk.write("Send it back"))
    vote = votes(desk, article, 0, 1, comment="The label is blue")
    assert f"/operations/knowledge.vote.settle?target={vote}" in desk.text("/helpfulness")
    desk.post("sue", "knowledge.vote.settle", vote)
    assert "The label is blue" not in desk.text("/helpfulness")
    assert "The label is blue" in desk.text("/helpfulness?state=done")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_texts_are_inert(desk: Desk, language: str) -> None:
    article = desk.publish(desk.write(HOSTILE))
    votes(desk, article, 0, 4, comment=HOSTILE)
    page = desk.text("/helpfulness", language=language)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
