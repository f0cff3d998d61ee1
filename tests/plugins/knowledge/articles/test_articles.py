"""From a draft to what people read: who does what, and that a newer draft is seen by nobody who reads."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from crmkit_knowledge.articles.errors import ArticleInState, NothingInWork, OwnRevision, RevisionInState
from crmkit_knowledge.articles.finding import revision_numbered, revisions_of, slug_of
from crmkit_knowledge.articles.models import Article, Category, Verification
from crmkit_knowledge.articles.writing import is_stale
from sqlalchemy import select

from crmkit import InvalidInput, NotFound
from crmkit.errors import AlreadyExists, Refused
from tests.plugins.knowledge.base import START, Base


def states(base: Base, article: UUID) -> list[tuple[int, str]]:
    """Return the revisions of an article with their states, the newest first."""
    with base.crm.session(base.actor()) as session:
        return [(each.number, each.state) for each in revisions_of(session, session.get_one(Article, article))]


def test_an_article_goes_from_a_draft_to_its_readers(both: Base) -> None:
    article = both.write("Send it back", "Use the label.", who="sue")
    assert ("new", None, []) == (both.article(article).state, both.article(article).body, both.found("label"))
    both.run("knowledge.article.submit", target=article, who="sue")
    both.run("knowledge.article.approve", {"answer": "Good."}, target=article, who="mia")
    both.run("knowledge.article.release", target=article, who="mia")
    found = both.article(article)
    assert ("published", "Use the label.", 1) == (found.state, found.body, found.released)
    assert ["Send it back"] == both.found("label")
    assert [(1, "released")] == states(both, article)


def test_readers_see_what_is_released_while_a_newer_revision_is_written(both: Base) -> None:
    article = both.published("Send it back", "Use the label.")
    both.run("knowledge.article.revise", {"title": "Return it", "body": "Use the sticker."}, target=article)
    found = both.article(article)
    assert ("Send it back", "Use the label.", 1, 2) == (found.title, found.body, found.released, found.newest)
    assert ([], ["Send it back"]) == (both.found("sticker"), both.found("label"))
    both.publish(article)
    assert (["Return it"], []) == (both.found("sticker"), both.found("label"))
    assert [(2, "released"), (1, "superseded")] == states(both, article)


def test_what_is_withdrawn_is_never_found(both: Base) -> None:
    article = both.published()
    both.run("knowledge.article.archive", target=article)
    assert [] == both.found("label")
    with pytest.raises(ArticleInState):
        both.run("knowledge.article.archive", target=article)
    both.run("knowledge.article.bring_back", target=article)
    assert ["Send it back"] == both.found("label")


def test_four_eyes_see_more_than_two(base: Base) -> None:
    article = base.write(who="mia")
    base.run("knowledge.article.submit", target=article, who="mia")
    with pytest.raises(OwnRevision):
        base.run("knowledge.article.approve", target=article, who="mia")
    base.run("knowledge.article.approve", target=article, who="max")


def test_who_changes_a_draft_has_written_it(base: Base) -> None:
    """Otherwise a colleague's draft could be rewritten and approved by the same person."""
    article = base.write(who="sue")
    base.run("knowledge.article.revise", {"body": "Something else."}, target=article, who="mia")
    base.run("knowledge.article.submit", target=article, who="sue")
    with pytest.raises(OwnRevision):
        base.run("knowledge.article.approve", target=article, who="mia")


def test_a_space_may_trust_each_of_them(base: Base) -> None:
    base.run("knowledge.space.create", {"name": "notes", "four_eyes": False})
    article = base.write(who="mia", space="notes")
    base.run("knowledge.article.submit", target=article, who="mia")
    base.run("knowledge.article.approve", target=article, who="mia")


def test_who_writes_does_not_approve_or_publish_without_the_right(base: Base) -> None:
    article = base.write(who="sue")
    base.run("knowledge.article.submit", target=article, who="sue")
    for step in ("approve", "release", "archive"):
        with pytest.raises(Refused):
            base.run(f"knowledge.article.{step}", target=article, who="sue")


