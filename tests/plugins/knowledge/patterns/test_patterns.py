"""Templates of articles: what an article begins with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmkit_knowledge.articles.finding import revision_numbered
from crmkit_knowledge.articles.models import Article, Space
from crmkit_knowledge.articles.words import KINDS
from crmkit_knowledge.patterns.models import Pattern
from crmkit_knowledge.patterns.shipped import SHIPPED
from sqlalchemy import select

from crmkit import InvalidInput, NotFound
from crmkit.errors import AlreadyExists, Refused
from tests.plugins.knowledge.base import Base


def body(base: Base, article: UUID) -> str:
    """Return the draft of an article."""
    with base.crm.session(base.actor()) as session:
        return revision_numbered(session, session.get_one(Article, article), 1).body


def space_of(base: Base, article: UUID) -> str:
    """Return the name of the space of an article."""
    with base.crm.session(base.actor()) as session:
        return session.get_one(Space, session.get_one(Article, article).space_id).name


def pattern(base: Base, name: str = "ours", **values: Any) -> Any:
    """Add a template."""
    return base.run("knowledge.pattern.create", {"name": name, "body": "## Problem\n", **values})


def test_there_is_one_for_each_kind_in_two_languages() -> None:
    assert {(kind, language) for kind in KINDS for language in ("en", "zh_Hans")} == {
        (each.kind, each.language) for each in SHIPPED
    }
    assert all(each.body.startswith("## ") and each.body.endswith("\n") for each in SHIPPED)


def test_they_are_added_once(both: Base) -> None:
    assert len(SHIPPED) == len(both.run("knowledge.pattern.install"))
    with both.crm.session(both.actor()) as session:
        one = session.scalars(select(Pattern).where(Pattern.name == "faq")).one()
    both.run("knowledge.pattern.update", {"body": "Ours."}, target=one.id)
    assert [] == both.run("knowledge.pattern.install")
    assert "Ours." == body(both, both.run("knowledge.article.create", {"title": "One", "pattern": "faq"}).id)


def test_an_article_begins_with_its_template(both: Base) -> None:
    both.run("knowledge.space.create", {"name": "notes"})
    pattern(both, kind="troubleshooting", language="zh_Hans", space="notes")
    made = both.run("knowledge.article.create", {"title": "One", "pattern": "ours"}, who="sue")
    assert ("## Problem\n", "troubleshooting", "zh_Hans", "notes") == (
        body(both, made.id),
        made.kind,
        made.language,
        space_of(both, made.id),
    )


def test_what_is_said_goes_before_the_template(base: Base) -> None:
    base.run("knowledge.space.create", {"name": "notes"})
    pattern(base, kind="troubleshooting", language="zh_Hans", space="notes")
    said = {"title": "One", "pattern": "ours", "body": "Mine.", "kind": "faq", "language": "de", "space": "help"}
    made = base.run("knowledge.article.create", said)
    assert ("Mine.", "faq", "de", "help") == (body(base, made.id), made.kind, made.language, space_of(base, made.id))


def test_an_article_keeps_what_it_began_with(base: Base) -> None:
    ours = pattern(base)
    made = base.run("knowledge.article.create", {"title": "One", "pattern": "ours"})
    base.run("knowledge.pattern.delete", target=ours.id)
    assert "## Problem\n" == body(base, made.id)


def test_one_that_is_not_active_is_not_there(base: Base) -> None:
    ours = pattern(base)
    base.run("knowledge.pattern.update", {"active": False}, target=ours.id)
    for name in ("ours", "nothing"):
        with pytest.raises(NotFound):
            base.run("knowledge.article.create", {"title": "One", "pattern": name})


def test_a_name_is_one_and_is_there_once(base: Base) -> None:
    pattern(base)
    with pytest.raises(AlreadyExists):
        pattern(base)
    with pytest.raises(InvalidInput):
        pattern(base, "No name")


@pytest.mark.parametrize("name", ["create", "update", "delete", "install"])
def test_who_may_not_manage_changes_none(base: Base, name: str) -> None:
    ours = pattern(base)
    inputs = {"name": "mine", "body": "x"} if name == "create" else {}
    with pytest.raises(Refused):
        base.run(
            f"knowledge.pattern.{name}", inputs, target=ours.id if name in ("update", "delete") else None, who="sue"
        )
