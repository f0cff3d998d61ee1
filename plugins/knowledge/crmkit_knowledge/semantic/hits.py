"""Hits of a search by words, with those that mean the same put among them. Must not know how either is found."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, SearchHit
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.semantic.finding import fused_ids

ARTICLE = "knowledge.article"


def with_meaning(session: CrmSession, text: str, hits: Sequence[SearchHit], limit: int) -> tuple[SearchHit, ...]:
    """Return the articles that a text finds by its words or by what it means, the best first; ``hits`` are those that
    it finds by its words. What is near alone has no snippet. Raises MissingExtra where the model is not installed."""
    known = {UUID(each.ref.rpartition(":")[2]): each for each in hits}
    ids = fused_ids(session, text, limit=limit)
    query = select(Article.id, Article.title).where(Article.id.in_([each for each in ids if each not in known]))
    titles = {id_: str(title) for id_, title in session.execute(query)}
    found = [
        known.get(id_) or SearchHit(ref=f"{ARTICLE}:{id_}", title=titles[id_], score=0.0)
        for id_ in ids
        if id_ in known or id_ in titles
    ]
    return tuple(found)
