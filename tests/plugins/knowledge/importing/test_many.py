"""Articles that come together are what they would be one by one, and one that is refused costs itself alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from crmkit_knowledge.articles.models import Article, PublicText, Revision, Verification
from crmkit_knowledge.rendering.models import Reference
from crmkit_knowledge.tags.models import ArticleTag
from sqlalchemy import select

from crmkit import Refused
from crmkit.core.operations.outcome import Outcome
from crmkit.core.operations.tables import AuditRecord
from tests.plugins.knowledge.base import Base

IMPORT = "knowledge.article.import"
OWN = {"id", "article_id", "number", "slug", "external_source", "version", "created_at", "updated_at", "recorded_at"}
"""What differs between two articles that say the same."""
ITEMS: tuple[dict[str, Any], ...] = (
    {"external_id": "1", "title": " Send  it back", "body": "Use the **label**; see [how](article:1001)."},
    {"external_id": "2", "title": "", "body": "What to do. And then.", "tags": ("post", "Post"), "kind": "faq"},
    {"external_id": "3", "title": "Draft", "body": "Later.", "state": "draft", "summary": " In short "},
    {"external_id": "4", "title": "Known", "body": "Inside :::internal\nSecret\n:::", "verify_on": "2028-01-01"},
    {"external_id": "5", "title": "For colleagues", "body": "Text.", "audience": "internal", "category": "post"},
    {"external_id": "6", "title": "退款", "body": "三天内。", "language": "zh_Hans", "state": "published"},
    {"external_id": "7", "title": "Old", "body": "Gone.", "state": "archived"},
)


def many(base: Base, items: Sequence[dict[str, Any]], who: str = "", **more: Any) -> list[Outcome]:
    """Take articles over together."""
    given = [{"source": "many", **more, **each} for each in items]
    return base.crm.run_many(base.actor(who), IMPORT, given)


def became(outcomes: Sequence[Outcome]) -> list[str]:
    """Return what became of each."""
    return [str(each.result.became) if each.ok else each.problems[0].code for each in outcomes]


def rows(base: Base, source: str) -> list[Any]:
    """Return what there is of the articles of a source, without what is each one's own."""
    with base.crm.session(base.actor()) as session:
        articles = session.scalars(select(Article).where(Article.external_source == source))
        ordered = sorted(articles, key=lambda each: str(each.external_id))
        found: list[Any] = []
        for article in ordered:
            parts: list[Any] = [article]
            for model in (Revision, Verification, PublicText, Reference, ArticleTag):
                parts += session.scalars(select(model).where(model.article_id == article.id))
            found.append(
                [{c.key: getattr(each, c.key) for c in each.__table__.c if c.key not in OWN} for each in parts]
            )
        return found


def test_together_they_are_what_they_are_one_by_one(both: Base) -> None:
    both.run("knowledge.category.create", {"name": "post"})
    for each in ITEMS:
        both.run(IMPORT, {"source": "one", **each})
    assert ["created"] * len(ITEMS) == became(many(both, ITEMS))
    assert rows(both, "one") == rows(both, "many")
    assert ["unchanged"] * 6 == became(many(both, ITEMS[:6]))


def test_they_are_found_at_once_and_withdrawn_never(both: Base) -> None:
    many(both, ITEMS)
    assert (["What to do."], [], []) == (both.found("what"), both.found("later"), both.found("gone"))


def test_what_is_named_twice_comes_once(base: Base) -> None:
    items = [{"external_id": "1", "title": "One", "body": body} for body in ("First.", "First.", "Second.")]
    assert ["created", "unchanged", "updated"] == became(many(base, items))


def test_one_that_is_refused_costs_itself_alone(base: Base) -> None:
    wrong: list[dict[str, Any]] = [
        {"title": " ", "body": " "},
        {"title": "A", "body": "A.", "space": "none"},
        {"title": "B", "body": "B.", "slug": "Not one"},
        {"title": "C", "body": "C.", "category": "none"},
        {"title": "D", "body": "D.", "translates": "nowhere"},
        {"title": "E", "body": "E.", "tags": ("x" * 61,)},
    ]
    right = {"title": "Right", "body": "Text."}
    outcomes = many(base, [{"external_id": str(place), **each} for place, each in enumerate([*wrong, right])])
    assert ["created"] == [each for each in became(outcomes) if each == "created"]
    assert outcomes[-1].ok
    assert ["Right"] == base.found("text")


def test_addresses_and_numbers_are_kept_where_they_are_free(base: Base) -> None:
    items = [
        {"external_id": "1", "title": "Same", "body": "1."},
        {"external_id": "2", "title": "Same", "body": "2.", "number": 5000},
        {"external_id": "3", "title": "Same", "body": "3.", "number": 5000, "slug": "own"},
        {"external_id": "4", "title": "Same", "body": "4.", "slug": "own"},
    ]
    numbers = [each.result.number for each in many(base, items)]
    assert [1001, 5000, 5001, 5002] == numbers
    with base.crm.session(base.actor()) as session:
        slugs = session.scalars(select(Article.slug).order_by(Article.number)).all()
    assert ["same", "same-5000", "own", "same-5002"] == slugs
    assert 5003 == base.run(IMPORT, {"source": "x", "external_id": "5", "title": "Next", "body": "5."}).number


def test_one_translates_another_that_came_with_it(base: Base) -> None:
    items = [
        {"external_id": "1", "title": "Send it back", "body": "Text."},
        {"external_id": "2", "title": "退货", "body": "文字。", "language": "zh_Hans", "translates": "send-it-back"},
    ]
    first, second = (each.result.id for each in many(base, items))
    assert first == base.article(second).translates_id


def test_an_address_that_is_hidden_from_who_acts_costs_one_article(both: Base) -> None:
    hidden = {"source": "x", "external_id": "1", "title": "Hidden", "body": "Text."}
    both.run(IMPORT, {**hidden, "audience": "role", "audience_of": ("admin",)})
    items = [{"external_id": each, "title": each, "body": "Text."} for each in ("Hidden", "Seen")]
    outcomes = many(both, items, who="mia")
    assert [False, True] == [each.ok for each in outcomes]


def test_who_may_not_take_over_takes_nothing_over(base: Base) -> None:
    with pytest.raises(Refused):
        many(base, ITEMS, who="sue")
    assert [] == rows(base, "many")


def test_a_batch_is_audited_once(base: Base) -> None:
    many(base, ITEMS[:2])
    with base.crm.session(base.actor()) as session:
        items = session.scalars(select(AuditRecord.items).where(AuditRecord.operation == IMPORT)).all()
    assert [2] == items
