"""The editor: a plain form, what it would look like, and what somebody else has changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, NotFound, User, random_text, texts
from crmkit_knowledge.articles.models import Article, Space
from crmkit_knowledge.desk.article_page import HOME, article_path, found_article, names_of, wording
from crmkit_knowledge.desk.comparing import compare, near
from crmkit_knowledge.desk.editing import editing_of, seen_of, text_of
from crmkit_knowledge.desk.showing import looks

_ = texts("crmkit_knowledge")


def edit_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what the editor of an article shows; without an id it is the article that whoever reads has begun last.
    Raises NotFound."""
    article = found_article(session, query) if "id" in query or "number" in query else _begun(session)
    now, editing = text_of(session, article), editing_of(session, article)
    current = seen_of(session, article)
    written = editing if editing is not None else now
    changed = editing is not None and editing.seen != current
    return {
        **wording(),
        "article": article,
        "space": session.get_one(Space, article.space_id),
        "now": now,
        "editing": editing,
        "written": written,
        "note": written.note if editing is not None or now.state == "draft" else None,
        "changed": changed,
        "seen": current if editing is None else editing.seen,
        "current": current,
        "rows": near(compare(now.body, written.body)) if changed else [],
        "names": names_of(session, User, [now.author_id]),
        "html": looks(session, article, written.body),
        "saved": query.get("saved") == "1" and editing is None,
        "locked": now.state in ("in_review", "approved"),
        "key": random_text(24),
        "here": article_path(article),
        "edit": f"{HOME}/edit?id={article.id}",
        "home": HOME,
    }


def _begun(session: CrmSession) -> Article:
    query = select(Article).where(Article.created_by == session.actor.id).order_by(Article.number.desc()).limit(1)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(_("There is no such article."))
    return found
