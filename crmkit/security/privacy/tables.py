"""The tables of privacy: erasures with their certificates, what the law keeps for a while, the retention schedule."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.model import Access, Entry, Record, field
from crmkit.core.store.types import json_type
from crmkit.i18n import texts

_ = texts("crmkit")


class Erasure(Entry):
    """A person who was erased: a number without a name, and the signed certificate of what was done."""

    __tablename__ = "crm_erasure"
    __access__ = Access.system()

    subject_id: Mapped[UUID] = field(classified="internal", unique=True)
    actor_id: Mapped[str] = field(String(80), classified="internal")
    reason: Mapped[str] = field(String(500), title=_("Reason"), classified="internal")
    certificate: Mapped[dict[str, Any]] = field(json_type(), classified="internal")
    signature: Mapped[str] = field(String(200), classified="internal")


class Retained(Record):
    """What a law obliges to keep of somebody who was erased: locked away under a key of its own until its day."""

    __tablename__ = "crm_retained"
    __access__ = Access.system()
    __history__ = False
    __own_key__ = True

    erasure_id: Mapped[UUID] = field(classified="internal", index=True)
    table_name: Mapped[str] = field(String(63), classified="internal")
    rows: Mapped[int] = field(Integer, classified="internal")
    law: Mapped[str] = field(String(200), title=_("Law"), classified="internal")
    until: Mapped[date] = field(title=_("Until"), classified="internal", index=True)
    content: Mapped[list[Any]] = field(classified="sensitive")


class RetentionRule(Record):
    """How long rows of a table are kept, as an admin decided. ``kind`` narrows it to one kind of interaction."""

    __tablename__ = "crm_retention_rule"
    __access__ = Access.system()

    table_name: Mapped[str] = field(String(63), title=_("Table"), classified="internal")
    kind: Mapped[str] = field(String(60), title=_("Kind"), classified="internal", default="")
    days: Mapped[int] = field(Integer, title=_("Days"), classified="internal")


class RetentionRun(Entry):
    """What one run of the schedule removed from one table."""

    __tablename__ = "crm_retention_run"
    __access__ = Access.system()

    table_name: Mapped[str] = field(String(63), classified="internal")
    kind: Mapped[str] = field(String(60), classified="internal")
    before: Mapped[datetime] = field(classified="internal")
    removed: Mapped[int] = field(Integer, classified="internal")
    action: Mapped[str] = field(String(12), classified="internal")
