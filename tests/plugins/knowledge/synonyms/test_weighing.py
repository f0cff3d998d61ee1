"""What synonyms count for, in which records, and what they cost."""

from __future__ import annotations

import pytest
from crmkit_knowledge.synonyms.finding import synonyms_of

from crmkit.engines.search.ranking import COMMON, EXACT, SYNONYM, Term, affordable, passed_over
from crmkit.engines.search.searching import search
from crmkit.errors import AlreadyExists
from tests.plugins.knowledge.base import Base


def found(base: Base, words: str) -> list[tuple[str, float]]:
    """Return the titles that a search finds, with their scores."""
    with base.crm.session(base.actor()) as session:
        return [(each.title, each.score) for each in search(session, words, within=["knowledge.article"]).hits]


def test_a_word_in_several_inflections_counts_once(both: Base) -> None:
    """A group that names the plural, too, does not put it before the word itself."""
    both.run("knowledge.synonym.add", {"line": "refund, refunds, reimbursement, reimbursements"})
    both.published("Theirs", "The reimbursement is paid.")
    both.published("Yours", "The refund is paid.")
    assert [title for title, _score in found(both, "refund")] == ["Yours", "Theirs"]


def test_the_best_of_several_counts(both: Base) -> None:
    """Who has the word and another one for it has not said it twice."""
    both.run("knowledge.synonym.add", {"line": "refund, reimbursement, repayment"})
    both.published("Once", "The refund is paid today now.")
    both.published("Both", "The refund reimbursement repayment is paid.")
    (_first, one), (_second, other) = found(both, "refund")
    assert one == other == 1.0


def test_a_common_synonym_does_not_cost_a_rare_word_its_place() -> None:
    """What is in too many documents is left out by itself."""
    rare, said = Term(1, 3, ("32fa",), EXACT, found=5), Term(1, 3, ("3code",), SYNONYM, found=COMMON + 1)
    other = Term(11, 3, ("3login",), EXACT, found=900)
    terms = [rare, said, other]
    assert affordable(terms) == [rare, other]
    assert passed_over(terms, [rare, other]) == []


def test_they_hold_for_articles_alone(base: Base) -> None:
    """A search of everything finds no customers by them, and does find articles."""
    base.run("knowledge.synonym.add", {"line": "smith, blacksmith"})
    base.run("customer.create", {"name": "Anna Blacksmith"})
    base.published("Tools", "For every blacksmith.")
    with base.crm.session(base.actor()) as session:
        assert [each.title for each in search(session, "smith").hits] == ["Tools"]
        assert len(search(session, "blacksmith").hits) == 2


def test_they_are_read_again_where_they_have_changed(base: Base) -> None:
    """And not otherwise."""
    one = base.run("knowledge.synonym.add", {"line": "a, b"})
    with base.crm.session(base.actor()) as session:
        before = synonyms_of(session)
        assert synonyms_of(session) is before
    base.run("knowledge.synonym.change", {"line": "a, c"}, target=one.id)
    with base.crm.session(base.actor()) as session:
        assert [each.terms for each in synonyms_of(session)] == [("a", "c")]
    base.run("knowledge.synonym.remove", target=one.id)
    with base.crm.session(base.actor()) as session:
        assert synonyms_of(session) == ()


@pytest.mark.parametrize("line", ['"two-factor authentication","2FA"', '2FA, "two-factor authentication"'])
def test_terms_may_stand_in_quotation_marks(base: Base, line: str) -> None:
    """As sheets write them."""
    made = base.run("knowledge.synonym.add", {"line": line})
    assert sorted(made.terms) == ["2FA", "two-factor authentication"]


def test_a_comma_may_be_part_of_a_term(base: Base) -> None:
    made = base.run("knowledge.synonym.add", {"line": r"1\,000 points, gold"})
    assert list(made.terms) == ["1,000 points", "gold"]


def test_the_same_in_other_letters_is_the_same(base: Base) -> None:
    base.run("knowledge.synonym.add", {"line": "refund, money back"})
    with pytest.raises(AlreadyExists):
        base.run("knowledge.synonym.add", {"line": "Money Back, REFUND"})
