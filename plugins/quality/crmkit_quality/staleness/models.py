"""The table of verifications: a field of a customer that somebody is to find right, or to put right."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from crmkit import CustomerRecord, Id, field, texts

_ = texts("crmkit_quality")

REASONS = {"stale": _("Not confirmed for long"), "bounced": _("A message came back"), "asked": _("Somebody asked")}
"""Why something is to be verified, with titles."""
STATES = {"open": _("Open"), "done": _("Done"), "dropped": _("No longer needed")}
"""What a verification can be, with titles."""
OUTCOMES = {
    "confirmed": _("It is right"),
    "changed": _("It was put right"),
    "unreachable": _("The customer cannot be reached"),
}
"""What came of it, with titles."""


class Verification(CustomerRecord):
    """That a field of a customer is to be verified again: by whom, until when, and what came of it.

    ``contact_point_id`` is the contact point that it is about, where it is about one alone; ``done_at`` an instant of
    the system's clock.
    """

    __tablename__ = "quality_verification"

    about: Mapped[str] = field(String(120), title=_("Field"), classified="internal", editable=False)
    contact_point_id: Mapped[UUID | None] = field(Id, classified="internal", editable=False)
    reason: Mapped[str] = field(String(12), title=_("Reason"), classified="internal", choices=REASONS, editable=False)
    due_on: Mapped[date] = field(title=_("Due on"), classified="internal")
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=STATES, default="open", editable=False
    )
    outcome: Mapped[str | None] = field(
        String(12), title=_("Outcome"), classified="internal", choices=OUTCOMES, editable=False
    )
    done_at: Mapped[datetime | None] = field(title=_("Done at"), classified="internal", editable=False)
    note: Mapped[str | None] = field(String(500), title=_("Note"), classified="sensitive")

    __table_args__ = (Index("ix_quality_verification_open", "state", "due_on", "id"),)