def test_a_revision_that_waits_is_not_changed(base: Base) -> None:
    article = base.write()
    base.run("knowledge.article.submit", target=article)
    with pytest.raises(RevisionInState):
        base.run("knowledge.article.revise", {"body": "Other."}, target=article)
    base.run("knowledge.article.send_back", {"answer": "Say which label."}, target=article)
    base.run("knowledge.article.revise", {"body": "Use the blue label."}, target=article)
    assert [(1, "draft")] == states(base, article)


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        ([], "approve"),
        ([], "release"),
        ([], "send_back"),
        (["submit"], "submit"),
        (["submit"], "release"),
        (["submit", "approve"], "approve"),
    ],
)
def test_steps_are_taken_in_their_order(base: Base, steps: list[str], refused: str) -> None:
    article = base.write()
    for step in steps:
        base.run(f"knowledge.article.{step}", target=article)
    with pytest.raises(RevisionInState):
        base.run(f"knowledge.article.{refused}", {"answer": "No."} if refused == "send_back" else {}, target=article)


def test_where_nothing_is_in_work_there_is_nothing_to_submit(base: Base) -> None:
    article = base.published()
    with pytest.raises(NothingInWork):
        base.run("knowledge.article.submit", target=article)


def test_a_draft_without_a_text_is_not_submitted(base: Base) -> None:
    article = base.write(body="  ")
    with pytest.raises(InvalidInput, match="no text"):
        base.run("knowledge.article.submit", target=article)


def test_an_earlier_revision_comes_back_as_a_new_one(base: Base) -> None:
    article = base.published(body="First.")
    base.run("knowledge.article.revise", {"body": "Second."}, target=article)
    base.publish(article)
    base.run("knowledge.article.restore", {"number": 1}, target=article)
    assert [(3, "draft"), (2, "released"), (1, "superseded")] == states(base, article)
    with base.crm.session(base.actor()) as session:
        assert "First." == revision_numbered(session, session.get_one(Article, article), 3).body
    with pytest.raises(NotFound):
        base.run("knowledge.article.restore", {"number": 9}, target=base.published("Another"))


def test_what_is_to_be_published_later_is_published_then(both: Base) -> None:
    article = both.write()
    both.run("knowledge.article.submit", target=article)
    both.run("knowledge.article.approve", target=article)
    both.run("knowledge.article.release", {"at": START + timedelta(days=2)}, target=article)
    both.due()
    assert "new" == both.article(article).state
    both.clock.advance(days=2, minutes=1)
    both.due()
    assert "published" == both.article(article).state
    late = both.write("Another")
    both.run("knowledge.article.submit", target=late)
    both.run("knowledge.article.approve", target=late)
    with pytest.raises(InvalidInput, match="passed"):
        both.run("knowledge.article.release", {"at": START}, target=late)


def test_what_is_sent_back_is_not_published_by_the_clock(base: Base) -> None:
    article = base.write()
    base.run("knowledge.article.submit", target=article)
    base.run("knowledge.article.approve", target=article)
    base.run("knowledge.article.release", {"at": START + timedelta(days=2)}, target=article)
    base.run("knowledge.article.send_back", {"answer": "Wait."}, target=article)
    base.clock.advance(days=3)
    base.due()
    assert "new" == base.article(article).state


def test_what_is_over_is_archived(both: Base) -> None:
    article = both.published()
    both.run("knowledge.article.update", {"expire_at": START + timedelta(days=1)}, target=article)
    both.clock.advance(days=1, minutes=1)
    both.due()
    assert "archived" == both.article(article).state
    assert [] == both.found("label")


