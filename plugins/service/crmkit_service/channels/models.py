"""The tables of channels: where cases come in, what came in, what went out by mail, ratings, and the time that was
spent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from crmkit_work.api import Queue
from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import (
    Access,
    Customer,
    CustomerRecord,
    Entry,
    Id,
    Interaction,
    Model,
    Record,
    Team,
    User,
    field,
    json_type,
    kernel_key,
    texts,
)
from crmkit_service.cases.models import Case, CaseMessage, CaseType
from crmkit_service.cases.words import CHANNELS
from crmkit_service.channels.words import CHANNEL_KINDS, DEFLECTIONS, INTAKE_STATES, LEFT, WAYS

_ = texts("crmkit_service")


class ServiceChannel(Record):
    """Where cases come in by themselves: a mailbox of plugin messaging, or a form that visitors fill in.

    What comes in becomes a case of the type, goes into the queue (or to the team), and is acknowledged. ``fields`` of a
    form is a list of ``[name, required]``, ``texts`` has for each language its title, introduction and thanks,
    ``origins`` are the addresses of the pages that may show it in a frame. ``secret`` signs the instant at which a form
    was handed out, and what is kept of an address on the network.
    """

    __tablename__ = "service_channel"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(String(8), title=_("Kind"), classified="public", choices=CHANNEL_KINDS, editable=False)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)
    mailbox: Mapped[str | None] = field(String(60), title=_("Mailbox"), classified="public", unique=True)
    type_id: Mapped[UUID | None] = field(
        ForeignKey(CaseType.id, ondelete="SET NULL"), title=_("Type of the cases"), classified="public", index=True
    )
    queue_id: Mapped[UUID | None] = field(
        kernel_key(Queue.id, ondelete="SET NULL"), title=_("Queue"), classified="public", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="public", index=True
    )
    language: Mapped[str | None] = field(String(12), title=_("Language"), classified="public")
    acknowledges: Mapped[bool] = field(title=_("Acknowledges what comes in"), classified="public", default=True)
    rates: Mapped[bool] = field(title=_("Asks how satisfied customers are"), classified="public", default=True)
    fields: Mapped[list[Any]] = field(json_type(), title=_("Questions"), classified="public", default=list)
    texts: Mapped[dict[str, Any]] = field(json_type(), title=_("Texts"), classified="public", default=dict)
    purposes: Mapped[list[Any]] = field(json_type(), title=_("Consent"), classified="public", default=list)
    origins: Mapped[list[Any]] = field(json_type(), title=_("May be embedded in"), classified="public", default=list)
    hourly: Mapped[int] = field(Integer, title=_("Most in an hour from one address"), classified="public", default=10)
    secret: Mapped[str | None] = field(String(64), classified="secret", editable=False)
    link_id: Mapped[UUID | None] = field(Id, classified="internal", editable=False)


class Intake(Record):
    """Something that came in, and what became of it: a case, a message in one, or nothing, with the reason.

    A mail is its interaction. ``answers`` has what a form or another system said, until it is in a case; then it
    stands in the customer's timeline. ``external_source`` and ``external_id`` say what the sender calls it, so that it
    counts once. ``sender`` is a fingerprint of the address on the network.
    """

    __tablename__ = "service_intake"
    __access__ = Access.via("customer_id", author="created_by")
    __history__ = False

    way: Mapped[str] = field(String(8), title=_("By"), classified="internal", choices=WAYS, editable=False)
    channel_id: Mapped[UUID | None] = field(
        ForeignKey(ServiceChannel.id, ondelete="SET NULL"),
        title=_("Channel"),
        classified="internal",
        index=True,
        editable=False,
    )
    interaction_id: Mapped[UUID | None] = field(
        kernel_key(Interaction.id, ondelete="CASCADE"),
        title=_("Interaction"),
        classified="internal",
        unique=True,
        editable=False,
    )
    external_source: Mapped[str] = field(String(60), title=_("Sender"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(
        String(200), title=_("Id at the sender"), classified="internal", editable=False
    )
    received_at: Mapped[datetime] = field(title=_("Received"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=INTAKE_STATES, default="waiting", editable=False
    )
    reason: Mapped[str | None] = field(String(12), title=_("Why"), classified="internal", choices=LEFT, editable=False)
    problem: Mapped[str | None] = field(String(10), title=_("Code"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    case_id: Mapped[UUID | None] = field(
        ForeignKey(Case.id, ondelete="SET NULL"), title=_("Case"), classified="internal", index=True, editable=False
    )
    answers: Mapped[dict[str, Any] | None] = field(
        json_type(), title=_("Answers"), classified="sensitive", editable=False
    )
    sender: Mapped[str | None] = field(String(32), classified="internal", editable=False)

    __table_args__ = (
        UniqueConstraint("external_source", "external_id"),
        Index("ix_service_intake_state", "state", "received_at", "id"),
        Index("ix_service_intake_sender", "sender", "received_at"),
    )


class Departure(Model):
    """Which message of plugin messaging an answer in a case went out as: by it is known what became of the answer."""

    __tablename__ = "service_departure"
    __access__ = Access.via("message_id", resource="service.case")

    outgoing_id: Mapped[UUID] = field(Id, classified="internal", primary_key=True)
    message_id: Mapped[UUID] = field(ForeignKey(CaseMessage.id, ondelete="CASCADE"), classified="internal", index=True)
    customer_id: Mapped[UUID] = field(kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True)


class Rating(CustomerRecord):
    """How satisfied a customer was with how a case was solved: once for each time that it was.

    ``round`` counts the solutions, from 1 on. ``score`` is from 1 (very dissatisfied) to 5 (very satisfied).
    """

    __tablename__ = "service_rating"

    case_id: Mapped[UUID] = field(
        ForeignKey(Case.id, ondelete="CASCADE"), title=_("Case"), classified="internal", editable=False
    )
    round: Mapped[int] = field(Integer, title=_("Solution"), classified="internal", editable=False)
    score: Mapped[int] = field(Integer, title=_("Score"), classified="internal", editable=False)
    comment: Mapped[str | None] = field(String(2000), title=_("Comment"), classified="sensitive", editable=False)
    rated_at: Mapped[datetime] = field(title=_("Rated at"), classified="internal", editable=False)

    __table_args__ = (
        UniqueConstraint("case_id", "round"),
        Index("ix_service_rating_rated", "rated_at", "id"),
    )


class Handling(Entry):
    """Time that somebody spent on a case, in seconds; ``at`` is of the business's clock."""

    __tablename__ = "service_handling"
    __access__ = Access.via("case_id", resource="service.case")

    case_id: Mapped[UUID] = field(ForeignKey(Case.id, ondelete="CASCADE"), title=_("Case"), classified="internal")
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    seconds: Mapped[int] = field(Integer, title=_("Seconds"), classified="internal")
    channel: Mapped[str] = field(String(8), title=_("Channel"), classified="internal", choices=CHANNELS)
    actor_id: Mapped[str] = field(String(80), classified="internal")

    __table_args__ = (
        Index("ix_service_handling_case", "case_id", "at", "id"),
        Index("ix_service_handling_at", "at"),
    )


