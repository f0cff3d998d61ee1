"""The tables of receiving: mails that came in, what ties mails to threads, bounces, automatic answers, and how far each
mailbox was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Interaction, Model, Record, field, json_type, kernel_key, texts
from crmkit_messaging.sending.models import OutgoingMessage

_ = texts("crmkit_messaging")

KINDS = {
    "mail": _("Mail"),
    "auto_reply": _("Automatic reply"),
    "bounce": _("Bounce"),
    "complaint": _("Complaint"),
    "receipt": _("Receipt"),
}
"""What can come in, with titles."""
SEVERITIES = {
    "hard": _("The address is no good"),
    "soft": _("It may work another time"),
    "blocked": _("The server wants no such mail"),
    "delayed": _("It is still being tried"),
    "delivered": _("It was delivered"),
    "complaint": _("The recipient complained"),
}
"""What became of a mail of ours, with titles."""
STUCK_STATES = {"open": _("To be looked at"), "done": _("Done")}
ANSWERED = {
    "answered": _("It was answered automatically."),
    "no_template": _("The mailbox answers nothing automatically."),
    "open_hours": _("It came in working hours."),
    "lately": _("The sender got such an answer not long ago."),
    "automatic": _("A machine sent it."),
    "bulk": _("It went to many."),
    "null_sender": _("It wants no answer: its sender is empty."),
    "no_reply": _("Nobody reads what is sent to its sender."),
    "own": _("It is from one of the own mailboxes."),
    "not_addressed": _("It was not addressed to the mailbox."),
    "unknown_sender": _("It is not known who sent it."),
    "suppressed": _("The sender gets no messages."),
    "old": _("It was too old when it came in."),
    "refused": _("The answer could not be sent."),
}
"""Why a mail was answered automatically, or not, by code."""


class ReceivedMail(Record):
    """A mail that came in, beside its interaction: what an interaction has no field for.

    ``key`` tells mails apart: of their Message-ID and their content; a mail that comes into two mailboxes is there
    once, with both in ``mailboxes``. ``html`` was cleaned; ``quoted`` is the history that was cut off its text;
    ``left_out`` what was not kept of it. ``answered`` says why it was answered automatically, or not.
    """

    __tablename__ = "messaging_mail"
    __access__ = Access.via("interaction_id")
    __history__ = False

    interaction_id: Mapped[UUID] = field(
        kernel_key(Interaction.id, ondelete="CASCADE"),
        title=_("Interaction"),
        classified="internal",
        unique=True,
        editable=False,
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    contact_point_id: Mapped[UUID | None] = field(Id, classified="internal", editable=False)
    mailboxes: Mapped[list[str]] = field(
        json_type(), title=_("Mailboxes"), classified="internal", default=list, editable=False
    )
    kind: Mapped[str] = field(String(12), title=_("Kind"), classified="internal", choices=KINDS, editable=False)
    key: Mapped[str] = field(String(64), classified="internal", unique=True, editable=False)
    automatic: Mapped[bool] = field(title=_("Sent by a machine"), classified="internal", default=False, editable=False)
    language: Mapped[str] = field(String(12), title=_("Language"), classified="internal", default="", editable=False)
    received_at: Mapped[datetime] = field(title=_("Received at"), classified="internal", editable=False)
    unresolved: Mapped[bool] = field(
        title=_("It is not known who sent it"), classified="internal", default=False, editable=False
    )
    answerable: Mapped[str] = field(String(20), classified="internal", default="", editable=False)
    """Empty where a machine may answer, else a code of `ANSWERED` that says why not."""
    answered: Mapped[str | None] = field(
        String(20), title=_("Automatic answer"), classified="internal", choices=ANSWERED, editable=False
    )
    sender: Mapped[str | None] = field(String(320), title=_("Sender"), classified="secret", editable=False)
    """The address that it came from, for naming the customer; it is shown as that of a participant, by right."""
    html: Mapped[str | None] = field(String, title=_("HTML"), classified="text", editable=False)
    quoted: Mapped[str | None] = field(String, title=_("History"), classified="text", editable=False)
    left_out: Mapped[list[Any] | None] = field(
        json_type(), title=_("What was not kept"), classified="personal", editable=False
    )

    __table_args__ = (
        Index("ix_messaging_mail_unresolved", "unresolved", "received_at", "id"),
        Index("ix_messaging_mail_received", "received_at", "id"),
    )

    def sealed_for(self) -> UUID | None:
        """Return the customer, or the interaction where nobody is known yet: it takes the key along when it is
        resolved."""
        return self.customer_id or self.interaction_id


class MailReference(Model):
    """By what a later mail finds the thread that it belongs to: the Message-ID of a mail that came or left, and a code
    of its subject and participants. Neither can be read back."""

    __tablename__ = "messaging_reference"
    __access__ = Access.via("interaction_id", resource="messaging.mail")

    interaction_id: Mapped[UUID] = field(
        kernel_key(Interaction.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True
    )
    message_key: Mapped[str | None] = field(String(64), classified="internal", index=True)
    topic: Mapped[bytes | None] = field(LargeBinary(32), classified="internal", index=True)
    thread: Mapped[str] = field(String(200), classified="internal")
    occurred_at: Mapped[datetime] = field(classified="internal")


class Bounce(Record):
    """What a server or a recipient has said of a message of ours: that it came back, or is not wanted.

    ``message_id`` names the outgoing message; nothing follows from a report that names none of ours. ``status`` is as
    in RFC 3463.
    """

    __tablename__ = "messaging_bounce"
    __access__ = Access.via("interaction_id")
    __history__ = False

    interaction_id: Mapped[UUID] = field(
        kernel_key(Interaction.id, ondelete="CASCADE"),
        title=_("Report"),
        classified="internal",
        index=True,
        editable=False,
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    message_id: Mapped[UUID | None] = field(
        ForeignKey(OutgoingMessage.id, ondelete="CASCADE"),
        title=_("Outgoing message"),
        classified="internal",
        index=True,
        editable=False,
    )
    contact_point_id: Mapped[UUID | None] = field(Id, classified="internal", index=True, editable=False)
    severity: Mapped[str] = field(
        String(10), title=_("What happened"), classified="internal", choices=SEVERITIES, editable=False
    )
    status: Mapped[str] = field(String(12), title=_("Status"), classified="internal", default="", editable=False)
    diagnostic: Mapped[str | None] = field(String(500), title=_("Words of the server"), classified="sensitive")
    happened_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    suppressed: Mapped[bool] = field(
        title=_("The address was suppressed"), classified="internal", default=False, editable=False
    )

    def sealed_for(self) -> UUID | None:
        """Return the customer, or the report where nobody is known."""
        return self.customer_id or self.interaction_id


class AutomaticAnswer(Record):
    """That a customer got an automatic answer of a mailbox: the next one is not before some days are over."""

    __tablename__ = "messaging_automatic_answer"
    __access__ = Access.via("customer_id", resource="messaging.mail")
    __history__ = False

    customer_id: Mapped[UUID] = field(kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True)
    mailbox: Mapped[str] = field(String(60), title=_("Mailbox"), classified="internal")
    interaction_id: Mapped[UUID] = field(Id, classified="internal")
    message_id: Mapped[UUID | None] = field(Id, classified="internal")
    answered_at: Mapped[datetime] = field(title=_("When"), classified="internal")

    __table_args__ = (Index("ix_messaging_automatic_answer_last", "mailbox", "customer_id", "answered_at"),)


class MailboxPlace(Record):
    """How far a mailbox was read. UIDs count within one ``uid_validity`` (RFC 9051, 2.3.1.1); with another one it is
    read anew from the beginning, and what is known already is passed over."""

    __tablename__ = "messaging_mailbox_place"
    __access__ = Access.open(resource="messaging.mailbox")
    __history__ = False

    mailbox: Mapped[str] = field(String(60), title=_("Mailbox"), classified="internal", editable=False)
    folder: Mapped[str] = field(String(200), title=_("Folder"), classified="internal", editable=False)
    uid_validity: Mapped[int] = field(BigInteger, classified="internal", default=0, editable=False)
    last_uid: Mapped[int] = field(BigInteger, classified="internal", default=0, editable=False)
    fetched_at: Mapped[datetime | None] = field(title=_("Last read"), classified="internal", editable=False)
    failing_since: Mapped[datetime | None] = field(title=_("Failing since"), classified="internal", editable=False)
    failures: Mapped[int] = field(Integer, title=_("Failures"), classified="internal", default=0, editable=False)
    error: Mapped[str | None] = field(String(300), title=_("Error"), classified="internal", editable=False)

    __table_args__ = (UniqueConstraint("mailbox", "folder"),)


class StuckMail(Record):
    """A mail on its server that could not be taken in: tried again some times, then left to a person. The mail itself
    stays where it is."""

    __tablename__ = "messaging_stuck_mail"
    __access__ = Access.open(resource="messaging.mailbox")
    __history__ = False

    mailbox: Mapped[str] = field(String(60), title=_("Mailbox"), classified="internal", editable=False)
    folder: Mapped[str] = field(String(200), title=_("Folder"), classified="internal", editable=False)
    uid_validity: Mapped[int] = field(BigInteger, classified="internal", editable=False)
    uid: Mapped[int] = field(BigInteger, title=_("Number on the server"), classified="internal", editable=False)
    attempts: Mapped[int] = field(Integer, title=_("Attempts"), classified="internal", default=0, editable=False)
    error: Mapped[str] = field(String(300), title=_("Error"), classified="internal", default="", editable=False)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=STUCK_STATES, default="open", editable=False
    )

    __table_args__ = (UniqueConstraint("mailbox", "folder", "uid_validity", "uid"),)


MODELS = [ReceivedMail, MailReference, Bounce, AutomaticAnswer, MailboxPlace, StuckMail]
