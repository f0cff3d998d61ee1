"""The tables of notices: what staff are told, where each person wants to be told what, and what was delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Model, Record, User, field, json_type, kernel_key, texts
from crmkit_work.notices.kinds import WANTED

_ = texts("crmkit_work")

STATES = {
    "waiting": _("Waiting"),
    "sending": _("Being sent"),
    "sent": _("Sent"),
    "refused": _("Refused"),
    "failed": _("Given up"),
    "uncertain": _("Perhaps sent"),
    "dropped": _("Not needed any more"),
}
"""What can become of a delivery, with titles."""


def _whose(**options: Any) -> Any:
    return field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("User"), classified="internal", editable=False, **options
    )


class Notice(Record):
    """Something that one person is told. Only that person sees it: see `crmkit_work.notices.access`.

    ``title`` is a text with fields, of the catalogue ``domain``, and ``details`` are their values, of which none is
    sensitive. The name of the customer is not among them: it is read when the notice is shown, as its reader may see
    it. ``ref`` is the record that it is about, ``path`` the page where that is dealt with.
    """

    __tablename__ = "work_notice"
    __access__ = Access.open()
    __history__ = False

    user_id: Mapped[UUID] = _whose()
    kind: Mapped[str] = field(String(60), title=_("Kind"), classified="internal", editable=False)
    title: Mapped[str] = field(String(500), title=_("Title"), classified="internal", editable=False)
    domain: Mapped[str] = field(String(60), title=_("Catalogue"), classified="internal", editable=False)
    details: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Values"), classified="internal", default=dict, editable=False
    )
    text: Mapped[str | None] = field(String, title=_("Text"), classified="text", editable=False)
    ref: Mapped[str | None] = field(String(160), title=_("About"), classified="internal", editable=False)
    path: Mapped[str | None] = field(String(400), title=_("Page"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    urgent: Mapped[bool] = field(title=_("Urgent"), classified="internal", default=False, editable=False)
    hidden: Mapped[bool] = field(
        title=_("Not shown in the pages"), classified="internal", default=False, editable=False
    )
    read_at: Mapped[datetime | None] = field(title=_("Read at"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_work_notice_unread", "user_id", "hidden", "read_at", "created_at"),
        Index("ix_work_notice_ref", "ref"),
    )


class NoticeChoice(Record):
    """When somebody wants to be told of a kind of notice on a channel; ``*`` stands for every other kind."""

    __tablename__ = "work_notice_choice"
    __access__ = Access.open()

    user_id: Mapped[UUID] = _whose()
    kind: Mapped[str] = field(String(60), title=_("Kind"), classified="internal")
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal")
    wanted: Mapped[str] = field(String(6), title=_("When"), classified="internal", choices=WANTED)

    __table_args__ = (UniqueConstraint("user_id", "kind", "channel"),)


class NoticePerson(Record):
    """When somebody is told: at which time of day the daily notice comes (``HH:MM`` in that person's zone), and whether
    it stays quiet outside working hours."""

    __tablename__ = "work_notice_person"
    __access__ = Access.open()

    user_id: Mapped[UUID] = _whose(unique=True)
    daily_at: Mapped[str] = field(String(5), title=_("Daily notice at"), classified="internal", default="08:30")
    quiet: Mapped[bool] = field(title=_("Quiet outside working hours"), classified="internal", default=True)


class PersonAddress(Record):
    """Where somebody is reached on a channel that is not e-mail, such as the address of a robot in a chat."""

    __tablename__ = "work_person_address"
    __access__ = Access.open()

    user_id: Mapped[UUID] = _whose()
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal", editable=False)
    address: Mapped[str] = field(String, title=_("Address"), classified="secret")

    __table_args__ = (UniqueConstraint("user_id", "channel"),)


class NoticeDelivery(Record):
    """One message of notices to one person by one channel: of a single notice, or of all of a day.

    Its id is the id of the message at every attempt. ``attempt`` fences off an attempt that was thought dead.
    ``due_at``, ``started_at`` and ``ended_at`` are UTC.
    """

    __tablename__ = "work_notice_delivery"
    __access__ = Access.open()
    __history__ = False

    user_id: Mapped[UUID] = _whose(index=True)
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal", editable=False)
    daily: Mapped[bool] = field(title=_("All of a day"), classified="internal", default=False, editable=False)
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=STATES, default="waiting", editable=False
    )
    due_at: Mapped[datetime] = field(title=_("Due at"), classified="internal", editable=False)
    attempts: Mapped[int] = field(Integer, title=_("Attempts"), classified="internal", default=0, editable=False)
    attempt: Mapped[UUID | None] = field(title=_("Attempt"), classified="internal", editable=False)
    started_at: Mapped[datetime | None] = field(title=_("Begun at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    reason: Mapped[str | None] = field(String(500), title=_("Reason"), classified="internal", editable=False)
    carrier_id: Mapped[str | None] = field(
        String(200), title=_("Number of the carrier"), classified="internal", editable=False
    )

    __table_args__ = (Index("ix_work_notice_delivery_due", "state", "due_at"),)


class NoticeItem(Model):
    """A notice in a delivery."""

    __tablename__ = "work_notice_item"
    __access__ = Access.system()

    delivery_id: Mapped[UUID] = field(
        ForeignKey(NoticeDelivery.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    notice_id: Mapped[UUID] = field(
        ForeignKey(Notice.id, ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )


MODELS = [Notice, NoticeChoice, NoticePerson, PersonAddress, NoticeDelivery, NoticeItem]
