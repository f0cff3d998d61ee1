"""The tables of links between articles and of addresses that articles had. Must not know how texts look."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Model, field, texts
from crmkit_knowledge.articles.models import Article

_ = texts("crmkit_knowledge")

KINDS = {"article": _("Article"), "file": _("File"), "anchor": _("Part of the text")}


class Reference(Model):
    """A link or picture in the released text of an article: ``address`` as it is written, ``named`` the number or slug
    of the article that it means, or the name of the file; ``audience`` for whom the part is in which it stands.

    What it means is found when it is asked: an article may move, be archived, or come later.
    """

    __tablename__ = "knowledge_reference"
    __access__ = Access.via("article_id", resource="knowledge.article")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    position: Mapped[int] = field(Integer, classified="internal", primary_key=True)
    kind: Mapped[str] = field(String(7), title=_("Kind"), classified="internal", choices=KINDS)
    address: Mapped[str] = field(String(300), title=_("Address"), classified="internal")
    named: Mapped[str] = field(String(255), classified="internal")
    audience: Mapped[str] = field(String(9), title=_("For"), classified="internal")

    __table_args__ = (Index("ix_knowledge_reference_named", "named"),)


class Redirect(Model):
    """An address that an article had; whoever comes by it is led to where the article is now."""

    __tablename__ = "knowledge_redirect"
    __access__ = Access.via("article_id", resource="knowledge.article")

    slug: Mapped[str] = field(String(120), title=_("Earlier address"), classified="internal", primary_key=True)
    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="internal", index=True
    )


MODELS: list[type[Any]] = [Reference, Redirect]
