"""What somebody is writing and has not saved: kept so that a preview or a refusal loses nothing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, User, field, kernel_key, texts
from crmkit_knowledge.articles.models import LONGEST, Article

_ = texts("crmkit_knowledge")


class Editing(Record):
    """What somebody has typed into the editor of an article and not saved. One for each person and article.

    ``seen`` is what the article's text was when they began, as `crmkit_knowledge.desk.editing.seen_of` says it.
    ``held`` says that it was to be saved, and was not, because somebody else had changed the text meanwhile.
    """

    __tablename__ = "knowledge_editing"
    __access__ = Access.via("article_id", resource="knowledge.article")
    __history__ = False

    article_id: Mapped[UUID] = field(ForeignKey(Article.id, ondelete="CASCADE"), classified="internal", editable=False)
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("By"), classified="internal", index=True, editable=False
    )
    title: Mapped[str] = field(String(300), title=_("Title"), classified="internal", editable=False)
    summary: Mapped[str | None] = field(String(1000), title=_("Summary"), classified="internal", editable=False)
    body: Mapped[str] = field(String(LONGEST), title=_("Text"), classified="internal", editable=False)
    note: Mapped[str | None] = field(String(500), title=_("What changed"), classified="internal", editable=False)
    seen: Mapped[str] = field(String(60), title=_("Begun from"), classified="internal", editable=False)
    held: Mapped[bool] = field(title=_("Held back"), classified="internal", default=False, editable=False)

    __table_args__ = (Index("uq_knowledge_editing_of", "article_id", "user_id", unique=True),)


MODELS = [Editing]
