"""What happens to articles, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Number = Annotated[int, Input(classified="internal")]


@event("knowledge.article.submitted")
class ArticleSubmitted:
    """A revision waits for somebody to approve it."""

    article_id: UUID
    number: Number
    revision: Number


@event("knowledge.article.sent_back")
class ArticleSentBack:
    """A revision goes back to who has written it."""

    article_id: UUID
    number: Number
    revision: Number


@event("knowledge.article.released")
class ArticleReleased:
    """A revision is what people read from now on."""

    article_id: UUID
    number: Number
    revision: Number


@event("knowledge.article.withdrawn")
class ArticleWithdrawn:
    """An article is not shown any more."""

    article_id: UUID
    number: Number


@event("knowledge.article.overdue")
class ArticleOverdue:
    """Somebody has to say that an article is still right."""

    article_id: UUID
    number: Number


EVENTS = [ArticleSubmitted, ArticleSentBack, ArticleReleased, ArticleWithdrawn, ArticleOverdue]
