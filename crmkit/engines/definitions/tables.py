"""The tables of definitions: each as it stands, and every version that was published."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Entry, Record, field
from crmkit.core.store.types import json_type
from crmkit.i18n import texts

_ = texts("crmkit")


class Definition(Record):
    """What an admin has said about a definition: another document than the shipped one, whether it is on, and when it
    is in effect. One that is shipped and that nobody has touched has no row."""

    __tablename__ = "crm_definition"
    __access__ = Access.open(resource="definition")

    kind: Mapped[str] = field(String(30), title=_("Kind"), classified="internal", editable=False)
    name: Mapped[str] = field(String(120), title=_("Name"), classified="internal", editable=False)
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    """Counts what was published; 0 for the shipped one."""
    document: Mapped[dict[str, Any] | None] = field(json_type(), title=_("Definition"), classified="internal")
    """None where the shipped one holds and only ``enabled`` or the dates were changed."""
    enabled: Mapped[bool] = field(title=_("Enabled"), classified="internal")
    effective_from: Mapped[datetime | None] = field(title=_("In effect from"), classified="internal")
    effective_until: Mapped[datetime | None] = field(title=_("In effect until"), classified="internal")
    publisher: Mapped[str] = field(String(80), title=_("Published by"), classified="internal")
    publisher_user_id: Mapped[UUID | None] = field(classified="internal")
    publisher_limits: Mapped[list[str] | None] = field(json_type(), classified="internal")
    """The scopes of the token by which it was published: what it does may do no more."""
    published_at: Mapped[datetime] = field(title=_("Published at"), classified="internal", default=system_now)
    note: Mapped[str] = field(String(500), title=_("Note"), classified="internal", default="")

    __table_args__ = (UniqueConstraint("kind", "name"),)


class DefinitionVersion(Entry):
    """A version of a definition as it was published; ``document`` is None where it went back to the shipped one or was
    removed."""

    __tablename__ = "crm_definition_version"
    __access__ = Access.open(resource="definition")

    kind: Mapped[str] = field(String(30), title=_("Kind"), classified="internal")
    name: Mapped[str] = field(String(120), title=_("Name"), classified="internal")
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal")
    document: Mapped[dict[str, Any] | None] = field(json_type(), title=_("Definition"), classified="internal")
    enabled: Mapped[bool] = field(title=_("Enabled"), classified="internal")
    publisher: Mapped[str] = field(String(80), title=_("Published by"), classified="internal")
    note: Mapped[str] = field(String(500), title=_("Note"), classified="internal", default="")

    __table_args__ = (UniqueConstraint("kind", "name", "number"),)
