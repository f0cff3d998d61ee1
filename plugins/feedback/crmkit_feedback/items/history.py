"""What happened to feedback: `note` is called by whoever changes it. Must not know why anything changes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, InvalidInput, Problem
from crmkit_feedback.items.models import Feedback, FeedbackCounter, FeedbackEvent

FIRST = 1001
"""The first number: one of four digits is not taken for a count or a score."""
_COUNTER = "feedback"


def ref_of(feedback: Feedback) -> str:
    """Return how others refer to feedback."""
    return f"feedback.feedback:{feedback.id}"


def path_of(feedback: Feedback) -> str:
    """Return the page of feedback."""
    return f"/modules/feedback/item?id={feedback.id}"


def note(
    session: CrmSession,
    feedback: Feedback,
    kind: str,
    before: object = None,
    after: object = None,
    *,
    text: str | None = None,
    at: datetime | None = None,
) -> FeedbackEvent:
    """Write down that something happened to feedback: one of `crmkit_feedback.items.words.EVENT_KINDS`; ``at`` is of
    the business's clock, now unless said otherwise."""
    clock = session.gate.clock
    row = FeedbackEvent(
        recorded_at=clock.now(),
        feedback_id=feedback.id,
        customer_id=feedback.customer_id,
        at=at or clock.business_now(),
        kind=kind,
        before=None if before is None else str(before)[:200],
        after=None if after is None else str(after)[:200],
        note=(text or "").strip()[:2000] or None,
        user_id=session.actor.user_id,
    )
    session.add(row)
    return row


def events_of(session: CrmSession, feedback_id: UUID) -> Sequence[FeedbackEvent]:
    """Return what happened to feedback, in order."""
    query = select(FeedbackEvent).where(FeedbackEvent.feedback_id == feedback_id)
    return session.scalars(query.order_by(FeedbackEvent.at, FeedbackEvent.id)).all()


def next_number(session: CrmSession, count: int = 1) -> int:
    """Return the next number, the first of ``count`` that are taken at once; whoever else asks waits until it is kept
    or given up."""
    held = select(FeedbackCounter).where(FeedbackCounter.name == _COUNTER).with_for_update()
    counter = session.scalar(held)
    if counter is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(FeedbackCounter(name=_COUNTER, last=FIRST - 1))
        counter = session.scalars(held).one()
    first = counter.last + 1
    counter.last += count
    session.flush()
    return first


def problem(field: str, message: str, hint: str | None = None, **values: object) -> InvalidInput:
    """Return the error for one field."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, **values)])
