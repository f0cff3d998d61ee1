"""The tables of asking: a distribution of a survey, its invitations, and the calls made for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, CustomerRecord, Entry, Record, User, field, json_type, kernel_key, texts
from crmkit_feedback.asking.words import CALL_OUTCOMES, DISTRIBUTION_STATES, INVITATION_STATES, WAYS, WITHHELD
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")


class Distribution(Record):
    """Whom a survey asks, when and by what way.

    Those asked are the customers of ``segment`` or for whom ``condition`` holds, at once or, with ``event``, each a
    ``delay_hours`` after it happened. ``sample_percent`` of them are asked, chosen by chance that can be repeated;
    ``quotas`` is a list of cells, each ``{"when": condition, "most": number}``, that are full once so many answered;
    ``rules`` are conditions under which nobody is asked. ``reminders`` is after how many days it is asked again,
    ``expires_days`` how long it can be answered.
    """

    __tablename__ = "feedback_distribution"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    survey_id: Mapped[UUID] = field(
        ForeignKey(Survey.id, ondelete="CASCADE"), title=_("Survey"), classified="public", index=True, editable=False
    )
    state: Mapped[str] = field(
        String(7), title=_("State"), classified="public", choices=DISTRIBUTION_STATES, default="draft", editable=False
    )
    way: Mapped[str] = field(String(5), title=_("By"), classified="public", choices=WAYS, default="mail")
    segment: Mapped[str | None] = field(String(80), title=_("Segment"), classified="public")
    condition: Mapped[str | None] = field(String(4000), title=_("Condition"), classified="internal")
    event: Mapped[str | None] = field(String(80), title=_("Event"), classified="public")
    delay_hours: Mapped[int] = field(Integer, title=_("Hours after the event"), classified="public", default=0)
    sample_percent: Mapped[int] = field(
        Integer, title=_("Part that is asked (percent)"), classified="public", default=100
    )
    quotas: Mapped[list[Any]] = field(json_type(), title=_("Quotas"), classified="internal", default=list)
    rules: Mapped[list[Any]] = field(json_type(), title=_("Not asked where"), classified="internal", default=list)
    reminders: Mapped[list[Any]] = field(
        json_type(), title=_("Reminders after (days)"), classified="public", default=list
    )
    expires_days: Mapped[int] = field(Integer, title=_("Can be answered for (days)"), classified="public", default=21)
    purpose: Mapped[str] = field(String(60), title=_("Purpose of consent"), classified="public", default="service")
    template: Mapped[str | None] = field(String(120), title=_("Message template"), classified="public")
    touchpoint: Mapped[str | None] = field(String(80), title=_("Touchpoint"), classified="public")
    starts_at: Mapped[datetime | None] = field(title=_("Begins at"), classified="public")
    started_at: Mapped[datetime | None] = field(title=_("Begun at"), classified="public", editable=False)
    planned_at: Mapped[datetime | None] = field(title=_("Planned at"), classified="public", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="public", editable=False)


class Invitation(CustomerRecord):
    """That a customer is asked by a distribution, once for each ``occasion`` (empty, or the event's own id).

    Of an anonymous survey no invitation says whether it was answered: it ends with ``sent``. On a call list
    ``attempts`` are the calls that were made, the next not before ``again_at``; ``caller_id`` has it until
    ``held_until``.
    """

    __tablename__ = "feedback_invitation"
    __history__ = False

    distribution_id: Mapped[UUID] = field(
        ForeignKey(Distribution.id, ondelete="CASCADE"), title=_("Distribution"), classified="internal", editable=False
    )
    survey_id: Mapped[UUID] = field(
        ForeignKey(Survey.id, ondelete="CASCADE"), title=_("Survey"), classified="internal", index=True, editable=False
    )
    occasion: Mapped[str] = field(String(80), title=_("Occasion"), classified="internal", default="", editable=False)
    about: Mapped[str | None] = field(String(160), title=_("About"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=INVITATION_STATES, default="planned", editable=False
    )
    reason: Mapped[str | None] = field(
        String(12), title=_("Why not"), classified="internal", choices=WITHHELD, editable=False
    )
    due_at: Mapped[datetime] = field(title=_("Due at"), classified="internal", editable=False)
    sent_at: Mapped[datetime | None] = field(title=_("Sent at"), classified="internal", editable=False)
    answered_at: Mapped[datetime | None] = field(title=_("Answered at"), classified="internal", editable=False)
    expires_at: Mapped[datetime | None] = field(title=_("Can be answered until"), classified="internal", editable=False)
    reminded: Mapped[int] = field(Integer, title=_("Reminders sent"), classified="internal", default=0, editable=False)
    message_id: Mapped[UUID | None] = field(title=_("Message"), classified="internal", index=True, editable=False)
    attempts: Mapped[int] = field(Integer, title=_("Calls made"), classified="internal", default=0, editable=False)
    again_at: Mapped[datetime | None] = field(title=_("Call again at"), classified="internal", editable=False)
    caller_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True, editable=False
    )
    held_until: Mapped[datetime | None] = field(title=_("Held until"), classified="internal", editable=False)

    __table_args__ = (
        # Not unique: two customers who were both asked may turn out to be one, and both answers stay.
        Index("ix_feedback_invitation_once", "distribution_id", "customer_id", "occasion"),
        Index("ix_feedback_invitation_due", "distribution_id", "state", "due_at"),
        Index("ix_feedback_invitation_sent", "customer_id", "sent_at"),
    )


class CallAttempt(Entry):
    """A call that was made for an invitation, and what came of it."""

    __tablename__ = "feedback_call"
    __access__ = Access.via("invitation_id", resource="feedback.invitation")

    invitation_id: Mapped[UUID] = field(
        ForeignKey(Invitation.id, ondelete="CASCADE"), title=_("Invitation"), classified="internal", index=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True
    )
    outcome: Mapped[str] = field(String(12), title=_("Outcome"), classified="internal", choices=CALL_OUTCOMES)
    again_at: Mapped[datetime | None] = field(title=_("Call again at"), classified="internal")
    note: Mapped[str | None] = field(String(2000), title=_("Note"), classified="sensitive")


MODELS: list[type[Any]] = [Distribution, Invitation, CallAttempt]
