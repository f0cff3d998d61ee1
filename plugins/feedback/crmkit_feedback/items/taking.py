"""Taking feedback in, from wherever it comes: `take`, within an operation. Must not know surveys, cases or mails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, Customer, NotFound, texts
from crmkit_feedback.items.events import FeedbackTaken
from crmkit_feedback.items.history import next_number, note, problem
from crmkit_feedback.items.looping import begin_loop
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.scoring import LIMITS, band_of
from crmkit_feedback.items.words import BANDS, SOURCES

_ = texts("crmkit_feedback")

FRESH = timedelta(days=14)
"""What came in longer ago opens no loop by itself: nobody is called about last year."""


def take(
    session: CrmSession,
    *,
    source: str,
    customer_id: UUID | None = None,
    response_id: UUID | None = None,
    interaction_id: UUID | None = None,
    channel: str | None = None,
    item: str | None = None,
    product_id: UUID | None = None,
    touchpoint: str | None = None,
    about: str | None = None,
    verbatim: str | None = None,
    language: str | None = None,
    metric: str | None = None,
    score: int | None = None,
    band: str | None = None,
    received_at: datetime | None = None,
    owner_id: UUID | None = None,
    team_id: UUID | None = None,
    attributes: Mapping[str, Any] | None = None,
    external_source: str | None = None,
    external_id: str | None = None,
    loop: bool | None = None,
) -> Feedback:
    """Take feedback in, within an operation, and return it; what was taken in before for the same response,
    interaction or external id is returned as it is.

    ``band`` follows from ``metric`` and ``score`` unless it is said. ``received_at`` is an instant (UTC), now without
    it. With ``loop`` None the policies decide whether somebody has to see to it; True and False say so, and what
    nobody has to see to by somebody's word is looked through. Emits `FeedbackTaken`.

    Raises NotFound for a customer that there is not, InvalidInput for a source that is not known, a score beside its
    measure's limits, or an external id without its system.
    """
    check(source, metric, score, band, external_source, external_id)
    known = known_as(session, response_id, interaction_id, external_source, external_id)
    if known is not None:
        return known
    customer = _customer(session, customer_id)
    now = session.gate.clock.business_now()
    at = received_at or now
    feedback = Feedback(
        source=source,
        channel=channel,
        customer_id=customer_id,
        response_id=response_id,
        interaction_id=interaction_id,
        item=_short(item, 200),
        product_id=product_id,
        touchpoint=_short(touchpoint, 80),
        about=about,
        verbatim=(verbatim or "").strip()[:8000] or None,
        language=language,
        metric=metric,
        score=score,
        band=band or band_of(metric, score),
        received_at=at,
        loop=False,
        state="triaged" if loop is False else "new",
        state_since=at,
        owner_id=owner_id,
        team_id=team_id or (customer.team_id if customer is not None else None),
        reopened=0,
        attributes=dict(attributes or {}),
        external_source=external_source,
        external_id=external_id,
    )
    try:
        with session.begin_nested():
            feedback.number = next_number(session)
            session.add(feedback)
            session.flush()
    except IntegrityError:
        # Two at once: the other one was first.
        known = known_as(session, response_id, interaction_id, external_source, external_id)
        if known is None:
            raise
        return known
    note(session, feedback, "received", after=feedback.band, at=at)
    old = now - at > FRESH
    decided = begin_loop(session, feedback, loop=False if loop is None and old else loop)
    session.emit(
        FeedbackTaken(
            feedback_id=feedback.id,
            customer_id=feedback.customer_id,
            source=source,
            band=feedback.band,
            loop=feedback.loop,
            undecided=not decided and not old,
        )
    )
    return feedback


def check(
    source: str,
    metric: str | None,
    score: int | None,
    band: str | None,
    external_source: str | None,
    external_id: str | None,
) -> None:
    """Raise InvalidInput for what cannot be said of feedback."""
    if source not in SOURCES:
        raise problem("source", _('There is no source "{name}".'), name=source)
    if band is not None and band not in BANDS:
        raise problem("band", _('There is no band "{name}".'), name=band)
    if metric is not None and metric not in LIMITS:
        raise problem("metric", _('There is no measure "{name}".'), name=metric)
    if score is not None:
        if metric is None:
            raise problem("metric", _("A score needs its measure."))
        low, high = LIMITS[metric]
        if not low <= score <= high:
            raise problem("score", _("The score is from {low} to {high}."), low=low, high=high)
    if (external_id is None) != (external_source is None):
        raise problem("external_source", _("System and external id are given together."))


def known_as(
    session: CrmSession,
    response_id: UUID | None,
    interaction_id: UUID | None,
    external_source: str | None,
    external_id: str | None,
) -> Feedback | None:
    """Return the feedback that was taken in before for the same response, interaction or external id."""
    if response_id is not None:
        return session.scalar(select(Feedback).where(Feedback.response_id == response_id))
    if external_id is not None:
        same = select(Feedback).where(Feedback.external_source == external_source, Feedback.external_id == external_id)
        return session.scalar(same)
    if interaction_id is not None:
        query = select(Feedback).where(Feedback.interaction_id == interaction_id).order_by(Feedback.number).limit(1)
        return session.scalar(query)
    return None


def _customer(session: CrmSession, customer_id: UUID | None) -> Customer | None:
    if customer_id is None:
        return None
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    return customer


def _short(text: str | None, most: int) -> str | None:
    return " ".join((text or "").split())[:most] or None
