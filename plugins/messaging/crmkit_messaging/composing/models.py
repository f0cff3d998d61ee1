"""The tables of message templates: the template, its versions, and the texts of a version by language and variant."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from crmkit import Access, Record, field, json_type, texts

_ = texts("crmkit_messaging")

DRAFT, PUBLISHED, REPLACED = "draft", "published", "replaced"
STATES = {DRAFT: _("Draft"), PUBLISHED: _("Published"), REPLACED: _("Replaced")}
"""What becomes of a version: one at most is a draft, one at most is the published one."""

TESTS = {
    "waiting": _("On its way"),
    "accepted": _("Sent"),
    "refused": _("Refused"),
    "later": _("The server asks to be tried again later"),
    "uncertain": _("It may have left or not: the connection broke off"),
}
"""What became of a test."""


class MessageTemplate(Record):
    """A message that is written once and sent often: for one channel and one purpose."""

    __tablename__ = "messaging_template"
    __access__ = Access.open()

    name: Mapped[str] = field(String(80), title=_("Name"), classified="internal", unique=True, editable=False)
    """Such as ``order/shipped``; what sends messages names it so."""
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal", editable=False)
    purpose: Mapped[str] = field(String(60), title=_("Purpose"), classified="internal", options="consent_purpose")
    description: Mapped[str] = field(String(2000), title=_("Description"), classified="internal", default="")
    edits: Mapped[int] = field(Integer, classified="internal", default=0, editable=False)
    """Counted up with each change of the draft, so that the template's version stops lost updates."""
    tested_at: Mapped[datetime | None] = field(title=_("Tested at"), classified="internal", editable=False)
    tested_by: Mapped[str | None] = field(String(80), title=_("Tested by"), classified="internal", editable=False)
    tested_outcome: Mapped[str | None] = field(
        String(10), title=_("Outcome of the test"), classified="internal", choices=TESTS, editable=False
    )
    tested_reason: Mapped[str] = field(
        String(300), title=_("What the server said"), classified="internal", editable=False, default=""
    )

    versions: Mapped[list[TemplateVersion]] = relationship(
        back_populates="template",
        order_by="TemplateVersion.number",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class TemplateVersion(Record):
    """A version of a template. A draft is worked on; a published one is never changed any more."""

    __tablename__ = "messaging_template_version"
    __access__ = Access.open()

    template_id: Mapped[UUID] = field(
        ForeignKey(MessageTemplate.id, ondelete="CASCADE"), title=_("Template"), classified="internal", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default=DRAFT, editable=False
    )
    given: Mapped[list[dict[str, Any]]] = field(
        json_type(), title=_("Given values"), classified="internal", default=list, editable=False
    )
    """What a sender gives: rows of ``name``, ``title`` and ``sample``."""
    note: Mapped[str] = field(String(500), title=_("What is new"), classified="internal", default="")
    published_at: Mapped[datetime | None] = field(title=_("Published at"), classified="internal", editable=False)
    published_by: Mapped[str | None] = field(String(80), title=_("Published by"), classified="internal", editable=False)

    template: Mapped[MessageTemplate] = relationship(back_populates="versions")
    texts: Mapped[list[TemplateText]] = relationship(
        back_populates="edition",
        order_by="TemplateText.position, TemplateText.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    __table_args__ = (UniqueConstraint("template_id", "number"),)


class TemplateText(Record):
    """What a version says in a language, as one of its variants."""

    __tablename__ = "messaging_template_text"
    __access__ = Access.open()

    version_id: Mapped[UUID] = field(
        ForeignKey(TemplateVersion.id, ondelete="CASCADE"), title=_("Version"), classified="internal", editable=False
    )
    language: Mapped[str] = field(String(20), title=_("Language"), classified="internal", editable=False)
    variant: Mapped[str] = field(String(30), title=_("Variant"), classified="internal", default="a", editable=False)
    weight: Mapped[int] = field(Integer, title=_("Weight"), classified="internal", default=1)
    subject: Mapped[str] = field(String(500), title=_("Subject"), classified="internal", default="")
    preheader: Mapped[str] = field(String(300), title=_("Preview line"), classified="internal", default="")
    blocks: Mapped[list[dict[str, Any]]] = field(
        json_type(), title=_("Blocks"), classified="internal", default=list, editable=False
    )
    position: Mapped[int] = field(Integer, classified="internal", default=0)

    edition: Mapped[TemplateVersion] = relationship(back_populates="texts")

    __table_args__ = (UniqueConstraint("version_id", "language", "variant"),)
