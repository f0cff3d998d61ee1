"""What readers say of articles, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Number = Annotated[int, Input(classified="internal")]
Reason = Annotated[str, Input(classified="internal")]


@event("knowledge.article.commented")
class ArticleCommented:
    """Somebody whom an article did not help says why, in words of their own."""

    article_id: UUID
    vote_id: UUID
    number: Number
    reason: Reason


@event("knowledge.article.doubted")
class ArticleDoubted:
    """So few say that a revision helps them that it has to be looked at: once for each revision."""

    article_id: UUID
    number: Number
    revision: Number
    helpful: Number
    votes: Number


EVENTS = [ArticleCommented, ArticleDoubted]
