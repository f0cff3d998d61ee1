"""Reading reviews, scorecards and conversations as whoever reads sees them. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Interaction, User
from crmkit_experience.reviews.checking import Checked, Line, check, merged
from crmkit_experience.reviews.models import Calibration, Review, ScorecardVersion
from crmkit_experience.reviews.scoring import Category, categories_of
from crmkit_experience.reviews.words import WAITING
from crmkit_experience.settings import settings_of

LONGEST = 200
"""Turns of a conversation that are shown."""
CASE = "service.case"


@frozen(kw_only=True)
class Turn:
    """Something that was said in a conversation, as the reader may see it; ``out`` by the business."""

    at: datetime
    out: bool
    who: str
    channel: str
    subject: Any
    body: Any


def queue(
    session: CrmSession, *, reviewer_id: UUID | None = None, state: str = WAITING, limit: int | None = 100
) -> Sequence[Review]:
    """Return reviews in a state ("" for any), those that wait longest first where they wait, else the newest first."""
    query = select(Review)
    if state:
        query = query.where(Review.state == state)
    if reviewer_id is not None:
        query = query.where(Review.reviewer_id == reviewer_id)
    order = (Review.created_at, Review.id) if state == WAITING else (Review.done_at.desc(), Review.id)
    return session.scalars(query.order_by(*order).limit(limit)).all()


def waiting_count(session: CrmSession) -> int:
    """Return how many reviews wait for whoever reads."""
    user = session.guarding.rights.user_id
    if user is None:
        return 0
    return session.scalar(select(func.count(Review.id)).where(Review.reviewer_id == user, Review.state == WAITING)) or 0


def categories_for(session: CrmSession, review: Review) -> list[Category]:
    """Return the categories of the version by which a review is made."""
    return categories_by(session, [review]).get((review.scorecard_id, review.number), [])


def categories_by(session: CrmSession, reviews: Collection[Review]) -> Mapping[tuple[UUID, int], list[Category]]:
    """Return the categories of the versions by which reviews are made, by scorecard and number."""
    cards = {each.scorecard_id for each in reviews}
    found = session.scalars(select(ScorecardVersion).where(ScorecardVersion.scorecard_id.in_(cards))) if cards else ()
    return {(each.scorecard_id, each.number): categories_of(each.content) for each in found}


def record_of(session: CrmSession, ref: str) -> Any:
    """Return the record that a reference names as the reader sees it, else None."""
    resource, _colon, identity = ref.rpartition(":")
    known = session.gate.registry.resources.get(resource)
    try:
        return session.get(known.model, UUID(identity)) if known is not None else None
    except ValueError:
        return None


def conversation_of(session: CrmSession, ref: str) -> list[Turn]:
    """Return what was said in a conversation, the first first, as the reader may see it: an interaction with those of
    its thread, or a case without its notes. Empty where the reader sees nothing of it."""
    record = record_of(session, ref)
    if record is None:
        return []
    if ref.startswith(f"{CASE}:"):
        from crmkit_service.api import thread_of

        said = thread_of(session, record, public=True)[:LONGEST]
        names = names_of(session, {each.message.author_id for each in said})
        return [
            Turn(
                at=each.message.at,
                out=each.message.direction == "out",
                who=names.get(each.message.author_id, ""),
                channel=each.message.channel,
                subject=each.subject,
                body=each.body,
            )
            for each in said
        ]
    found = [record]
    if record.thread:
        query = select(Interaction).where(
            Interaction.thread == record.thread,
            Interaction.customer_id == record.customer_id,
            Interaction.direction != "internal",
        )
        found = list(session.scalars(query.order_by(Interaction.occurred_at, Interaction.id).limit(LONGEST)))
    names = names_of(session, {user for each in found if (user := user_of(each.actor_id)) is not None})
    return [
        Turn(
            at=each.occurred_at,
            out=each.direction == "out",
            who=names.get(user_of(each.actor_id), "") if each.direction == "out" else "",
            channel=each.channel,
            subject=each.subject,
            body=each.body,
        )
        for each in found
    ]


def user_of(actor_id: str) -> UUID | None:
    """Return the user that an interaction was recorded by, None where it was none."""
    return UUID(actor_id.removeprefix("user:")) if actor_id.startswith("user:") else None


def names_of(session: CrmSession, ids: Collection[UUID | None]) -> Mapping[UUID | None, str]:
    """Return the names of users."""
    real = [each for each in ids if each is not None]
    return {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(real)))} if real else {}


def checks_of(session: CrmSession, ref: str) -> list[Checked]:
    """Return what the automatic checks say of a conversation, by the texts that the reader may see."""
    lines = [Line(text=each.body, out=each.out) for each in conversation_of(session, ref) if type(each.body) is str]
    words = merged(settings_of(session.crm.settings).review_words)
    return check(lines, words=words, promises_kept=promises_kept(session, ref))


def promises_kept(session: CrmSession, ref: str) -> bool | None:
    """Return whether everything that was promised in a conversation was kept; None where nothing is known of it."""
    known = session.gate.registry.resources.get("experience.promise")
    if known is None:
        return None
    model: Any = known.model
    states = set(session.scalars(select(model.state).where(model.ref == ref)))
    if "broken" in states:
        return False
    return True if "kept" in states else None


def rated_together(session: CrmSession, reviews: Sequence[Review]) -> Mapping[tuple[str, UUID], list[Review]]:
    """Return the done reviews of the same conversations by the same scorecard, of those that several did."""
    found: dict[tuple[str, UUID], dict[UUID, Review]] = defaultdict(dict)
    for each in sorted(reviews, key=lambda one: (one.done_at or one.created_at, one.id)):
        if each.state != WAITING and each.reviewer_id is not None:
            found[each.ref, each.scorecard_id].setdefault(each.reviewer_id, each)
    return {key: list(held.values()) for key, held in found.items() if len(held) > 1}


def calibrations(session: CrmSession, limit: int = 50) -> Sequence[Calibration]:
    """Return calibrations, the newest first."""
    return session.scalars(
        select(Calibration).order_by(Calibration.opened_at.desc(), Calibration.id).limit(limit)
    ).all()
