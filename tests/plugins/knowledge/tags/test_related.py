"""Which articles are related."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.tags.related import related

from tests.plugins.knowledge.base import Base


def titles(base: Base, article: UUID, who: str = "", linked: Iterable[UUID] = (), limit: int = 5) -> list[str]:
    """Return the titles of what is related to an article."""
    with base.crm.session(base.actor(who)) as session:
        found = related(session, session.get_one(Article, article), limit, linked=linked)
        return [each.title for each in found]


def test_shared_tags_and_words_make_related(both: Base) -> None:
    article = both.published("Wash a woollen pullover", "Cold.", tags=["wool"])
    both.published("Dry a woollen pullover", "Flat.")
    both.published("Moths", "Use cedar.", tags=["wool"])
    both.published("Invoices", "By mail.", tags=["billing"])
    assert {"Dry a woollen pullover", "Moths"} == set(titles(both, article))


def test_rare_tags_weigh_more(base: Base) -> None:
    article = base.published("Alpha", "A.", tags=["rare", "common"])
    base.published("Beta", "B.", tags=["rare"])
    for name in ("Gamma", "Delta", "Epsilon", "Zeta"):
        base.published(name, "C.", tags=["common"])
    assert "Beta" == titles(base, article)[0]


def test_what_it_links_to_comes_first(base: Base) -> None:
    article = base.published("Alpha", "A.", tags=["one"])
    base.published("Beta", "B.", tags=["one"])
    linked = base.published("Gamma", "C.")
    assert ["Gamma", "Beta"] == titles(base, article, linked=[linked])
    assert ["Gamma"] == titles(base, article, linked=[linked], limit=1)


def test_drafts_translations_and_other_languages_are_none(base: Base) -> None:
    article = base.published("Alpha", "A.", tags=["one"])
    base.write("Draft", "B.", tags=["one"])
    base.published("中文", "C.", tags=["one"], language="zh_Hans")
    made = base.run("knowledge.article.translate", {"language": "de"}, target=article)
    base.publish(made.id)
    assert [] == titles(base, article)


def test_what_a_reader_does_not_see_is_not_named(base: Base) -> None:
    article = base.published("Alpha", "A.", tags=["one"])
    base.published("Beta", "B.", tags=["one"], audience="role", audience_of=["analyst"])
    assert ["Beta"] == titles(base, article)
    assert [] == titles(base, article, who="sue")
