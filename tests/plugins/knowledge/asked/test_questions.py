"""Questions that searches leave without an answer: what they are made of, and what people do with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmkit_knowledge.asked.errors import QuestionInState
from crmkit_knowledge.asked.reading import missed_share, open_count, questions

from crmkit import InvalidInput, Refused
from tests.plugins.knowledge.asked.known import asks, counted, opens, several
from tests.plugins.knowledge.base import Base


def listed(base: Base, state: str = "open") -> list[str]:
    """Return the texts of the questions that are shown."""
    with base.crm.session(base.actor("sue")) as session:
        return [each.text for each in questions(session, state=state)]


def do(base: Base, name: str, question: UUID, **values: Any) -> Any:
    """Do something with a question."""
    return base.run(f"knowledge.question.{name}", values, target=question, who="mia")


def test_what_three_visits_ask_is_shown_and_what_two_ask_is_not(both: Base) -> None:
    several(both, "gift card")
    several(both, "wrapping", 2)
    asks(both, "wrapping", "visitor 1 of wrapping")
    assert {"gift card"} == set(counted(both))
    assert ["gift card"] == listed(both)


def test_searches_of_nobody_known_are_one_visit(base: Base) -> None:
    for _each in range(9):
        asks(base, "gift card")
        base.clock.advance(minutes=5)
    assert not counted(base)


def test_spellings_of_a_question_are_one_in_chinese_too(both: Base) -> None:
    for visit, text in enumerate(("怎么申请退款", "如何申請退款", "申请退款", "申请退款")):
        asks(both, text, str(visit), language="zh_Hans")
    found = counted(both)
    assert [("申请退款", 4, 4)] == [(text, each.searches, each.visits) for text, each in found.items()]


def test_what_became_of_searches_is_counted(both: Base) -> None:
    """Four visits: one opens something, one asks anew, one does neither, one finds nothing in another program."""
    article = both.published("Return shoes", "Use the label.")
    opens(both, asks(both, "shoes", "a"), article)
    asks(both, "shoes", "b")
    both.clock.advance(minutes=1)
    asks(both, "boots", "b")
    asks(both, "shoes", "c")
    asks(both, "shoes", "d", where="api")
    (question,) = counted(both).values()
    assert (4, 4) == (question.searches, question.visits)
    assert (2, 0, 2, 1) == (
        question.missed,
        question.without_hits,
        question.without_click,
        question.reformulated,
    )
    share = missed_share(question)
    assert share.value == 0.5
    assert share.low is not None
    assert 0.14 < share.low < 0.16


def test_a_visit_that_ends_with_an_article_did_not_miss(base: Base) -> None:
    article = base.published("Return shoes", "Use the label.")
    several(base, "shoes", 2)
    asks(base, "shoes", "a")
    base.clock.advance(minutes=30)
    opens(base, asks(base, "shoes", "a"), article)
    (question,) = counted(base).values()
    assert (4, 3, 2) == (question.searches, question.visits, question.missed)


def test_asking_anew_after_a_click_or_later_is_something_else(base: Base) -> None:
    article = base.published("Return shoes", "Use the label.")
    opens(base, asks(base, "shoes", "a"), article)
    asks(base, "boots", "a")
    asks(base, "shoes", "b")
    base.clock.advance(minutes=3)
    asks(base, "boots", "b")
    asks(base, "shoes", "c")
    assert 0 == counted(base)["shoes"].reformulated


def test_those_that_miss_most_come_first(base: Base) -> None:
    several(base, "gift card", 3)
    several(base, "wrapping paper", 5)
    counted(base)
    assert ["wrapping paper", "gift card"] == listed(base)


def test_owner_and_state_survive_the_next_counting(both: Base) -> None:
    several(both, "gift card")
    several(both, "wrapping")
    found = counted(both)
    do(both, "take", found["gift card"].id)
    do(both, "dismiss", found["wrapping"].id, note="Not sold")
    several(both, "wrapping", 7)
    found = counted(both)
    assert both.users["mia"] == found["gift card"].owner_id
    assert ("dismissed", "Not sold", 7) == (
        found["wrapping"].state,
        found["wrapping"].note,
        found["wrapping"].visits,
    )
    assert ["gift card"] == listed(both)
    assert ["wrapping"] == listed(both, "dismissed")


def test_an_answered_question_returns_where_it_goes_on_failing(both: Base) -> None:
    several(both, "gift card")
    question = counted(both)["gift card"].id
    article = both.article(both.published("Vouchers", "We have vouchers."))
    do(both, "answer", question, article=article.number)
    assert "answered" == counted(both)["gift card"].state
    both.clock.advance(days=1)
    several(both, "gift card", 2)
    assert "answered" == counted(both)["gift card"].state
    asks(both, "gift card", "a third one")
    found = counted(both)["gift card"]
    assert ("open", 1, article.id) == (found.state, found.returned, found.article_id)


def test_an_answered_question_that_is_found_stays_answered(base: Base) -> None:
    several(base, "gift card")
    question = counted(base)["gift card"].id
    article = base.article(base.published("Gift card", "We have them."))
    do(base, "answer", question, article=article.number)
    base.clock.advance(days=1)
    for answer in several(base, "gift card"):
        opens(base, answer, article.id)
    assert "answered" == counted(base)["gift card"].state


def test_what_nobody_asks_any_more_is_gone_unless_it_is_somebodys(base: Base) -> None:
    several(base, "gift card")
    several(base, "wrapping")
    do(base, "take", counted(base)["wrapping"].id, owner_id=base.users["sue"])
    base.clock.advance(days=91)
    found = counted(base)
    assert {"wrapping"} == set(found)
    assert 0 == found["wrapping"].visits
    assert not listed(base)


def test_only_published_articles_answer(base: Base) -> None:
    several(base, "gift card")
    question = counted(base)["gift card"].id
    draft = base.article(base.write("Gift card"))
    with pytest.raises(InvalidInput):
        do(base, "answer", question, article=draft.number)
    do(base, "dismiss", question)
    with pytest.raises(QuestionInState):
        do(base, "answer", question, article=draft.number)
    do(base, "reopen", question)
    with pytest.raises(QuestionInState):
        do(base, "reopen", question)


def test_untaken_questions_are_counted_for_the_menu(base: Base) -> None:
    several(base, "gift card")
    question = counted(base)["gift card"].id
    with base.crm.session(base.actor("sue")) as session:
        assert 1 == open_count(session)
    do(base, "take", question)
    with base.crm.session(base.actor("sue")) as session:
        assert 0 == open_count(session)


def test_only_the_framework_counts_but_people_may_ask_for_it(base: Base) -> None:
    several(base, "gift card")
    with pytest.raises(Refused):
        base.run("knowledge.question.count", who="mia")
    base.run("knowledge.question.refresh", who="mia")
    base.crm.worker().run_until_idle()
    assert ["gift card"] == listed(base)
