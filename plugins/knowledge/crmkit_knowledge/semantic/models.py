"""The table of vectors of articles. They are nobody's personal data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Model, field
from crmkit_knowledge.articles.models import Article


class ArticleVector(Model):
    """What the released revision of an article means: a vector of half-precision numbers by some model."""

    __tablename__ = "knowledge_vector"
    __access__ = Access.via("article_id", resource="knowledge.article")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    revision: Mapped[int] = field(Integer, classified="internal")
    model: Mapped[str] = field(String(40), classified="internal")
    vector: Mapped[bytes] = field(LargeBinary, classified="internal")
    at: Mapped[datetime] = field(classified="internal", index=True)