def test_nobody_has_said_that_it_is_still_right(both: Base) -> None:
    article = both.published()
    assert date(2028, 3, 1) == both.article(article).verify_on
    both.clock.advance(days=367)
    both.due()
    assert "needs_verification" == both.article(article).state
    assert ["Send it back"] == both.found("label"), "it is shown still"
    both.run("knowledge.article.verify", {"note": "Looked at it."}, target=article, who="mia")
    found = both.article(article)
    assert ("published", date(2029, 3, 2)) == (found.state, found.verify_on)
    with both.crm.session(both.actor()) as session:
        rows = session.scalars(select(Verification).order_by(Verification.at, Verification.id)).all()
        assert ["verified", "overdue", "verified"] == [each.outcome for each in rows]
    both.due()
    assert "published" == both.article(article).state


def test_a_translation_knows_when_its_source_has_moved_on(both: Base) -> None:
    source = both.published("Send it back", "Use the label.")
    chinese = both.run("knowledge.article.translate", {"language": "zh_Hans"}, target=source).id
    both.run("knowledge.article.revise", {"title": "退货", "body": "请使用标签。"}, target=chinese)
    both.publish(chinese)
    assert ["退货"] == both.found("标签")
    assert not is_stale(both.article(chinese), both.article(source))
    both.run("knowledge.article.revise", {"body": "Use the sticker."}, target=source)
    assert not is_stale(both.article(chinese), both.article(source)), "what is not released is not yet there"
    both.publish(source)
    assert is_stale(both.article(chinese), both.article(source))
    both.run("knowledge.article.follow", target=chinese)
    assert not is_stale(both.article(chinese), both.article(source))
    with pytest.raises(AlreadyExists):
        both.run("knowledge.article.translate", {"language": "zh_Hans"}, target=source)
    with pytest.raises(AlreadyExists):
        both.run("knowledge.article.translate", {"language": "en"}, target=chinese)


def test_what_is_not_released_is_not_translated(base: Base) -> None:
    with pytest.raises(InvalidInput, match="released"):
        base.run("knowledge.article.translate", {"language": "de"}, target=base.write())


def test_addresses_are_unique_and_plain(base: Base) -> None:
    one, two, three = base.write("Élan vital!"), base.write("Elan vital"), base.write("退货")
    assert "elan-vital" == base.article(one).slug
    assert f"elan-vital-{base.article(two).number}" == base.article(two).slug
    assert str(base.article(three).number) == base.article(three).slug
    base.run("knowledge.article.update", {"slug": "a-new-one"}, target=one)
    for wrong in ("", "A b", "a--b", "-a", base.article(two).slug):
        with pytest.raises(InvalidInput):
            base.run("knowledge.article.update", {"slug": wrong}, target=one)
    with base.crm.session(base.actor()) as session:
        assert "x" == slug_of(session, "X", 1)


def test_numbers_follow_each_other(base: Base) -> None:
    assert [1001, 1002] == [base.article(base.write(title)).number for title in ("A", "B")]


def test_categories_are_a_tree(base: Base) -> None:
    base.run("knowledge.category.create", {"name": "orders"})
    base.run("knowledge.category.create", {"name": "returns", "parent": "orders"})
    with base.crm.session(base.actor()) as session:
        ids = {each.name: each.id for each in session.scalars(select(Category))}
    with pytest.raises(InvalidInput, match="itself"):
        base.run("knowledge.category.update", {"parent": "returns"}, target=ids["orders"])
    article = base.write(category="returns")
    assert ids["returns"] == base.article(article).category_id
    with pytest.raises(NotFound, match="returns"):
        base.write("Another", category="retuns")
    with pytest.raises(AlreadyExists):
        base.run("knowledge.category.create", {"name": "orders"})


@pytest.mark.parametrize("name", ["", "A", "1a", "a b"])
def test_a_name_is_a_name(base: Base, name: str) -> None:
    with pytest.raises(InvalidInput):
        base.run("knowledge.space.create", {"name": name})


def test_what_is_due_is_done_by_the_framework_alone(base: Base) -> None:
    with pytest.raises(Refused):
        base.run("knowledge.article.run_due", who="mia")
