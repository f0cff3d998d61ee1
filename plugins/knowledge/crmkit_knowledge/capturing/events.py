"""What happens to drafts and links, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Number = Annotated[int, Input(classified="internal")]
Plain = Annotated[str, Input(classified="internal")]


@event("knowledge.article.drafted")
class ArticleDrafted:
    """An article was begun with what a record says."""

    article_id: UUID
    number: Number
    ref: Plain


@event("knowledge.article.linked")
class ArticleLinked:
    """An article has to do with a record: ``kind`` says what."""

    article_id: UUID
    customer_id: UUID | None
    ref: Plain
    kind: Plain


EVENTS = [ArticleDrafted, ArticleLinked]
