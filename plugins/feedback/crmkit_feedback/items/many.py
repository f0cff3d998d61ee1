"""Writing much feedback at once, with its history and its loops. Must not know where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from crmkit import CrmSession, new_id
from crmkit_feedback.items.events import FeedbackTaken
from crmkit_feedback.items.history import next_number
from crmkit_feedback.items.looping import begin_loop
from crmkit_feedback.items.models import Feedback, FeedbackEvent
from crmkit_feedback.items.taking import FRESH

CHUNK = 1000


def write_many(session: CrmSession, fresh: Sequence[Feedback]) -> None:
    """Number and write feedback that was filled in, within an operation, and let the loop begin for what is recent.
    Emits `FeedbackTaken` for each."""
    if not fresh:
        return
    for number, each in enumerate(fresh, next_number(session, len(fresh))):
        each.number = number
    session.add_all(fresh)
    session.flush()
    now, recorded, user_id = session.gate.clock.business_now(), session.gate.clock.now(), session.actor.user_id
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "recorded_at": recorded,
            "feedback_id": each.id,
            "customer_id": each.customer_id,
            "at": each.received_at,
            "kind": "received",
            "after": each.band,
            "user_id": user_id,
        }
        for each in fresh
    ]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(FeedbackEvent), rows[start : start + CHUNK])
    for each in fresh:
        decided = begin_loop(session, each) if now - each.received_at <= FRESH else True
        session.emit(
            FeedbackTaken(
                feedback_id=each.id,
                customer_id=each.customer_id,
                source=each.source,
                band=each.band,
                loop=each.loop,
                undecided=not decided,
            )
        )
