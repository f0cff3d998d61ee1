"""Which articles say already what a draft would say: found by the search, judged by their words. Must not change
anything."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.suggesting.suggesting import suggest
from crmkit_knowledge.suggesting.wording import likeness

LIKE = 0.3
"""Texts that are so alike may be about the same."""
SAME = 0.7
"""Texts that are so alike say the same."""
LOOKED_AT = 10


@frozen(kw_only=True)
class Alike:
    """An article and how alike its text is to another one, from 0 to 1."""

    article_id: UUID
    number: int
    title: str
    likeness: float


def alike(session: CrmSession, title: str, body: str, *, least: float = LIKE) -> tuple[Alike, ...]:
    """Return the published articles that say something like a text, the most alike first, as the actor sees them."""
    hits = suggest(session, body, title=title, limit=LOOKED_AT)
    query = select(Article).where(Article.id.in_([each.article_id for each in hits]))
    found = [
        Alike(article_id=each.id, number=each.number, title=str(each.title), likeness=value)
        for each in session.scalars(query)
        if (value := max(likeness(f"{title}\n{body}", f"{each.title}\n{each.body or ''}"), _title(title, each)))
        >= least
    ]
    return tuple(sorted(found, key=lambda each: (-each.likeness, each.number)))


def _title(title: str, article: Article) -> float:
    """Return the likeness of the titles, which alone does not make two articles say the same."""
    return min(likeness(title, str(article.title)), SAME - 0.01)
