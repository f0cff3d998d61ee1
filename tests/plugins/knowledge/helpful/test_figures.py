"""Rankings, doubts and comments."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_knowledge.helpful.errors import CommentInState
from crmkit_knowledge.helpful.figures import Votes, least_helpful, most_viewed, open_comments
from hypothesis import given, strategies as st

from crmkit import Refused
from crmkit.errors import CrmkitError
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.helpful.known import reads, revise, say, says
from tests.plugins.knowledge.policies.test_reports import figures


def heard(base: Base, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list that gets every event from now on."""
    found: list[Any] = []
    gate = type(base.crm.gate)
    before = gate.emit

    def emit(self: Any, session: Any, item: Any) -> Any:
        found.append(item)
        return before(self, session, item)

    monkeypatch.setattr(gate, "emit", emit)
    return found


def test_what_helps_least_comes_first(both: Base) -> None:
    bad, good, few = (both.published(title) for title in ("Bad", "Good", "Few"))
    say(both, bad, 1, 7)
    say(both, good, 7, 1)
    say(both, few, 0, 2)
    with both.crm.session(both.actor("sue")) as session:
        assert ["Bad", "Good"] == [each.article.title for each in least_helpful(session)]


def test_few_votes_do_not_rank_below_many(base: Base) -> None:
    """Three of three that say no are less certain than two of twelve that say yes."""
    few, many = base.published("Few"), base.published("Many")
    say(base, few, 0, 3)
    say(base, many, 2, 12)
    with base.crm.session(base.actor("sue")) as session:
        assert ["Many", "Few"] == [each.article.title for each in least_helpful(session)]


def test_what_is_read_most_comes_first(both: Base) -> None:
    one, two = both.published("One"), both.published("Two")
    for visit in "abc":
        reads(both, two, visit)
    reads(both, one, "a")
    with both.crm.session(both.actor("sue")) as session:
        assert [("Two", 3), ("One", 1)] == [(each.article.title, each.views) for each in most_viewed(session)]


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_interval_holds_the_share(yes: int, no: int) -> None:
    share = Votes(yes=yes, no=no).share
    assert share.low is not None
    assert share.high is not None
    assert 0 <= share.low <= share.high <= 1
    assert share.value is None or share.low <= share.value <= share.high


def test_an_article_is_doubted_once_for_each_revision(both: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    article = both.published(owner_id=both.users["sue"])
    say(both, article, 1, 8)
    assert 0 == both.run("knowledge.article.doubt")
    both.clock.advance(minutes=1)
    say(both, article, 0, 1)
    told = heard(both, monkeypatch)
    assert [1, 0] == [both.run("knowledge.article.doubt") for _each in range(2)]
    (event,) = [each for each in told if type(each).__name__ == "ArticleDoubted"]
    assert (article, 1, 1, 10) == (event.article_id, event.revision, event.helpful, event.votes)
    revise(both, article)
    assert 0 == both.run("knowledge.article.doubt")
    both.clock.advance(days=1)
    say(both, article, 0, 10)
    assert 1 == both.run("knowledge.article.doubt")


def test_an_article_that_helps_half_of_them_is_not_doubted(base: Base) -> None:
    say(base, base.published(), 5, 7)
    assert 0 == base.run("knowledge.article.doubt")


def test_an_owner_is_told_where_work_is_enabled(base: Base) -> None:
    base.crm.enable("work")
    from crmkit_work.notices.models import Notice
    from sqlalchemy import select

    article = base.published(owner_id=base.users["sue"])
    say(base, article, 0, 10)
    base.crm.worker().run_until_idle()
    base.run("knowledge.article.doubt")
    with base.crm.session(base.actor()) as session:
        assert [base.users["sue"]] == [
            each.user_id for each in session.scalars(select(Notice)) if each.kind == "knowledge.doubted"
        ]


def test_only_the_framework_doubts(base: Base) -> None:
    for name in ("knowledge.article.doubt", "knowledge.vote.clear"):
        with pytest.raises(Refused):
            base.run(name, who="mia")


def test_a_comment_on_what_did_not_help_is_told_once(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    article = base.published()
    told = heard(base, monkeypatch)
    says(base, article, "a", True, comment="Nice")
    says(base, article, "b", False)
    for _each in range(2):
        says(base, article, "c", False, reason="wrong", comment="The label is blue")
    assert ["wrong"] == [each.reason for each in told if type(each).__name__ == "ArticleCommented"]


def test_comments_are_settled_and_looked_at_again(base: Base) -> None:
    article = base.published()
    vote = says(base, article, "a", False, comment="The label is blue")

    def listed(state: str) -> int:
        with base.crm.session(base.actor("sue")) as session:
            return len(open_comments(session, state=state))

    base.run("knowledge.vote.settle", target=vote, who="sue")
    assert (0, 1) == (listed("open"), listed("done"))
    with pytest.raises(CommentInState):
        base.run("knowledge.vote.settle", target=vote, who="sue")
    says(base, article, "a", False, comment="The label is blue")
    assert (0, 1) == (listed("open"), listed("done"))
    base.run("knowledge.vote.reopen", target=vote, who="sue")
    assert (1, 0) == (listed("open"), listed("done"))


def test_comments_on_articles_for_others_are_not_shown(base: Base) -> None:
    article = base.published(audience="role", audience_of=["analyst"])
    given = {"article_id": article, "helpful": False, "visit": "a", "door": "staff", "comment": "Blue"}
    base.run("knowledge.article.vote", given)
    with base.crm.session(base.actor("sue")) as session:
        assert not open_comments(session)
    with pytest.raises(CrmkitError):
        base.run("knowledge.article.vote", given, who="sue")


def test_helpfulness_is_reported_by_article_and_language(both: Base) -> None:
    one, two = both.published("One"), both.published("Two", language="zh_Hans")
    say(both, one, 2, 1)
    says(both, two, "a", False, comment="Wrong")
    for visit in "ab":
        reads(both, two, visit)
    names = ("views", "votes", "helpful", "comments")
    given = {"period": "2027-01-01..2027-12-31"}
    assert {"en": (0, 3, 2, 0), "zh_Hans": (2, 1, 0, 1)} == figures(
        both, "knowledge.helpfulness", *names, by="language", **given
    )
    assert {"2027-03": (2, 4, 2, 1)} == figures(both, "knowledge.helpfulness", *names, by="month", **given)
    assert {"Help": (2, 4, 2, 1)} == figures(both, "knowledge.helpfulness", *names, by="space", **given)
    by_article = figures(both, "knowledge.helpfulness", *names, **given)
    assert {(0, 3, 2, 0), (2, 1, 0, 1)} == set(by_article.values())
