"""The table of files of articles. They are texts' companions and nobody's personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, texts
from crmkit_knowledge.articles.models import Article

_ = texts("crmkit_knowledge")

LARGEST = 10 << 20
"""Bytes of a file."""


class ArticleFile(Record):
    """A file of an article, known by its name there: a text shows or offers it as ``file:<name>``."""

    __tablename__ = "knowledge_file"
    __access__ = Access.via("article_id", resource="knowledge.article")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="internal"
    )
    name: Mapped[str] = field(String(255), title=_("File name"), classified="internal")
    media_type: Mapped[str] = field(String(120), title=_("Type"), classified="internal")
    size: Mapped[int] = field(Integer, title=_("Size (bytes)"), classified="internal")
    content: Mapped[bytes] = field(LargeBinary, title=_("Content"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")

    __table_args__ = (Index("uq_knowledge_file_name", "article_id", "name", unique=True),)


MODELS: list[type[Any]] = [ArticleFile]
