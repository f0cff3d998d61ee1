"""Views and votes: each counts once for a visit, and nothing of whoever read is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from crmkit_knowledge.helpful.models import Seen, View
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from crmkit import InvalidInput, NotFound
from tests.plugins.knowledge.asked.known import asks, searches
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.helpful.known import help_of, reads, revise, say, says, views, votes

_ONCE = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_a_view_counts_once_for_a_visit_and_day(both: Base) -> None:
    one, other = both.published("One"), both.published("Two")
    assert [True, False, True, True] == [
        reads(both, *each) for each in ((one, "a"), (one, "a"), (one, "b"), (other, "a"))
    ]
    both.clock.advance(days=1)
    assert reads(both, one, "a")
    assert 4 == views(both)


def test_views_are_kept_by_revision_day_and_door(base: Base) -> None:
    article = base.published()
    reads(base, article, "a")
    reads(base, article, "b", door="suggestion")
    revise(base, article)
    reads(base, article, "c")
    with base.crm.session(base.actor()) as session:
        found = {(each.revision, each.door, each.views) for each in session.scalars(select(View))}
    assert {(1, "centre", 1), (1, "suggestion", 1), (2, "centre", 1)} == found


def test_nothing_is_counted_without_a_visit_or_an_article_that_is_shown(base: Base) -> None:
    article, draft = base.published(), base.write("Draft")
    assert not reads(base, article, " ")
    assert not reads(base, draft, "a")
    assert 0 == views(base)


def test_colleagues_read_what_is_not_for_everybody(base: Base) -> None:
    article = base.published(audience="internal")
    assert base.run("knowledge.article.view", {"article_id": article, "visit": "a", "door": "staff"}, who="sue")


def test_a_view_of_a_search_is_its_click(base: Base) -> None:
    article = base.published("Return shoes")
    answer = asks(base, "shoes", "a")
    reads(base, article, "a", search_id=answer.search_id, rank=1)
    from crmkit_knowledge.asked.models import SearchClick

    with base.crm.session(base.actor()) as session:
        assert [(searches(base)[0].id, 1)] == [
            (each.search_id, each.rank) for each in session.scalars(select(SearchClick))
        ]


def test_which_visit_read_what_is_forgotten_after_the_day(both: Base) -> None:
    reads(both, both.published(), "a")
    both.clock.advance(days=1)
    both.run("knowledge.vote.clear")
    with both.crm.session(both.actor()) as session:
        assert 0 == session.scalar(select(func.count()).select_from(Seen))
    assert 1 == views(both)


@_ONCE
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 1])), max_size=8))
def test_however_often_a_visit_reads_it_counts_once(base: Base, read: list[tuple[str, int]]) -> None:
    articles = [base.published("One"), base.published("Two")]
    before = views(base)
    for visit, article in read:
        reads(base, articles[article], visit)
    assert len(set(read)) == views(base) - before


def test_a_vote_is_kept_and_a_second_one_replaces_it(both: Base) -> None:
    article = both.published()
    first = says(both, article, "a", True)
    assert (1, 0) == (help_of(both, article).overall.yes, help_of(both, article).overall.no)
    assert first == says(both, article, "a", False, reason="unclear", comment="Which label?")
    says(both, article, "b", True)
    found = help_of(both, article)
    assert (1, 1) == (found.overall.yes, found.overall.no)
    assert ("unclear", "Which label?", "open") == next(
        (each.reason, each.comment, each.state) for each in votes(both) if each.id == first
    )


@_ONCE
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=8))
def test_the_last_vote_of_each_visit_counts(base: Base, said: list[tuple[str, bool]]) -> None:
    article = base.published()
    for visit, helpful in said:
        says(base, article, visit, helpful)
    last = dict(said)
    found = help_of(base, article).overall
    assert (sum(last.values()), len(last)) == (found.yes, found.all)


def test_personal_data_are_taken_out_of_comments(base: Base) -> None:
    article = base.published()
    says(base, article, "a", False, comment="Write to anna@example.com or call 138 0013 8000, it is wrong")
    (kept,) = votes(base)
    assert kept.comment is not None
    assert "@" not in kept.comment
    assert "138" not in kept.comment
    assert kept.comment.endswith("it is wrong")


def test_a_helpful_vote_has_no_reason(base: Base) -> None:
    says(base, base.published(), "a", True, reason="wrong")
    assert votes(base)[0].reason is None


def test_a_vote_needs_a_visit_and_an_article_for_everybody(base: Base) -> None:
    with pytest.raises(InvalidInput):
        says(base, base.published("One"), "", True)
    for hidden in (base.write("Draft"), base.published("Internal", audience="internal")):
        with pytest.raises(NotFound):
            says(base, hidden, "a", True)


def test_votes_on_earlier_revisions_stand_apart(both: Base) -> None:
    article = both.published()
    say(both, article, 1, 3)
    both.clock.advance(days=1)
    revise(both, article)
    say(both, article, 2, 0)
    found = help_of(both, article)
    assert [(1, 3), (2, 0), (3, 3)] == [(each.yes, each.no) for each in (found.earlier, found.released, found.overall)]
    assert 0.34 < found.low < 0.35


def test_old_comments_are_deleted_and_votes_stay(base: Base) -> None:
    article = base.published()
    says(base, article, "a", False, comment="Wrong")
    base.clock.advance(days=731)
    assert 1 == base.run("knowledge.vote.clear")
    assert [(None, "none")] == [(each.comment, each.state) for each in votes(base)]


def test_what_one_visit_does_at_the_same_time_counts_once(both: Base) -> None:
    article = both.published()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _each: reads(both, article, "a"), range(4)))
        list(threads.map(lambda number: says(both, article, "a", number % 2 == 0), range(4)))
        list(threads.map(lambda number: reads(both, article, f"b{number}"), range(4)))
    assert 5 == views(both)
    assert 1 == len(votes(both))
