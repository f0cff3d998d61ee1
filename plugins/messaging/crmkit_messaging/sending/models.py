"""The tables of sending: messages, the rules by which they leave, and addresses that get nothing any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Record, field, json_type, kernel_key, texts
from crmkit_messaging.sending.words import EVERY, KINDS, PER, SHORT, STATES, SUPPRESSIONS

_ = texts("crmkit_messaging")

READ_BY = "messaging.message"


class OutgoingMessage(Record):
    """A message to a customer, from its acceptance until it has left or never will.

    ``reason`` says by a code why it waits, was refused or has failed, with ``reason_values``. ``due_at`` is when it is
    looked at next, ``left_at`` the instant of the decision by which it left, or may have left; ``sent_at`` when its
    carrier had taken it. While it is being handed over, ``token`` names the attempt, until ``leased_until``.
    ``address`` is where it went. All instants are UTC, of the system's clock.
    """

    __tablename__ = "messaging_message"
    __access__ = Access.via("customer_id")
    __history__ = False

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal", editable=False)
    purpose: Mapped[str] = field(String(60), title=_("Purpose"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default="waiting", editable=False
    )
    reason: Mapped[str | None] = field(
        String(30), title=_("Reason"), classified="internal", choices=SHORT, editable=False
    )
    reason_values: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Details of the reason"), classified="internal", default=dict, editable=False
    )
    due_at: Mapped[datetime | None] = field(title=_("Due at"), classified="internal", editable=False)
    held_at: Mapped[datetime | None] = field(title=_("First held at"), classified="internal", editable=False)
    left_at: Mapped[datetime | None] = field(title=_("Departed at"), classified="internal", editable=False)
    sent_at: Mapped[datetime | None] = field(title=_("Sent at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    not_before: Mapped[datetime | None] = field(title=_("Not before"), classified="internal", editable=False)
    expires_at: Mapped[datetime | None] = field(title=_("Too late after"), classified="internal", editable=False)
    urgent: Mapped[bool] = field(title=_("Urgent"), classified="internal", default=False, editable=False)
    automatic: Mapped[bool] = field(
        title=_("Written by a machine"), classified="internal", default=False, editable=False
    )
    template: Mapped[str | None] = field(String(120), title=_("Template"), classified="internal", editable=False)
    variant: Mapped[str | None] = field(String(60), title=_("Variant"), classified="internal", editable=False)
    language: Mapped[str | None] = field(String(12), title=_("Language"), classified="internal", editable=False)
    subject: Mapped[str | None] = field(String(500), title=_("Subject"), classified="sensitive", editable=False)
    body: Mapped[str | None] = field(String, title=_("Text"), classified="sensitive", editable=False)
    html: Mapped[str | None] = field(String, title=_("HTML"), classified="sensitive", editable=False)
    address: Mapped[str | None] = field(String(1000), title=_("Address"), classified="sensitive", editable=False)
    contact_point_id: Mapped[UUID | None] = field(Id, title=_("Contact point"), classified="internal", editable=False)
    mailbox: Mapped[str | None] = field(String(60), title=_("Mailbox"), classified="internal", editable=False)
    reply_to_id: Mapped[UUID | None] = field(Id, title=_("In reply to"), classified="internal", editable=False)
    ref: Mapped[str | None] = field(String(120), title=_("About"), classified="internal", editable=False)
    file_ids: Mapped[list[str]] = field(
        json_type(), title=_("Files"), classified="internal", default=list, editable=False
    )
    attempts: Mapped[int] = field(Integer, title=_("Attempts"), classified="internal", default=0, editable=False)
    token: Mapped[int] = field(
        Integer, title=_("Number of the attempt"), classified="internal", default=0, editable=False
    )
    leased_until: Mapped[datetime | None] = field(
        title=_("Is handed over until"), classified="internal", editable=False
    )
    message_id: Mapped[str | None] = field(
        String(200), title=_("Message id"), classified="internal", index=True, editable=False
    )
    carrier_id: Mapped[str | None] = field(
        String(200), title=_("Number of the carrier"), classified="internal", editable=False
    )
    answer: Mapped[str | None] = field(
        String(1000), title=_("Answer of the carrier"), classified="sensitive", editable=False
    )
    interaction_id: Mapped[UUID | None] = field(Id, title=_("Interaction"), classified="internal", editable=False)
    actor_id: Mapped[str] = field(String(80), classified="internal", editable=False)
    key: Mapped[str | None] = field(String(200), title=_("Idempotency key"), classified="internal", editable=False)

    __table_args__ = (
        UniqueConstraint("actor_id", "key"),
        Index("ix_messaging_message_due", "state", "due_at", "id"),
        Index("ix_messaging_message_customer", "customer_id", "left_at"),
        Index("ix_messaging_message_way", "channel", "mailbox", "left_at"),
    )


class Policy(Record):
    """What a purpose asks of each message: consent given before, quiet hours, caps.

    Without ``needs_consent`` no consent has to be there, and one that was withdrawn holds all the same. Where
    ``urgent_passes``, messages that are urgent, and answers to what the customer wrote, leave in quiet hours too.
    """

    __tablename__ = "messaging_policy"
    __access__ = Access.open()

    purpose: Mapped[str] = field(String(60), title=_("Purpose"), classified="public", unique=True, editable=False)
    needs_consent: Mapped[bool] = field(title=_("Needs consent"), classified="public", default=True)
    quiet: Mapped[bool] = field(title=_("Keeps quiet hours"), classified="public", default=True)
    capped: Mapped[bool] = field(title=_("Is capped"), classified="public", default=True)
    urgent_passes: Mapped[bool] = field(
        title=_("What is urgent leaves in quiet hours"), classified="public", default=False
    )


class QuietHours(Record):
    """When nothing leaves by a channel: hours of the customer's day, on the days of the week on which they begin."""

    __tablename__ = "messaging_quiet_hours"
    __access__ = Access.open()

    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="public", default=EVERY)
    hours: Mapped[str] = field(String(11), title=_("Hours"), classified="public")
    """As 21:00-08:00; what ends before it begins ends on the next day."""
    days: Mapped[list[Any]] = field(json_type(), title=_("Days"), classified="public", default=list)
    """Days of the week on which they begin, as ``mon``; all where it is empty."""


