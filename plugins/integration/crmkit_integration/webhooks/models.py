"""The tables of web-hooks out: whom we tell what, with which secrets, and how each delivery fared.

What was delivered is not kept: a message is made anew from the feed of events each time, as far as the endpoint's owner
may know of it then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Model, Record, Team, User, field, json_type, kernel_key, new_id, texts

_ = texts("crmkit_integration")

OK, FAILING, DISABLED = "ok", "failing", "disabled"
ENDPOINT_STATES = {OK: _("In order"), FAILING: _("Failing"), DISABLED: _("Switched off")}
"""What an endpoint can be, with titles."""
CAUSES = {
    "manual": _("By somebody"),
    "gone": _("The receiver says that it is gone (410)"),
    "failing": _("Nothing could be delivered for days"),
    "owner": _("Its owner is no active user"),
}
"""Why an endpoint is switched off, with titles."""

WAITING, DELIVERED, DEAD, WITHHELD = "waiting", "delivered", "dead", "withheld"
DELIVERY_STATES = {
    WAITING: _("Waiting"),
    DELIVERED: _("Delivered"),
    DEAD: _("Given up"),
    WITHHELD: _("Withheld"),
}
"""What a delivery can be, with titles; withheld is what the endpoint's owner may not know (any more)."""
OUTCOMES = {
    "delivered": _("Delivered"),
    "status": _("Refused by the receiver"),
    "network": _("No answer"),
    "address": _("An address that is not called"),
}
"""How an attempt can end, with titles."""
TEST = "integration.test"
"""The type of a message that is sent to try an endpoint; it is no event."""


class Endpoint(Record):
    """Another system that is told what happens: its address, the events that it wants, and whose rights hold.

    ``events`` are names of events, ``customer.*`` for all of a resource, or ``*``. It is told what its owner may know,
    within the ``limits`` of the token by which it was set up, if any. ``since`` is when its state became what it is
    (UTC).
    """

    __tablename__ = "integration_endpoint"
    __access__ = Access.owned()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True)
    description: Mapped[str] = field(String(500), title=_("Description"), classified="internal", default="")
    url: Mapped[str] = field(String(2000), title=_("Address"), classified="internal")
    events: Mapped[list[str]] = field(json_type(), title=_("Events"), classified="internal", default=list)
    private: Mapped[bool] = field(title=_("In the own network"), classified="internal", default=False)
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    limits: Mapped[list[Any] | None] = field(
        json_type(), title=_("Limits"), classified="internal", default=None, editable=False
    )
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=ENDPOINT_STATES, default=OK, editable=False
    )
    because: Mapped[str | None] = field(
        String(8), title=_("Why"), classified="internal", choices=CAUSES, default=None, editable=False
    )
    since: Mapped[datetime] = field(title=_("Since"), classified="internal", editable=False)


class EndpointSecret(Model):
    """A secret that messages to an endpoint are signed with. One that was replaced signs along until it expires."""

    __tablename__ = "integration_secret"
    __access__ = Access.via("endpoint_id")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    endpoint_id: Mapped[UUID] = field(
        ForeignKey("integration_endpoint.id", ondelete="CASCADE"), classified="internal", index=True
    )
    value: Mapped[str | None] = field(classified="secret")
    made_at: Mapped[datetime] = field(classified="internal")
    expires_at: Mapped[datetime | None] = field(classified="internal")


