"""Words that say the same: who finds what by them, and what can be said."""

from __future__ import annotations

import pytest
from crmkit_knowledge.centre.finding import search_texts
from crmkit_knowledge.suggesting.suggesting import suggest
from crmkit_knowledge.synonyms.models import SynonymGroup
from sqlalchemy import select

from crmkit.engines.search.searching import search
from crmkit.errors import AlreadyExists, InvalidInput, Refused
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.centre.test_site import text


def found(base: Base, words: str, who: str = "") -> list[str]:
    """Return the titles that a search of colleagues finds."""
    with base.crm.session(base.actor(who)) as session:
        return [each.title for each in search(session, words, within=["knowledge.article"]).hits]


@pytest.mark.parametrize(
    ("line", "body", "asked"),
    [
        ("refund, money back", "We send the money back.", "refunds"),
        ("refund, money back", "A refund takes a week.", "money back"),
        ("2fa => two-factor authentication", "Set up two-factor authentication.", "2FA"),
        ("2fa, two-factor authentication", "A code of 2FA.", "lost my two factor authentication"),
        ("退货，退回商品", "退回商品需要三天。", "我要退貨"),
        ("refund, reimbursement", "Reimbursements are paid weekly.", "refund"),
    ],
)
def test_what_says_the_same_is_found(both: Base, line: str, body: str, asked: str) -> None:
    """Words, several words, other endings, and both Chinese scripts; without the synonyms it is not."""
    both.published("Answer", body, language="zh_Hans" if "退" in body else "en")
    assert found(both, asked) == []
    both.run("knowledge.synonym.add", {"line": line})
    assert found(both, asked) == ["Answer"]


def test_one_way_is_one_way(base: Base) -> None:
    base.run("knowledge.synonym.add", {"line": "phone => smartphone"})
    base.published("A", "A smartphone.")
    base.published("B", "A phone.")
    assert sorted(found(base, "phone")) == ["A", "B"]
    assert found(base, "smartphone") == ["A"]


def test_words_apart_are_no_term(base: Base) -> None:
    """A term of several words is asked for where they stand one right after the other, and not in quotation marks."""
    base.run("knowledge.synonym.add", {"line": "refund, money back"})
    base.published("A", "A refund.")
    assert found(base, "back to the money") == []
    assert found(base, '"money back"') == []


def test_the_very_word_comes_first(both: Base) -> None:
    """What says the same counts for a little less, and not twice where a text has both."""
    both.run("knowledge.synonym.add", {"line": "refund, reimbursement"})
    both.published("Other", "The reimbursement is paid.")
    both.published("Same", "The refund is paid.")
    assert found(both, "refund") == ["Same", "Other"]


def test_what_was_found_is_marked(base: Base) -> None:
    base.run("knowledge.synonym.add", {"line": "refund, money back"})
    base.published("A", "We send the money back.")
    with base.crm.session(base.actor()) as session:
        (hit,) = search(session, "refund", within=["knowledge.article"]).hits
    assert [hit.snippet[start:end] for start, end in hit.highlights] == ["money", "back"]


def test_visitors_find_by_them(base: Base) -> None:
    """In the help centre, and among what is suggested."""
    base.run("knowledge.synonym.add", {"line": "refund, money back"})
    base.published("A way", "We send the money back.")
    assert "A way" in text(base, "search?q=refund")
    with base.crm.session(base.actor()) as session:
        assert [each.text.title for each in search_texts(session, "refund", "en")] == ["A way"]
        assert [each.title for each in suggest(session, "Where is my refund?", language="en", limit=3)] == ["A way"]


def test_they_open_nothing(base: Base) -> None:
    """Who may not read an article does not find it by another word."""
    base.run("knowledge.synonym.add", {"line": "refund, money back"})
    base.published("For managers", "The money back.", audience="role", audience_of=["manager"])
    assert (found(base, "refund", "sue"), found(base, "refund", "mia")) == ([], ["For managers"])


def test_they_are_changed_and_removed(base: Base) -> None:
    """Searches know at once."""
    base.published("A", "We send the money back.")
    group = base.run("knowledge.synonym.add", {"line": "repay, money back"})
    base.run("knowledge.synonym.change", {"line": "refund, money back"}, target=group.id)
    assert (found(base, "repay"), found(base, "refund")) == ([], ["A"])
    base.run("knowledge.synonym.remove", target=group.id)
    assert found(base, "refund") == []


@pytest.mark.parametrize("line", ["", "refund", "refund, Refund", "a => ", "=> b", "refund, !!!", "a, " + "x" * 61])
def test_what_says_nothing_is_refused(base: Base, line: str) -> None:
    with pytest.raises(InvalidInput):
        base.run("knowledge.synonym.add", {"line": line})


def test_the_same_twice_is_refused(base: Base) -> None:
    base.run("knowledge.synonym.add", {"line": "a b, c"})
    with pytest.raises(AlreadyExists):
        base.run("knowledge.synonym.add", {"line": "c, a b"})


def test_who_may_change_them(base: Base) -> None:
    with pytest.raises(Refused):
        base.run("knowledge.synonym.add", {"line": "a, b"}, who="sue")
    base.run("knowledge.synonym.add", {"line": "a, b"}, who="mia")


def test_a_file_is_taken_whole_or_not(base: Base) -> None:
    """What is wrong is told by its line."""
    with pytest.raises(InvalidInput, match="line 3"):
        base.run("knowledge.synonym.import", {"text": "# words\nrefund, money back\nalone\n"})
    with base.crm.session(base.actor()) as session:
        assert session.scalars(select(SynonymGroup)).all() == []
    made = base.run("knowledge.synonym.import", {"text": "\ufeff# words\n\nrefund, money back\na => b, c\na => c, b"})
    assert (made.added, made.known) == (2, 1)
