"""The table of this room: pairs of needs that somebody said are not the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, User, field, kernel_key, texts
from crmkit_needs.catalogue.models import Need

_ = texts("crmkit_needs")


class AlikeDismissal(Record):
    """That two needs are not the same, as somebody said. The lower id stands first, so that a pair is there once."""

    __tablename__ = "needs_alike_dismissal"
    __access__ = Access.via("first_id", resource="needs.need")
    __history__ = False

    first_id: Mapped[UUID] = field(
        ForeignKey(Need.id, ondelete="CASCADE"), title=_("Need"), classified="internal", editable=False
    )
    second_id: Mapped[UUID] = field(
        ForeignKey(Need.id, ondelete="CASCADE"), title=_("Need"), classified="internal", index=True, editable=False
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True, editable=False
    )

    __table_args__ = (Index("uq_needs_alike_dismissal", "first_id", "second_id", unique=True),)


MODELS: list[type[Any]] = [AlikeDismissal]
