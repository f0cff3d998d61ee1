"""The tables of notices: what a programme tells its members, and what they were told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, CustomerRecord, Record, field, json_type, texts
from crmkit_loyalty.notices.words import KINDS, STATES
from crmkit_loyalty.programs.models import Program

_ = texts("crmkit_loyalty")


class NoticePolicy(Record):
    """What members of a programme are told: which ``kinds`` of notices, how many ``days`` before points expire, for
    which ``purpose`` of messaging's policies, and with which ``templates`` instead of the texts that are built in."""

    __tablename__ = "loyalty_notice_policy"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"),
        title=_("Programme"),
        classified="internal",
        unique=True,
        editable=False,
    )
    kinds: Mapped[list[str]] = field(json_type(), title=_("Told of"), classified="internal", default=list)
    days: Mapped[list[int]] = field(
        json_type(), title=_("Days before points expire"), classified="internal", default=list
    )
    purpose: Mapped[str] = field(String(60), title=_("Purpose"), classified="internal", default="service")
    templates: Mapped[dict[str, Any]] = field(json_type(), title=_("Templates"), classified="internal", default=dict)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Notice(CustomerRecord):
    """That a member was told of something, once for each ``cause``. ``state`` is what messaging said when it took it;
    ``reason`` why it did not."""

    __tablename__ = "loyalty_notice"
    __history__ = False

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal", editable=False
    )
    kind: Mapped[str] = field(String(10), title=_("What"), classified="internal", choices=KINDS, editable=False)
    cause: Mapped[str] = field(String(160), classified="internal", editable=False)
    state: Mapped[str] = field(String(8), title=_("State"), classified="internal", choices=STATES, editable=False)
    reason: Mapped[str | None] = field(String(200), title=_("Why"), classified="internal", editable=False)
    told_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)

    __table_args__ = (Index("uq_loyalty_notice_cause", "customer_id", "cause", unique=True),)


MODELS: list[type[Any]] = [NoticePolicy, Notice]
