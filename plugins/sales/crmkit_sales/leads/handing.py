"""Handing leads from marketing to sales: an offer that somebody accepts, or rejects with a reason, until a deadline in
their working time.

The offer is a hand-off of plugin work, and to whom it goes its assignment engine decides. What follows an answer is
done in system scope, as whoever answers need not see the customer yet; answers on the pages of work count the same.
"""

from __future__ import annotations

import contextlib
from typing import Annotated, Any, Literal
from uuid import UUID

from crmkit_work.api import Handoff, NewNotice, Queue, Wish, assign, main_team, note_load, notify
from sqlalchemy import select

from crmkit import (
    CrmSession,
    Customer,
    Input,
    NotFound,
    Refused,
    Subscription,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_sales.leads.errors import NobodyToOffer
from crmkit_sales.leads.events import LeadAccepted, LeadMissed, LeadOffered, LeadRejected
from crmkit_sales.leads.history import enter, note, path_of, ref_of, require
from crmkit_sales.leads.inputs import Reason, problem
from crmkit_sales.leads.models import Lead, LeadChange
from crmkit_sales.leads.moving import BEFORE_OFFER

_ = texts("crmkit_sales")

USUAL_MINUTES = 240
KIND = "sales.lead"
"""The kind of notices about leads."""


@operation("sales.lead.offer", title=_("Offer to sales"), permission="sales.lead.offer", effect="update")
def offer(
    session: CrmSession,
    lead: Lead,
    *,
    queue: Annotated[str, Input(title=_("Queue"), resource="work.queue", max_length=60, classified="internal")] = "",
    user_id: Annotated[UUID | None, Input(title=_("Seller"), resource="user", classified="internal")] = None,
    accept_minutes: Annotated[
        int,
        Input(
            title=_("To be accepted within (minutes)"),
            minimum=1,
            maximum=60 * 24 * 90,
            classified="internal",
            help=_("Of working time."),
        ),
    ] = USUAL_MINUTES,
) -> Lead:
    """Offer a lead to a seller, or to whom the queue or the customer's territory gives it, who has to accept it in
    time. Out of a queue or territory it goes to somebody else where nobody does.

    Raises LeadRefused where it is offered, accepted or closed already, NobodyToOffer where nobody can be asked,
    InvalidInput for a seller and a queue, NotFound for what there is not.
    """
    require(lead, *BEFORE_OFFER)
    if queue and user_id is not None:
        raise problem("queue", _("Name one: a seller or a queue."))
    lead.marketer_id = session.actor.user_id or lead.owner_id
    lead.accept_minutes, lead.reason = accept_minutes, None
    wish = Wish(
        ref=ref_of(lead),
        title=lead.title,
        customer_id=lead.customer_id,
        queue=queue,
        users=(user_id,) if user_id is not None else (),
        purpose="lead",
    )
    _offer(session, lead, wish, shared=user_id is None)
    return lead


def _offer(session: CrmSession, lead: Lead, wish: Wish, *, shared: bool, again: bool = False) -> None:
    """Offer a lead to whom the engine gives it; ``shared`` says that there are others to ask after that one. ``again``
    it goes to somebody alone, and does not wait in the queue for those who were asked."""
    found = assign(session, wish)
    if not (found.user_id or (not again and (found.team_id or found.queue_id))):
        raise NobodyToOffer(
            _("There is nobody to offer this to: {reason}"),
            fix=_("Name a queue or a seller."),
            reason=found.why.render(session.actor.language or "en"),
        )
    to: dict[str, Any] = {"to_user_id": found.user_id}
    if found.user_id is None:
        queue = session.get(Queue, found.queue_id)
        to = {"to_team_id": found.team_id} if found.team_id or queue is None else {"to_queue": queue.name}
    handoff: Handoff = session.run(
        "work.handoff.offer",
        {
            "title": lead.title,
            "customer_id": lead.customer_id,
            "ref": ref_of(lead),
            "accept_minutes": lead.accept_minutes or USUAL_MINUTES,
            **to,
        },
    )
    lead.handoff_id, lead.accept_by = handoff.id, handoff.due_at
    lead.owner_id = found.user_id
    lead.team_id = (main_team(session, found.user_id) if found.user_id else found.team_id) or lead.team_id
    lead.queue_id = found.queue_id if shared else None
    enter(session, lead, "offered")
    note(session, lead, "offered", user_id=found.user_id)
    session.emit(
        LeadOffered(lead_id=lead.id, customer_id=lead.customer_id, handoff_id=handoff.id, user_id=found.user_id)
    )


@operation("sales.lead.accept", title=_("Accept the lead"), permission="sales.lead.answer", effect="update")
def accept(session: CrmSession, lead: Lead) -> Lead:
    """Take a lead that was offered; the customer comes over with it. Raises Refused for somebody who was not asked,
    Conflict where it was answered already."""
    require(lead, "offered")
    handoff: Handoff = session.run("work.handoff.accept", target=lead.handoff_id)
    _accepted(session, lead, handoff)
    return lead


@operation("sales.lead.reject", title=_("Reject the lead"), permission="sales.lead.answer", effect="update")
def reject(session: CrmSession, lead: Lead, *, reason: Reason) -> Lead:
    """Do not take a lead that was offered, and say why; it goes back to marketing. Raises as accepting does, and
    InvalidInput without a reason."""
    require(lead, "offered")
    if not reason.strip():
        raise problem("reason", _("Say why."))
    handoff: Handoff = session.run("work.handoff.decline", {"reason": reason}, target=lead.handoff_id)
    _rejected(session, lead, handoff, session.actor.user_id, reason.strip())
    return lead


@operation("sales.lead.withdraw", title=_("Withdraw the offer"), permission="sales.lead.offer", effect="update")
def withdraw(session: CrmSession, lead: Lead) -> Lead:
    """Take an offer back that nobody has accepted yet. Raises Refused for anybody but who has made it, Conflict where
    it was answered already."""
    require(lead, "offered")
    session.run("work.handoff.withdraw", target=lead.handoff_id)
    _back(session, lead, "updated")
    return lead


def _accepted(session: CrmSession, lead: Lead, handoff: Handoff) -> None:
    lead.owner_id, lead.accept_by = handoff.owner_id, None
    lead.team_id = (main_team(session, handoff.owner_id) if handoff.owner_id else None) or lead.team_id
    note_load(session, ref_of(lead), lead.owner_id)
    enter(session, lead, "accepted")
    waited = handoff.waited_seconds or 0
    note(session, lead, "accepted", user_id=handoff.owner_id, waited_seconds=waited)
    session.emit(
        LeadAccepted(lead_id=lead.id, customer_id=lead.customer_id, user_id=handoff.owner_id, waited_seconds=waited)
    )


def _rejected(session: CrmSession, lead: Lead, handoff: Handoff, user_id: UUID | None, reason: str) -> None:
    # Whose it is now, is said afterwards: whoever rejects it would not see what they write.
    lead.accept_by, lead.reason = None, reason or None
    note_load(session, ref_of(lead), None)
    enter(session, lead, "rejected")
    note(session, lead, "rejected", user_id=user_id, waited_seconds=handoff.waited_seconds, reason=reason)
    session.emit(LeadRejected(lead_id=lead.id, customer_id=lead.customer_id, user_id=user_id))


def _back(session: CrmSession, lead: Lead, cause: str) -> None:
    lead.owner_id, lead.handoff_id, lead.accept_by = lead.marketer_id, None, None
    note_load(session, ref_of(lead), None)
    enter(session, lead, "marketing_qualified")
    note(session, lead, cause)


# --- what follows an answer, in system scope --------------------------------------------------------------------------


@operation("sales.lead.follow", title=_("Follow the hand-off"), permission="sales.lead.offer", hidden=True)
def follow(
    session: CrmSession,
    *,
    handoff_id: Annotated[UUID, Input(title=_("Hand-off"), classified="internal")],
    what: Annotated[Literal["accepted", "declined", "expired"], Input(title=_("What happened"), classified="internal")],
) -> None:
    """Let a lead follow what happened to its hand-off, wherever that was answered. Raises Refused outside system
    scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    lead = session.scalar(select(Lead).where(Lead.handoff_id == handoff_id).with_for_update())
    handoff = session.get(Handoff, handoff_id)
    if lead is None or handoff is None:
        return
    if what == "accepted":
        if lead.state == "offered":
            _accepted(session, lead, handoff)
        if lead.state == "accepted" and handoff.owner_id is not None:
            # The lead itself counts as open work from now on.
            note_load(session, f"work.handoff:{handoff.id}", None)
            _give_customer(session, lead, handoff.owner_id)
    elif what == "declined" and lead.state == "offered":
        _rejected(session, lead, handoff, handoff.owner_id, "")
    elif what == "expired" and lead.state == "offered" and handoff.state == "expired":
        _missed(session, lead, handoff)


@operation("sales.lead.give_back", title=_("Give it back to marketing"), permission="sales.lead.offer", hidden=True)
def give_back(session: CrmSession, lead: Lead) -> None:
    """Let a lead be whose it was before it was offered, once sales has rejected it or put it back. Raises Refused
    outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    if lead.state in ("rejected", "recycled") and lead.marketer_id is not None:
        lead.owner_id = lead.marketer_id


def _missed(session: CrmSession, lead: Lead, handoff: Handoff) -> None:
    missed = lead.owner_id
    note(session, lead, "missed", user_id=missed)
    session.emit(LeadMissed(lead_id=lead.id, customer_id=lead.customer_id, user_id=missed))
    if lead.queue_id is None:
        # It was offered to just that person, who can still accept it.
        return
    asked = _asked_before(session, lead)
    session.run("work.handoff.withdraw", target=handoff.id)
    wish = Wish(
        ref=ref_of(lead),
        title=lead.title,
        customer_id=lead.customer_id,
        queue_id=lead.queue_id,
        exclude=tuple(asked),
        purpose="lead",
    )
    session.flush()
    try:
        with session.begin_nested():
            _offer(session, lead, wish, shared=True, again=True)
    except (NobodyToOffer, NotFound):
        _back(session, lead, "updated")
    told = NewNotice(
        kind=KIND,
        title=_("A lead was not answered in time: {title}"),
        values={"title": lead.title},
        ref=ref_of(lead),
        path=path_of(lead),
        customer_id=lead.customer_id,
    )
    notify(session, [lead.marketer_id], told)


def _asked_before(session: CrmSession, lead: Lead) -> list[UUID]:
    """Return who was asked since the lead was qualified last, and did not take it."""
    begun = session.scalar(
        select(LeadChange.since)
        .where(LeadChange.lead_id == lead.id, LeadChange.cause == "qualified")
        .order_by(LeadChange.since.desc(), LeadChange.id.desc())
        .limit(1)
    )
    query = select(LeadChange.user_id).where(
        LeadChange.lead_id == lead.id, LeadChange.cause.in_(("missed", "rejected")), LeadChange.user_id.is_not(None)
    )
    if begun is not None:
        query = query.where(LeadChange.since >= begun)
    return [each for each in dict.fromkeys(session.scalars(query)) if each is not None]


def _give_customer(session: CrmSession, lead: Lead, user_id: UUID) -> None:
    """Give the customer to who has accepted where it is nobody's, and a share in it where it is somebody else's."""
    customer = session.get(Customer, lead.customer_id)
    if customer is None or customer.deleted_at is not None or customer.owner_id == user_id:
        return
    if customer.owner_id is None:
        team_id = customer.team_id or main_team(session, user_id)
        values: dict[str, Any] = {"owner_id": user_id} | ({"team_id": team_id} if team_id else {})
        session.run("customer.assign", values, target=customer)
        return
    with contextlib.suppress(AlreadyExists):
        session.run("share.create", {"resource": "customer", "record_id": customer.id, "user_id": user_id})


def _following(what: str) -> Any:
    def handler(session: CrmSession, event: Any) -> None:
        session.run("sales.lead.follow", {"handoff_id": event.handoff_id, "what": what})

    return handler


def _given_back(session: CrmSession, event: Any) -> None:
    lead = session.get(Lead, event.lead_id)
    if lead is not None:
        session.run("sales.lead.give_back", target=lead)


OPERATIONS = [offer, accept, reject, withdraw, follow, give_back]
SUBSCRIPTIONS = [
    Subscription(name="sales.lead_given_back", event="sales.lead.rejected", handler=_given_back),
    Subscription(name="sales.lead_put_back", event="sales.lead.closed", handler=_given_back),
    *(
        Subscription(name=f"sales.lead_{what}", event=f"work.handoff.{what}", handler=_following(what))
        for what in ("accepted", "declined", "expired")
    ),
]
