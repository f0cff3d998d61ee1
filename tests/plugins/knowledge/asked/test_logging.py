"""Searches are noted without who searched, once each, and answered whatever becomes of the note."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_knowledge.asked import logging
from crmkit_knowledge.asked.logging import VISITOR_RIGHTS, ask, note_search
from crmkit_knowledge.asked.models import SearchClick, VisitSalt
from sqlalchemy import func, select

from crmkit import Actor
from crmkit.errors import CrmkitError, Refused
from tests.plugins.knowledge.asked.known import asks, opens, searches
from tests.plugins.knowledge.base import Base


def clicks(base: Base) -> int:
    """Return how many clicks are noted."""
    with base.crm.session(base.actor()) as session:
        return session.scalar(select(func.count(SearchClick.id))) or 0


def test_a_search_is_answered_and_noted(both: Base) -> None:
    article = both.published("Return shoes", "Use the label.")
    answer = asks(both, "How to return shoes of anna@example.com", "Anna's browser")
    assert [f"knowledge.article:{article}"] == [each.ref for each in answer.hits]
    (noted,) = searches(both)
    assert answer.search_id == noted.id
    assert "anna" not in noted.text.casefold()
    assert (noted.hits, noted.door, noted.language) == (1, "centre", "en")
    assert noted.visit is not None
    assert "Anna" not in noted.visit


def test_a_search_without_hits_is_noted_too(base: Base) -> None:
    assert not asks(base, "gift card").hits
    assert [0] == [each.hits for each in searches(base)]


def test_a_text_without_words_is_not_noted(base: Base) -> None:
    assert asks(base, "?!").search_id is None
    assert not searches(base)


def test_colleagues_need_no_key_and_are_told_apart(base: Base) -> None:
    for who in ("mia", "mia", "sue"):
        with base.crm.session(base.actor(who)) as session:
            ask(session, "label")
        base.clock.advance(minutes=5)
    first, second, third = searches(base)
    assert first.visit == second.visit != third.visit
    assert str(base.users["mia"]) not in str(first.visit)


def test_the_same_search_again_is_one(base: Base) -> None:
    first = asks(base, "refund", "a")
    base.clock.advance(minutes=1)
    assert asks(base, "Refunds", "a").search_id == first.search_id
    assert asks(base, "refund", "b").search_id != first.search_id
    base.clock.advance(minutes=3)
    assert asks(base, "refund", "a").search_id != first.search_id


def test_visits_of_another_day_cannot_be_told(base: Base) -> None:
    asks(base, "refund", "a")
    base.clock.advance(days=1)
    asks(base, "refund", "a")
    one, other = searches(base)
    assert one.visit != other.visit
    base.run("knowledge.search.clear")
    with base.crm.session(base.actor()) as session:
        assert [other.day] == list(session.scalars(select(VisitSalt.day)))


def test_so_many_searches_of_a_visit_are_noted(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "MOST", 3)
    for word in ("red", "green", "blue", "grey"):
        asks(base, word, "a")
    assert 3 == len(searches(base))


def test_a_search_is_answered_where_it_cannot_be_noted(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    base.published("Return shoes")

    def broken(*_args: Any) -> None:
        raise CrmkitError("no note today")

    monkeypatch.setattr(logging, "write_apart", broken)
    answer = asks(base, "shoes", "a")
    assert answer.hits
    assert answer.search_id is None


def test_a_click_is_noted_once_and_within_a_day(base: Base) -> None:
    article = base.published("Return shoes")
    answer = asks(base, "shoes", "a")
    opens(base, answer, article)
    opens(base, answer, article, 2)
    assert 1 == clicks(base)
    later = asks(base, "shoe", "b")
    base.clock.advance(days=2)
    opens(base, later, article)
    assert 1 == clicks(base)


def test_visitors_note_searches_in_writing_sessions(both: Base) -> None:
    visitor = Actor.visitor(customer_id=None, rights=VISITOR_RIGHTS, language="en", address="203.0.113.7")
    with both.crm.transaction(visitor) as session:
        first = note_search(session, "refund", hits=(), where="centre", visit_key="a")
        assert first is not None
        assert first == note_search(session, "refunds", hits=(), where="centre", visit_key="a")
    assert 1 == len(searches(both))


def test_old_searches_are_deleted(both: Base) -> None:
    article = both.published("Return shoes")
    opens(both, asks(both, "shoes", "a"), article)
    both.clock.advance(days=100)
    asks(both, "label", "a")
    both.clock.advance(days=81)
    assert 1 == both.run("knowledge.search.clear")
    assert ["label"] == [each.text for each in searches(both)]
    assert 0 == clicks(both)


def test_only_the_framework_deletes(base: Base) -> None:
    with pytest.raises(Refused):
        base.run("knowledge.search.clear", who="mia")
