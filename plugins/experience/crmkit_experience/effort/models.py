"""The tables of effort: each issue with its index, and the index day by day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, CustomerRecord, Model, field, json_type, kernel_key, texts

_ = texts("crmkit_experience")

LEVELS = {"low": _("Low"), "medium": _("Medium"), "high": _("High")}
UNITS = {"case": _("Case"), "thread": _("Thread of interactions")}


class EffortIssue(CustomerRecord):
    """Something that a customer wanted to have settled, and what effort it took: made by the machine alone.

    ``ref`` is ``service.case:<id>`` or ``thread:<fingerprint of the customer's thread>``. ``index`` is from 0 to 100,
    ``parts`` has for each part its count, its share of the whole and its points. ``wait_minutes`` are working minutes
    where ``working``. ``started_at`` and ``ended_at`` (None while it is open) are UTC; ``ended_on`` is the day of the
    end, or of the last computation, in the company's zone.
    """

    __tablename__ = "experience_effort_issue"
    __history__ = False

    ref: Mapped[str] = field(String(160), title=_("Issue"), classified="internal", unique=True, editable=False)
    unit: Mapped[str] = field(String(8), title=_("What"), classified="internal", choices=UNITS, editable=False)
    kind: Mapped[str] = field(String(30), title=_("Kind"), classified="internal", editable=False)
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal", editable=False)
    started_at: Mapped[datetime] = field(title=_("Began"), classified="internal", editable=False)
    last_at: Mapped[datetime] = field(title=_("Last"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended"), classified="internal", editable=False)
    ended_on: Mapped[date] = field(title=_("Day"), classified="internal", editable=False)
    contacts: Mapped[int] = field(Integer, title=_("Contacts"), classified="internal", default=0, editable=False)
    switches: Mapped[int] = field(
        Integer, title=_("Channel switches"), classified="internal", default=0, editable=False
    )
    transfers: Mapped[int] = field(Integer, title=_("Transfers"), classified="internal", default=0, editable=False)
    repeats: Mapped[int] = field(Integer, title=_("Given again"), classified="internal", default=0, editable=False)
    wait_minutes: Mapped[int] = field(
        Integer, title=_("Waited (minutes)"), classified="internal", default=0, editable=False
    )
    working: Mapped[bool] = field(title=_("In working time"), classified="internal", default=False, editable=False)
    elapsed_minutes: Mapped[int] = field(
        Integer, title=_("Took (minutes)"), classified="internal", default=0, editable=False
    )
    index: Mapped[float] = field(title=_("Effort"), classified="internal", editable=False)
    level: Mapped[str] = field(String(6), title=_("Level"), classified="internal", choices=LEVELS, editable=False)
    parts: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Parts"), classified="internal", default=dict, editable=False
    )
    told_at: Mapped[datetime | None] = field(title=_("Told at"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_experience_effort_issue_ended", "ended_on"),
        Index("ix_experience_effort_issue_open", "ended_at", "last_at"),
    )


class EffortDay(Model):
    """What an issue's index was at the end of a day on which it changed."""

    __tablename__ = "experience_effort_day"
    __access__ = Access.via("issue_id", resource="experience.effort")

    issue_id: Mapped[UUID] = field(
        ForeignKey(EffortIssue.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    day: Mapped[date] = field(title=_("Day"), classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    index: Mapped[float] = field(title=_("Effort"), classified="internal")


MODELS: list[type[Any]] = [EffortIssue, EffortDay]
