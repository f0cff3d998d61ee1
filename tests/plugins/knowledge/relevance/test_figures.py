"""Figures of rankings, by hand and as published."""

from __future__ import annotations

from math import log2

import pytest
from crmkit_knowledge.relevance.figures import Asked, average_precision, first_rank, ndcg, relevance_of
from hypothesis import given, strategies as st


def asked(found: str, **relevant: int) -> Asked:
    """Return a question; articles are single letters."""
    return Asked(question="?", found=list(found), relevant=relevant)


def test_gains_are_discounted_by_rank() -> None:
    """Relevances 3, 2, 3, 0, 1, 2 at the ranks 1 to 6: the example of the gain 2^r - 1 in Manning, Raghavan & Schütze
    style, computed by hand."""
    question = asked("abcdef", a=3, b=2, c=3, e=1, f=2)
    gained = 7 / log2(2) + 3 / log2(3) + 7 / log2(4) + 0 + 1 / log2(6) + 3 / log2(7)
    best = 7 / log2(2) + 7 / log2(3) + 3 / log2(4) + 3 / log2(5) + 1 / log2(6)
    assert pytest.approx(gained / best) == ndcg(question)


def test_precision_is_taken_where_something_relevant_stands() -> None:
    """At the ranks 1, 3 and 5 of five, with one relevant article that is not found: (1 + 2/3 + 3/5 + 0) / 4."""
    assert pytest.approx((1 + 2 / 3 + 3 / 5) / 4) == average_precision(asked("abcde", a=1, c=1, e=1, z=1))


def test_a_set_of_questions() -> None:
    found = relevance_of([asked("ab", a=1), asked("ba", a=1), asked("xy", a=1), asked("ab")])
    assert (3, 1) == (found.questions, found.skipped)
    assert pytest.approx((1 + 0.5) / 3) == found.mrr10
    assert pytest.approx((1 + 1 / log2(3)) / 3) == found.ndcg10
    assert (pytest.approx(2 / 3), pytest.approx(1 / 3)) == (found.recall10, found.top1)
    assert [None, 2] == [each.rank for each in found.worst]


def test_no_questions_are_no_error() -> None:
    assert (0, 0.0) == (relevance_of([]).questions, relevance_of([]).ndcg10)


@given(
    st.permutations("abcdefghijkl"),
    st.dictionaries(st.sampled_from("abcdefghijklmno"), st.integers(0, 3), min_size=1, max_size=8),
)
def test_figures_are_shares_and_the_best_order_is_perfect(order: list[str], relevant: dict[str, int]) -> None:
    question = Asked(question="?", found=order, relevant=relevant)
    assert 0 <= ndcg(question) <= 1 + 1e-12
    assert 0 <= average_precision(question) <= 1
    rank = first_rank(question)
    assert rank is None or relevant[order[rank - 1]] > 0
    if any(relevant.values()):
        best = sorted(relevant, key=lambda each: -relevant[each])
        perfect = Asked(question="?", found=best, relevant=relevant)
        assert pytest.approx(1) == ndcg(perfect)
        assert pytest.approx(1) == average_precision(perfect)
