"""The tables of classifying: the tree of themes, what feedback is about, and models that were learnt."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, ScaledDecimal, User, field, json_type, kernel_key, texts
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")

WAYS = {"rule": _("By words"), "model": _("By a model"), "person": _("By a person")}
"""How it was found out what feedback is about."""
LABEL_STATES = {"on": _("Is about it"), "off": _("Is not about it")}
"""``off`` is a person's word that it is not about it: a machine does not say so again."""


class Theme(Record):
    """Something that feedback is about, in a tree. ``words`` are those by which it is recognised, in all languages;
    ``queue`` is where feedback about it goes."""

    __tablename__ = "feedback_theme"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("feedback_theme.id", ondelete="RESTRICT"), title=_("Part of"), classified="public", index=True
    )
    words: Mapped[list[Any]] = field(json_type(), title=_("Words"), classified="public", default=list)
    queue: Mapped[str | None] = field(String(60), title=_("Queue"), classified="public")
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class FeedbackTheme(Record):
    """That feedback is, or is not, about a theme; ``confidence`` (0 to 1) is what a machine says of it."""

    __tablename__ = "feedback_feedback_theme"
    __access__ = Access.via("feedback_id", resource="feedback.feedback")
    __history__ = False

    feedback_id: Mapped[UUID] = field(
        ForeignKey(Feedback.id, ondelete="CASCADE"), title=_("Feedback"), classified="internal"
    )
    theme_id: Mapped[UUID] = field(ForeignKey(Theme.id, ondelete="CASCADE"), title=_("Theme"), classified="internal")
    state: Mapped[str] = field(String(3), title=_("State"), classified="internal", choices=LABEL_STATES, default="on")
    way: Mapped[str] = field(String(6), title=_("Found"), classified="internal", choices=WAYS)
    confidence: Mapped[Decimal | None] = field(ScaledDecimal(4), title=_("Confidence"), classified="internal")
    sentiment_score: Mapped[int | None] = field(Integer, title=_("Sentiment about it"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True
    )

    __table_args__ = (
        UniqueConstraint("feedback_id", "theme_id"),
        Index("ix_feedback_feedback_theme_theme", "theme_id", "state"),
    )


class ThemeModel(Record):
    """A model of themes (``kind``), learnt from what people said; one counts at a time."""

    __tablename__ = "feedback_theme_model"
    __access__ = Access.open()
    __history__ = False

    kind: Mapped[str] = field(String(9), title=_("Kind"), classified="internal", editable=False)
    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", editable=False)
    learnt_at: Mapped[datetime] = field(title=_("Learnt at"), classified="internal", editable=False)
    counts: Mapped[bool] = field(title=_("Counts"), classified="internal", default=False, editable=False)
    examples: Mapped[int] = field(Integer, title=_("Examples"), classified="internal", editable=False)
    figures: Mapped[dict[str, Any]] = field(json_type(), title=_("How good it is"), classified="internal", default=dict)
    content: Mapped[dict[str, Any]] = field(json_type(), title=_("Content"), classified="internal", default=dict)

    __table_args__ = (UniqueConstraint("kind", "number"),)


MODELS: list[type[Any]] = [Theme, FeedbackTheme, ThemeModel]
