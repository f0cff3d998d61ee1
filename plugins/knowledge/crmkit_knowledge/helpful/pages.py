"""The page of helpfulness: what helps least, what is read most, and what readers write. Must not change anything;
everything that can be done there is an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.asked.words import DOORS
from crmkit_knowledge.helpful.figures import LEAST, comment_count, least_helpful, most_viewed, open_comments
from crmkit_knowledge.helpful.words import REASONS, STATES

_ = texts("crmkit_knowledge")

SHOWN, DAYS = 20, 90
COMMENTS = 50


def helpfulness_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the rankings and the comments in a state: those that are open, else those that are done."""
    rights = session.guarding.rights
    state = "done" if query.get("state") == "done" else "open"
    comments = open_comments(session, state=state, limit=COMMENTS + 1)
    return {
        "least": least_helpful(session, days=DAYS, limit=SHOWN),
        "most": most_viewed(session, days=DAYS, limit=SHOWN),
        "comments": comments[:COMMENTS],
        "more": len(comments) > COMMENTS,
        "articles": _articles(session, {each.article_id for each in comments}),
        "state": state,
        "states": {name: STATES[name] for name in ("open", "done")},
        "reasons": REASONS,
        "doors": DOORS,
        "days": DAYS,
        "fewest": LEAST,
        "may_manage": bool(rights.unrestricted or rights.scope("knowledge.vote", "manage") != "none"),
        "home": "/modules/knowledge",
        "here": "/modules/knowledge/helpfulness" + ("?state=done" if state == "done" else ""),
    }


def _articles(session: CrmSession, ids: set[UUID]) -> Mapping[UUID, Article]:
    return {each.id: each for each in session.scalars(select(Article).where(Article.id.in_(ids)))} if ids else {}


PAGES = [
    Page(
        name="knowledge.helpfulness",
        title=_("Helpfulness of articles"),
        path="/helpfulness",
        template="knowledge/helpful/helpfulness.html",
        context=helpfulness_page,
        permission="knowledge.vote.read",
        icon="star",
        badge=comment_count,
        order=68,
    )
]
