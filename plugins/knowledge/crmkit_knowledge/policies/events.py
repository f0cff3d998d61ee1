"""What happens to articles that nobody says are still right, for whoever listens."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Number = Annotated[int, Input(classified="internal")]
Day = Annotated[date, Input(classified="internal")]


@event("knowledge.article.reminded")
class ArticleReminded:
    """An article has to be verified soon; whoever is responsible was reminded, if there is anybody."""

    article_id: UUID
    number: Number
    verify_on: Day


@event("knowledge.article.escalated")
class ArticleEscalated:
    """An article is overdue for so long that somebody else was told."""

    article_id: UUID
    number: Number
    verify_on: Day


@event("knowledge.article.hidden")
class ArticleHidden:
    """An article is not shown any more until somebody says that it is still right."""

    article_id: UUID
    number: Number
    verify_on: Day


EVENTS = [ArticleReminded, ArticleEscalated, ArticleHidden]
