"""The table of templates of articles."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, texts
from crmkit_knowledge.articles.models import LONGEST, Space
from crmkit_knowledge.articles.words import KINDS

_ = texts("crmkit_knowledge")


class Pattern(Record):
    """What a new article of a kind begins with; ``hint`` says to its writer what a summary of it should say."""

    __tablename__ = "knowledge_pattern"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(String(15), title=_("Kind"), classified="public", choices=KINDS, default="how_to")
    language: Mapped[str] = field(String(20), title=_("Language"), classified="public", default="en")
    space_id: Mapped[UUID | None] = field(
        ForeignKey(Space.id, ondelete="SET NULL"), title=_("Space"), classified="public", index=True
    )
    body: Mapped[str] = field(String(LONGEST), title=_("Text"), classified="internal")
    hint: Mapped[str | None] = field(String(1000), title=_("What the summary says"), classified="public")
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


MODELS = [Pattern]
