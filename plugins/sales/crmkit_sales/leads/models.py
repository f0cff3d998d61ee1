"""The tables of leads: the sources they come from, the leads with their history, forms, and what came in by them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import (
    Access,
    Customer,
    CustomerRecord,
    Entry,
    Id,
    Money,
    Record,
    Team,
    User,
    field,
    json_type,
    kernel_key,
    texts,
)
from crmkit_sales.leads.words import (
    ABILITIES,
    CAUSES,
    CLOSED,
    INQUIRY_STATES,
    INTENTS,
    SOURCE_KINDS,
    STATES,
    TIMINGS,
    WAYS,
)

_ = texts("crmkit_sales")


class LeadSource(Record):
    """Where leads come from, and what that cost: ``cost_minor`` is in minor units of ``currency``, for all of its
    leads together."""

    __tablename__ = "sales_lead_source"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(String(20), title=_("Kind"), classified="public", choices=SOURCE_KINDS, default="other")
    cost_minor: Mapped[int | None] = field(title=_("Cost"), classified="internal")
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal")
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class Lead(CustomerRecord):
    """Somebody who may become a customer: what they want, how far that has come, and with whom it is.

    The person is a customer of standing *potential*; a lead says why they are worth talking to. ``owner_id`` is who has
    it now: marketing, or the seller to whom it was offered. ``marketer_id`` is who offered it. All instants are of the
    business's clock, but for ``accept_by``, which people have to keep. ``budget_minor`` is in minor units of
    ``currency``.
    """

    __tablename__ = "sales_lead"

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", searchable=True)
    state: Mapped[str] = field(
        String(20), title=_("State"), classified="internal", choices=STATES, default="new", editable=False
    )
    state_since: Mapped[datetime] = field(title=_("In this state since"), classified="internal", editable=False)
    source_id: Mapped[UUID | None] = field(
        ForeignKey("sales_lead_source.id", ondelete="SET NULL"), title=_("Source"), classified="internal", index=True
    )
    campaign: Mapped[str | None] = field(String(120), title=_("Campaign"), classified="internal")
    intent: Mapped[str] = field(String(10), title=_("Intent"), classified="internal", choices=INTENTS, default="none")
    ability: Mapped[str] = field(
        String(10), title=_("Ability to pay"), classified="internal", choices=ABILITIES, default="unknown"
    )
    budget_minor: Mapped[int | None] = field(title=_("Budget"), classified="internal")
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal")
    timing: Mapped[str] = field(
        String(10), title=_("Timing"), classified="internal", choices=TIMINGS, default="unknown"
    )
    wanted_on: Mapped[date | None] = field(title=_("Wanted by"), classified="internal")
    need: Mapped[str | None] = field(String(5000), title=_("Need"), classified="sensitive")
    reason: Mapped[str | None] = field(
        String(1000), title=_("Why it was rejected or closed"), classified="sensitive", editable=False
    )
    marketer_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Offered by"),
        classified="internal",
        index=True,
        editable=False,
    )
    handoff_id: Mapped[UUID | None] = field(Id, classified="internal", index=True, editable=False)
    """The hand-off of plugin work by which it is offered now."""
    queue_id: Mapped[UUID | None] = field(Id, title=_("Queue"), classified="internal", editable=False)
    """The queue of plugin work out of which it goes to somebody else where nobody answers in time."""
    accept_minutes: Mapped[int | None] = field(Integer, classified="internal", editable=False)
    accept_by: Mapped[datetime | None] = field(title=_("To be accepted until"), classified="internal", editable=False)
    opportunity_id: Mapped[UUID | None] = field(
        ForeignKey("sales_opportunity.id", ondelete="SET NULL"),
        title=_("Opportunity"),
        classified="internal",
        index=True,
        editable=False,
    )
    opened_at: Mapped[datetime] = field(title=_("Came in"), classified="internal", editable=False)
    closed_at: Mapped[datetime | None] = field(title=_("Closed at"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_sales_lead_state", "state", "state_since"),
        Index("ix_sales_lead_opened", "opened_at", "id"),
    )

    @property
    def is_open(self) -> bool:
        """Say whether something can still come of it."""
        return self.state not in CLOSED

    @property
    def budget(self) -> Money | None:
        """Return the budget, or None where none is known."""
        if self.budget_minor is None or self.currency is None:
            return None
        return Money(self.budget_minor, self.currency)


class LeadChange(Entry):
    """What a lead was from an instant on: one row for each operation that changed any of it.

    ``since`` is when it became so by the business's clock. ``user_id`` is whom it was about: who accepted, rejected or
    did not answer. ``waited_seconds`` is how long an offer waited for its answer, in working time of who was asked.
    """

    __tablename__ = "sales_lead_change"
    __access__ = Access.via("lead_id", resource="sales.lead")

    lead_id: Mapped[UUID] = field(ForeignKey("sales_lead.id", ondelete="CASCADE"), classified="internal")
    customer_id: Mapped[UUID] = field(kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True)
    since: Mapped[datetime] = field(title=_("Since"), classified="internal")
    cause: Mapped[str] = field(String(20), title=_("What happened"), classified="internal", choices=CAUSES)
    state: Mapped[str] = field(String(20), title=_("State"), classified="internal", choices=STATES)
    intent: Mapped[str] = field(String(10), title=_("Intent"), classified="internal")
    ability: Mapped[str] = field(String(10), title=_("Ability to pay"), classified="internal")
    timing: Mapped[str] = field(String(10), title=_("Timing"), classified="internal")
    source_id: Mapped[UUID | None] = field(Id, classified="internal")
    owner_id: Mapped[UUID | None] = field(Id, classified="internal")
    team_id: Mapped[UUID | None] = field(Id, classified="internal")
    user_id: Mapped[UUID | None] = field(Id, title=_("Who"), classified="internal")
    waited_seconds: Mapped[int | None] = field(Integer, classified="internal")
    reason: Mapped[str | None] = field(String(1000), title=_("Why"), classified="sensitive")
    actor_id: Mapped[str] = field(String(80), classified="internal")

    __table_args__ = (
        Index("ix_sales_lead_change_lead", "lead_id", "since", "id"),
        Index("ix_sales_lead_change_cause", "cause", "since"),
    )


class LeadForm(Record):
    """A form by which visitors come in. ``fields`` is a list of ``[name, required]`` in their order, ``texts`` has for
    each language its title, introduction and thanks, ``purposes`` are what visitors may allow.

    ``origins`` are the addresses of the pages that may show it in a frame. ``secret`` signs the instant at which a form
    was handed out, and what is kept of an address.
    """

    __tablename__ = "sales_form"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)
    fields: Mapped[list[Any]] = field(json_type(), title=_("Questions"), classified="public", default=list)
    texts: Mapped[dict[str, Any]] = field(json_type(), title=_("Texts"), classified="public", default=dict)
    purposes: Mapped[list[Any]] = field(json_type(), title=_("Consent"), classified="public", default=list)
    origins: Mapped[list[Any]] = field(json_type(), title=_("May be embedded in"), classified="public", default=list)
    source_id: Mapped[UUID | None] = field(
        ForeignKey("sales_lead_source.id", ondelete="SET NULL"), title=_("Source"), classified="public", index=True
    )
    campaign: Mapped[str | None] = field(String(120), title=_("Campaign"), classified="public")
    queue: Mapped[str] = field(String(60), title=_("Queue"), classified="internal", default="")
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="public", index=True
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="public", index=True
    )
    hourly: Mapped[int] = field(Integer, title=_("Most in an hour from one address"), classified="public", default=10)
    secret: Mapped[str | None] = field(String(64), classified="secret", editable=False)
    link_id: Mapped[UUID | None] = field(Id, classified="internal", editable=False)


class Inquiry(Record):
    """Something that came in about somebody, before it is known about whom: by a form, by another system, by a file.

    ``external_source`` and ``external_id`` say what the sender calls it: there is one row for it, so it never counts
    twice. ``answers`` is kept until it is settled; then it stands in the customer's timeline. ``sender`` is a
    fingerprint of the address on the network.
    """

    __tablename__ = "sales_inquiry"
    __access__ = Access.via("customer_id", author="created_by")
    __history__ = False

    way: Mapped[str] = field(String(10), title=_("By"), classified="internal", choices=WAYS, editable=False)
    form_id: Mapped[UUID | None] = field(
        ForeignKey("sales_form.id", ondelete="SET NULL"),
        title=_("Form"),
        classified="internal",
        index=True,
        editable=False,
    )
    external_source: Mapped[str] = field(String(60), title=_("Sender"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(
        String(200), title=_("Id at the sender"), classified="internal", editable=False
    )
    received_at: Mapped[datetime] = field(title=_("Received"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=INQUIRY_STATES, default="waiting", editable=False
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    lead_id: Mapped[UUID | None] = field(
        ForeignKey("sales_lead.id", ondelete="SET NULL"),
        title=_("Lead"),
        classified="internal",
        index=True,
        editable=False,
    )
    answers: Mapped[dict[str, Any] | None] = field(
        json_type(), title=_("Answers"), classified="sensitive", editable=False
    )
    problem: Mapped[str | None] = field(String(10), title=_("Code"), classified="internal", editable=False)
    sender: Mapped[str | None] = field(String(32), classified="internal", editable=False)

    __table_args__ = (
        UniqueConstraint("external_source", "external_id"),
        Index("ix_sales_inquiry_state", "state", "received_at", "id"),
        Index("ix_sales_inquiry_sender", "sender", "received_at"),
    )


MODELS: list[type[Any]] = [LeadSource, Lead, LeadChange, LeadForm, Inquiry]
