"""The table of links: which article has what to do with which record."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, User, field, kernel_key, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.capturing.words import LINKS

_ = texts("crmkit_knowledge")


class ArticleLink(Record):
    """That an article was written from a record, solved it, was seen in it or was sent in it, once for each.

    ``ref`` is the record, as ``<resource>:<id>``, ``customer_id`` whose it is: whoever sees that one sees the link.
    ``at`` and ``removed_at`` are instants of the business's clock; what was removed does not count from then on.
    """

    __tablename__ = "knowledge_link"
    __access__ = Access.via("customer_id", author="created_by")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="internal", editable=False
    )
    ref: Mapped[str] = field(String(160), title=_("Record"), classified="internal", index=True, editable=False)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    kind: Mapped[str] = field(String(9), title=_("What"), classified="internal", choices=LINKS, editable=False)
    at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("By"), classified="internal", index=True, editable=False
    )
    removed_at: Mapped[datetime | None] = field(title=_("Removed at"), classified="internal", editable=False)

    __table_args__ = (
        Index("uq_knowledge_link", "article_id", "ref", "kind", unique=True),
        Index("ix_knowledge_link_kind", "kind", "at"),
    )


MODELS: list[type[Any]] = [ArticleLink]
