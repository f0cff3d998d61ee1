"""The tables of coding: the feedback that was drawn, and what each person said that it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, User, field, json_type, kernel_key, texts
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")


class Drawn(Record):
    """That feedback was drawn to be coded by several people. ``settled_at`` is when it was decided what it is about."""

    __tablename__ = "feedback_drawn"
    __access__ = Access.via("feedback_id", resource="feedback.coding")
    __history__ = False

    feedback_id: Mapped[UUID] = field(
        ForeignKey(Feedback.id, ondelete="CASCADE"), title=_("Feedback"), classified="internal", unique=True
    )
    settled_at: Mapped[datetime | None] = field(title=_("Settled at"), classified="internal", editable=False)


class Coding(Record):
    """What one person said that feedback is about: the names of themes, none for nothing of these."""

    __tablename__ = "feedback_coding"
    __access__ = Access.via("feedback_id", resource="feedback.coding")
    __history__ = False

    feedback_id: Mapped[UUID] = field(
        ForeignKey(Feedback.id, ondelete="CASCADE"), title=_("Feedback"), classified="internal"
    )
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Who"), classified="internal", index=True
    )
    themes: Mapped[list[Any]] = field(json_type(), title=_("Themes"), classified="internal", default=list)

    __table_args__ = (UniqueConstraint("feedback_id", "user_id"),)


MODELS: list[type[Any]] = [Drawn, Coding]
