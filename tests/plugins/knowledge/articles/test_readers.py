"""Which colleagues read an article: everybody, or those with a role."""

from __future__ import annotations

from uuid import UUID

import pytest
from crmkit_knowledge.articles.models import Article, Revision
from sqlalchemy import select

from crmkit import NotFound
from tests.plugins.knowledge.base import Base


def sees(base: Base, who: str, article: UUID) -> bool:
    """Say whether somebody sees an article; its revisions are seen by the same people."""
    with base.crm.session(base.actor(who)) as session:
        there = session.get(Article, article) is not None
        revisions = session.scalars(select(Revision).where(Revision.article_id == article)).all()
        assert bool(revisions) is there
        return there


def test_what_is_for_roles_is_kept_from_others(both: Base) -> None:
    """From their lists, their searches and their operations; whoever owns it has it, too."""
    article = both.published("Discounts", "Up to a tenth.", audience="role", audience_of=["manager"])
    assert sees(both, "mia", article)
    assert both.found("tenth", "mia") == ["Discounts"]
    assert not sees(both, "sue", article)
    assert both.found("tenth", "sue") == []
    with pytest.raises(NotFound):
        both.run("knowledge.article.revise", {"body": "x"}, target=article, who="sue")
    both.run("knowledge.article.update", {"owner_id": both.users["sue"]}, target=article)
    assert sees(both, "sue", article)


def test_it_follows_what_is_said_later(both: Base) -> None:
    """Other roles, and everybody again."""
    article = both.published(audience="role", audience_of=["manager"])
    both.run("knowledge.article.update", {"audience": "role", "audience_of": ["service_agent"]}, target=article)
    assert (sees(both, "mia", article), sees(both, "sue", article)) == (False, True)
    both.run("knowledge.article.update", {"audience": "internal"}, target=article)
    assert (sees(both, "mia", article), sees(both, "sue", article)) == (True, True)


def test_administrators_read_everything(base: Base) -> None:
    """As they could give themselves any role."""
    article = base.published(audience="role", audience_of=["manager"])
    base.run("user.assign_role", {"role": "admin"}, target=base.users["sue"])
    assert sees(base, "sue", article)