class Cap(Record):
    """How many messages a customer gets at most: of a channel and a purpose, or of all of them together.

    ``per`` is a day, week (from Monday) or month of the customer's calendar, or ``hours``, the last so many.
    """

    __tablename__ = "messaging_cap"
    __access__ = Access.open()

    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="public", default=EVERY)
    purpose: Mapped[str] = field(String(60), title=_("Purpose"), classified="public", default=EVERY)
    number: Mapped[int] = field(Integer, title=_("At most"), classified="public")
    per: Mapped[str] = field(String(8), title=_("Counted over"), classified="public", choices=PER)
    hours: Mapped[int | None] = field(Integer, title=_("Hours"), classified="public")


class Throttle(Record):
    """How many messages leave at most by a channel, or by one mailbox of it, in so many seconds."""

    __tablename__ = "messaging_throttle"
    __access__ = Access.open()

    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="public")
    mailbox: Mapped[str] = field(String(60), title=_("Mailbox"), classified="public", default="")
    """Empty for what leaves by the channel whatever the mailbox."""
    number: Mapped[int] = field(Integer, title=_("At most"), classified="public")
    seconds: Mapped[int] = field(Integer, title=_("In seconds"), classified="public")

    __table_args__ = (UniqueConstraint("channel", "mailbox"),)


class Suppression(Record):
    """That an address gets no messages any more, whoever has it and whatever it agreed to.

    The address itself is not kept: ``code`` is its blind index, ``point_token`` that of contact points, by which those
    are found that have it. Both outlive the customer, so that nobody is written to again by coming back.
    """

    __tablename__ = "messaging_suppression"
    __access__ = Access.open()

    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="internal", choices=KINDS, editable=False)
    code: Mapped[bytes] = field(LargeBinary(32), classified="internal", unique=True, editable=False)
    point_token: Mapped[bytes | None] = field(LargeBinary(17), classified="internal", index=True, editable=False)
    reason: Mapped[str] = field(
        String(20), title=_("Reason"), classified="internal", choices=SUPPRESSIONS, editable=False
    )
    source: Mapped[str | None] = field(String(120), title=_("Source"), classified="internal", editable=False)
    """What brought it about, such as ``messaging.message:<id>``."""
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="SET NULL"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )


MODELS = [OutgoingMessage, Policy, QuietHours, Cap, Throttle, Suppression]