class HandlingRate(Record):
    """What an hour of handling costs from a day on, and how long an answer takes where nobody has said it.

    ``hourly_minor`` is in minor units of the base currency; ``usual_seconds`` is for each answer of a case of which no
    time was noted.
    """

    __tablename__ = "service_handling_rate"
    __access__ = Access.open()

    since: Mapped[date] = field(title=_("From"), classified="internal", unique=True)
    since_at: Mapped[datetime] = field(classified="internal", index=True, editable=False)
    """When that day begins in the company's zone, in UTC."""
    hourly_minor: Mapped[int] = field(Integer, title=_("An hour costs"), classified="internal")
    usual_seconds: Mapped[int] = field(Integer, title=_("Seconds for an answer"), classified="internal", default=300)


class Deflection(Entry):
    """That a visitor of a form was shown something that may answer what they ask, or has sent the form all the same.

    ``visit`` is the key of one visit, which says nothing of the visitor. ``what`` is shown or sent; ``source`` and
    ``source_id`` say what was shown. ``at`` is of the business's clock.
    """

    __tablename__ = "service_deflection"
    __access__ = Access.open(resource="service.deflection")

    visit: Mapped[str] = field(String(64), title=_("Visit"), classified="internal")
    channel_id: Mapped[UUID] = field(
        ForeignKey(ServiceChannel.id, ondelete="CASCADE"), title=_("Channel"), classified="internal", index=True
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    what: Mapped[str] = field(String(5), title=_("What"), classified="internal", choices=DEFLECTIONS)
    source: Mapped[str] = field(String(60), title=_("Kind"), classified="internal", default="")
    source_id: Mapped[str] = field(String(120), title=_("Which"), classified="internal", default="")

    __table_args__ = (
        Index("ix_service_deflection_visit", "visit", "what"),
        Index("ix_service_deflection_at", "at"),
    )


MODELS: list[type[Any]] = [ServiceChannel, Intake, Departure, Rating, Handling, HandlingRate, Deflection]
