"""The tables of tags. The names in `Article.tags` are the truth; ``ArticleTag`` follows them, to be searched."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Model, Record, field, texts
from crmkit_knowledge.articles.models import Article

_ = texts("crmkit_knowledge")


class Tag(Record):
    """A tag that articles may have. ``key`` is its name as it is compared. One that was merged stays, so that its name
    leads to the other one."""

    __tablename__ = "knowledge_tag"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", editable=False)
    key: Mapped[str] = field(String(120), classified="internal", unique=True, editable=False)
    title: Mapped[str | None] = field(String(200), title=_("Title"), classified="public")
    description: Mapped[str | None] = field(String(1000), title=_("Description"), classified="public")
    merged_into_id: Mapped[UUID | None] = field(
        ForeignKey("knowledge_tag.id", ondelete="CASCADE"),
        title=_("Merged into"),
        classified="internal",
        index=True,
        editable=False,
    )


class TagAlias(Model):
    """Another name by which a tag is meant."""

    __tablename__ = "knowledge_tag_alias"
    __access__ = Access.open(resource="knowledge.tag")

    key: Mapped[str] = field(String(120), classified="internal", primary_key=True)
    name: Mapped[str] = field(String(60), classified="public")
    tag_id: Mapped[UUID] = field(ForeignKey(Tag.id, ondelete="CASCADE"), classified="internal", index=True)


class ArticleTag(Model):
    """That an article has a tag."""

    __tablename__ = "knowledge_article_tag"
    __access__ = Access.via("article_id", resource="knowledge.article")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    tag_id: Mapped[UUID] = field(
        ForeignKey(Tag.id, ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )


MODELS = [Tag, TagAlias, ArticleTag]
