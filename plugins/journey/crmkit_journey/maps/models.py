"""The tables of maps: what there is, and each revision that was saved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Entry, Record, User, field, json_type, kernel_key, texts

_ = texts("crmkit_journey")


class JourneyMap(Record):
    """A map of what customers live through; ``revision`` is the number of the one at hand."""

    __tablename__ = "journey_map"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    description: Mapped[str | None] = field(String(2000), title=_("What it is about"), classified="public")
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    revision: Mapped[int] = field(Integer, title=_("Revision"), classified="public", default=0, editable=False)


class MapRevision(Entry):
    """A map as it was saved once, and by whom."""

    __tablename__ = "journey_map_revision"
    __access__ = Access.via("map_id", resource="journey.map")

    map_id: Mapped[UUID] = field(ForeignKey(JourneyMap.id, ondelete="CASCADE"), title=_("Map"), classified="public")
    number: Mapped[int] = field(Integer, title=_("Number"), classified="public")
    document: Mapped[dict[str, Any]] = field(json_type(), title=_("Content"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Saved by"), classified="internal", index=True
    )

    __table_args__ = (Index("uq_journey_map_revision_number", "map_id", "number", unique=True),)


MODELS: list[type[Any]] = [JourneyMap, MapRevision]
