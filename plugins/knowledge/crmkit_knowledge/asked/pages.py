"""The page of questions: what people search for and do not find, and whose it is to answer. Must not change anything;
everything that can be done there is an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Page, User, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.asked.counting import VISITS
from crmkit_knowledge.asked.reading import missed_share, open_count, questions
from crmkit_knowledge.asked.words import STATES
from crmkit_knowledge.settings import settings_of

_ = texts("crmkit_knowledge")

SHOWN = 100
TONES = {"open": "warn", "answered": "good", "dismissed": ""}


def questions_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the questions in a state, with ``mine`` the reader's own alone."""
    rights = session.guarding.rights
    state = query.get("state", "open")
    if state not in (*STATES, "all"):
        state = "open"
    mine = query.get("mine") == "1" and rights.user_id is not None
    found = questions(
        session,
        state="" if state == "all" else state,
        owner_id=rights.user_id if mine else None,
        limit=SHOWN + 1,
    )
    here = f"/modules/knowledge/questions?state={state}" + ("&mine=1" if mine else "")
    return {
        "questions": found[:SHOWN],
        "more": len(found) > SHOWN,
        "shares": {each.id: missed_share(each) for each in found},
        "owners": _names(session, {each.owner_id for each in found if each.owner_id is not None}),
        "articles": _articles(session, {each.article_id for each in found if each.article_id is not None}),
        "state": state,
        "states": STATES,
        "tones": TONES,
        "mine": mine,
        "least": VISITS,
        "days": settings_of(session.crm.settings).question_days,
        "may_manage": bool(rights.unrestricted or rights.scope("knowledge.question", "manage") != "none"),
        "may_write": bool(rights.unrestricted or rights.scope("knowledge.article", "create") != "none"),
        "home": "/modules/knowledge",
        "here": here,
    }


def _names(session: CrmSession, ids: set[UUID]) -> Mapping[UUID, str]:
    return {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}


def _articles(session: CrmSession, ids: set[UUID]) -> Mapping[UUID, Article]:
    return {each.id: each for each in session.scalars(select(Article).where(Article.id.in_(ids)))} if ids else {}


PAGES = [
    Page(
        name="knowledge.questions",
        title=_("Questions without an answer"),
        path="/questions",
        template="knowledge/asked/questions.html",
        context=questions_page,
        permission="knowledge.question.read",
        icon="help",
        badge=open_count,
        order=67,
    )
]
