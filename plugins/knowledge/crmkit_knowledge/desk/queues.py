"""The queues: what waits for approval or to be published, and what has to be verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, User, random_text, texts
from crmkit_knowledge.articles.models import Article, Revision, Space
from crmkit_knowledge.articles.words import STANDING
from crmkit_knowledge.desk.article_page import HOME, names_of, wording
from crmkit_knowledge.desk.rights import may, may_approve, own_id

_ = texts("crmkit_knowledge")

MOST = 200
AHEAD = {"overdue": 0, "month": 31, "quarter": 92, "all": None}
"""What of the articles that have to be verified is shown: how many days from today, None for all."""
AHEAD_TITLES = {
    "overdue": _("Overdue"),
    "month": _("Within a month"),
    "quarter": _("Within three months"),
    "all": _("All"),
}


def review_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the revisions that wait for approval and those that wait to be published, the oldest first."""
    spaces = session.scalars(select(Space).order_by(Space.title)).all()
    space = next((each for each in spaces if each.name == query.get("space")), None)
    by_id = {each.id: each for each in spaces}
    rows = [
        (revision, article, by_id[article.space_id], may_approve(session, article, revision, by_id[article.space_id]))
        for revision, article in _in_states(session, ("in_review", "approved"), space)
    ]
    return {
        **wording(),
        "waiting": [each for each in rows if each[0].state == "in_review"],
        "approved": [each for each in rows if each[0].state == "approved"],
        "names": names_of(session, User, (each[0].author_id for each in rows)),
        "spaces": spaces,
        "said": {"space": space.name if space is not None else ""},
        "may_approve": may(session, "approve"),
        "may_release": may(session, "release"),
        "home": HOME,
    }


def verification_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the articles that have to be verified, the longest overdue first."""
    spaces = session.scalars(select(Space).order_by(Space.title)).all()
    space = next((each for each in spaces if each.name == query.get("space")), None)
    when = query.get("when", "overdue") if query.get("when", "overdue") in AHEAD else "overdue"
    owner = _identity(query.get("owner", ""))
    days = AHEAD[when]
    wanted = select(Article).where(Article.state.in_(STANDING), Article.verify_on.is_not(None))
    if days is not None:
        wanted = wanted.where(Article.verify_on < session.today() + timedelta(days=days))
    if space is not None:
        wanted = wanted.where(Article.space_id == space.id)
    if owner is not None:
        wanted = wanted.where(Article.owner_id == owner)
    found = session.scalars(wanted.order_by(Article.verify_on, Article.number).limit(MOST + 1)).all()
    owners = session.scalars(
        select(User).where(User.id.in_(select(Article.owner_id).where(Article.owner_id.is_not(None)))).order_by(User.name)
    ).all()  # fmt: skip
    return {
        **wording(),
        "articles": found[:MOST],
        "more": len(found) > MOST,
        "names": {each.id: each.name for each in owners},
        "owners": owners,
        "spaces": spaces,
        "space_titles": {each.id: each.title for each in spaces},
        "said": {"space": space.name if space is not None else "", "owner": str(owner or ""), "when": when},
        "ahead": AHEAD_TITLES,
        "today": session.today(),
        "may_verify": may(session, "approve"),
        "may_policies": may(session, "manage", "knowledge.policy"),
        "key": random_text(24),
        "home": HOME,
    }


def waiting_for(session: CrmSession, *, limit: int) -> Sequence[tuple[Revision, Article]]:
    """Return the revisions that whoever reads may approve now, the oldest first."""
    if not may(session, "approve"):
        return []
    spaces = {each.id: each for each in session.scalars(select(Space))}
    found = [
        (revision, article)
        for revision, article in _in_states(session, ("in_review",), None)
        if may_approve(session, article, revision, spaces[article.space_id])
    ]
    return found[:limit]


def overdue_of(session: CrmSession, *, own: bool, limit: int) -> Sequence[Article]:
    """Return the articles that have to be verified by now or within a month, the longest overdue first; ``own``:
    those of whoever reads."""
    query = select(Article).where(
        Article.state.in_(STANDING), Article.verify_on < session.today() + timedelta(days=AHEAD["month"] or 0)
    )
    if own:
        query = query.where(Article.owner_id == own_id(session))
    return session.scalars(query.order_by(Article.verify_on, Article.number).limit(limit)).all()


def review_badge(session: CrmSession) -> int:
    """Return how many revisions of others wait for whoever reads."""
    if not may(session, "approve"):
        return 0
    query = select(func.count()).select_from(Revision).where(Revision.state == "in_review")
    own = own_id(session)
    if own is not None:
        query = query.where(Revision.author_id.is_(None) | (Revision.author_id != own))
    return session.scalar(query) or 0


def _in_states(session: CrmSession, states: Sequence[str], space: Space | None) -> list[tuple[Revision, Article]]:
    query = select(Revision, Article).join(Article, Article.id == Revision.article_id)
    query = query.where(Revision.state.in_(states))
    if space is not None:
        query = query.where(Article.space_id == space.id)
    rows = session.execute(query.order_by(Revision.written_at, Revision.id).limit(MOST))
    return [(revision, article) for revision, article in rows]


def _identity(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