class EndpointProgress(Model):
    """How far an endpoint has come: its cursor in the feed, who delivers just now, and how it fares.

    ``run`` is the run that delivers, until ``held_until`` unless it prolongs that: what another one notes is refused.
    ``revision`` grows when somebody changes what there is to deliver. ``failures`` are those since the last success;
    until ``rest_until`` nothing is tried. All instants are UTC.
    """

    __tablename__ = "integration_progress"
    __access__ = Access.via("endpoint_id")

    endpoint_id: Mapped[UUID] = field(
        ForeignKey("integration_endpoint.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    cursor: Mapped[str | None] = field(String(40), classified="internal")
    cursor_at: Mapped[datetime] = field(classified="internal")
    begins_at: Mapped[datetime | None] = field(classified="internal")
    """What happened before this instant (UTC) is none of the endpoint's; null where everything is."""
    last_seq: Mapped[int] = field(BigInteger, classified="internal", default=0)
    run: Mapped[UUID | None] = field(classified="internal")
    held_until: Mapped[datetime | None] = field(classified="internal")
    revision: Mapped[int] = field(Integer, classified="internal", default=0)
    failures: Mapped[int] = field(Integer, classified="internal", default=0)
    failing_since: Mapped[datetime | None] = field(classified="internal")
    rest_until: Mapped[datetime | None] = field(classified="internal")
    delivered_at: Mapped[datetime | None] = field(classified="internal")


class Delivery(Record):
    """One message for one endpoint. ``seq`` is its place in the endpoint's order; ``message_id`` is the same in every
    attempt. ``others`` are further customers whom the event is about; ``line`` is the resource that the event is of:
    messages about no customer are in order by that. ``next_at`` is when the next attempt is due (UTC).
    """

    __tablename__ = "integration_delivery"
    __access__ = Access.via("endpoint_id")
    __history__ = False

    endpoint_id: Mapped[UUID] = field(
        ForeignKey("integration_endpoint.id", ondelete="CASCADE"),
        title=_("Web-hook"),
        classified="internal",
        editable=False,
    )
    seq: Mapped[int] = field(BigInteger, title=_("Place"), classified="internal", editable=False)
    message_id: Mapped[str] = field(String(40), title=_("Message"), classified="internal", editable=False)
    event_id: Mapped[UUID | None] = field(title=_("Event"), classified="internal", editable=False)
    event_type: Mapped[str] = field(String(120), title=_("Kind of event"), classified="internal", editable=False)
    happened_at: Mapped[datetime] = field(title=_("Happened at"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = field(title=_("Customer"), classified="internal", index=True, editable=False)
    others: Mapped[list[Any]] = field(
        json_type(), title=_("Further customers"), classified="internal", default=list, editable=False
    )
    line: Mapped[str] = field(String(120), title=_("Resource"), classified="internal", default="", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=DELIVERY_STATES, default=WAITING, editable=False
    )
    attempts: Mapped[int] = field(Integer, title=_("Attempts"), classified="internal", default=0, editable=False)
    """Attempts since it was put in the order, or was replayed."""
    tried_at: Mapped[datetime | None] = field(title=_("First tried at"), classified="internal", editable=False)
    next_at: Mapped[datetime] = field(title=_("Next attempt"), classified="internal", editable=False)
    status: Mapped[int | None] = field(Integer, title=_("Last answer"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)

    __table_args__ = (
        Index("uq_integration_delivery_message", "endpoint_id", "message_id", unique=True),
        Index("ix_integration_delivery_open", "endpoint_id", "state", "seq"),
        Index("ix_integration_delivery_happened", "endpoint_id", "happened_at"),
        Index("ix_integration_delivery_ended", "state", "ended_at"),
    )


class Attempt(Model):
    """One attempt at a delivery: when, with which answer, and how long it took. Of the answer its status alone is
    kept; ``detail`` is the kind of error of a call that had none."""

    __tablename__ = "integration_attempt"
    __access__ = Access.via("endpoint_id")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    endpoint_id: Mapped[UUID] = field(
        ForeignKey("integration_endpoint.id", ondelete="CASCADE"), classified="internal", index=True
    )
    delivery_id: Mapped[UUID] = field(
        ForeignKey("integration_delivery.id", ondelete="CASCADE"), classified="internal", index=True
    )
    number: Mapped[int] = field(Integer, title=_("Attempt"), classified="internal")
    began_at: Mapped[datetime] = field(title=_("When"), classified="internal")
    outcome: Mapped[str] = field(String(10), title=_("Outcome"), classified="internal", choices=OUTCOMES)
    status: Mapped[int | None] = field(Integer, title=_("Answer"), classified="internal")
    millis: Mapped[int] = field(Integer, title=_("Milliseconds"), classified="internal")
    detail: Mapped[str] = field(String(80), title=_("Error"), classified="internal", default="")
