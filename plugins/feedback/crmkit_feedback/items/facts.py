"""What is known of customers' feedback, as facts, as of any day by its history.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_feedback.items.models import Feedback, FeedbackEvent
from crmkit_feedback.items.words import BANDS, OPEN, SENTIMENTS

_ = texts("crmkit_feedback")

ITEMS = cast(Any, Feedback).__table__
EVENTS = cast(Any, FeedbackEvent).__table__
RECENT = timedelta(days=90)


def taken(query: FactQuery) -> Any:
    """Return the condition for feedback that had come in by ``as_of``, as known at ``known_at``."""
    came = and_(ITEMS.c.received_at <= query.as_of, query.within(ITEMS.c.customer_id))
    if query.present:
        return came
    recorded = select(EVENTS.c.id).where(
        EVENTS.c.feedback_id == ITEMS.c.id, EVENTS.c.kind == "received", EVENTS.c.recorded_at <= query.known_at
    )
    return and_(came, recorded.exists())


def select_items(query: FactQuery) -> Select[Any]:
    """Return how much feedback each customer gave, and how bad it was."""
    bad = ITEMS.c.band == "bad"
    found: Any = (
        select(
            ITEMS.c.customer_id,
            func.count(ITEMS.c.id).label("count"),
            func.count(case((bad, 1))).label("bad"),
            func.count(case((and_(bad, ITEMS.c.received_at > query.ago(RECENT)), 1))).label("bad_90_days"),
            func.max(ITEMS.c.received_at).label("last_at"),
            func.max(case((bad, ITEMS.c.received_at))).label("last_bad_at"),
        )
        .where(taken(query))
        .group_by(ITEMS.c.customer_id)
    )
    return cast("Select[Any]", found)


def select_last(query: FactQuery) -> Select[Any]:
    """Return of each customer what the last feedback with a score was."""
    place = func.row_number().over(
        partition_by=ITEMS.c.customer_id, order_by=(ITEMS.c.received_at.desc(), ITEMS.c.id.desc())
    )
    ranked = (
        select(
            ITEMS.c.customer_id,
            ITEMS.c.band.label("last_band"),
            ITEMS.c.source.label("last_source"),
            ITEMS.c.sentiment.label("last_sentiment"),
            place.label("place"),
        )
        .where(taken(query), or_(ITEMS.c.band.is_not(None), ITEMS.c.sentiment.is_not(None)))
        .subquery("feedback_ranked")
    )
    found: Any = select(ranked.c.customer_id, ranked.c.last_band, ranked.c.last_source, ranked.c.last_sentiment).where(
        ranked.c.place == 1
    )
    return cast("Select[Any]", found)


def states_of(query: FactQuery) -> Any:
    """Return feedback in the loop with the states in which it was, as a subquery: ``feedback_id``, ``customer_id``,
    ``state``."""
    if query.present:
        rows = select(ITEMS.c.id.label("feedback_id"), ITEMS.c.customer_id, ITEMS.c.state, ITEMS.c.due_at).where(
            query.within(ITEMS.c.customer_id), ITEMS.c.loop.is_(True), ITEMS.c.received_at <= query.as_of
        )
        return rows.subquery("feedback_states")
    had_been = and_(
        EVENTS.c.at <= query.as_of, EVENTS.c.recorded_at <= query.known_at, query.within(EVENTS.c.customer_id)
    )
    place = func.row_number().over(partition_by=EVENTS.c.feedback_id, order_by=(EVENTS.c.at.desc(), EVENTS.c.id.desc()))
    moved = (
        select(EVENTS.c.feedback_id, EVENTS.c.after.label("state"), place.label("place"))
        .where(had_been, EVENTS.c.kind == "moved")
        .subquery("feedback_moved")
    )
    begun = (
        select(EVENTS.c.feedback_id, EVENTS.c.customer_id)
        .where(had_been, EVENTS.c.kind == "due")
        .distinct()
        .subquery("feedback_begun")
    )
    joined = begun.outerjoin(moved, and_(moved.c.feedback_id == begun.c.feedback_id, moved.c.place == 1))
    return (
        select(begun.c.feedback_id, begun.c.customer_id, func.coalesce(moved.c.state, "new").label("state"))
        .select_from(joined)
        .subquery("feedback_states")
    )


def select_loops(query: FactQuery) -> Select[Any]:
    """Return how much feedback of each customer is to be seen to."""
    states = states_of(query).c
    found: Any = (
        select(
            states.customer_id,
            func.count(case((states.state.in_(OPEN), 1))).label("open"),
            func.count(case((states.state == "resolved", 1))).label("unverified"),
        )
        .where(query.within(states.customer_id))
        .group_by(states.customer_id)
    )
    return cast("Select[Any]", found)


def select_moves(query: FactQuery) -> Select[Any]:
    """Return what became of the feedback of each customer."""
    moved, after = EVENTS.c.kind == "moved", EVENTS.c.after
    seen = EVENTS.c.at <= query.as_of
    if not query.present:
        seen = and_(seen, EVENTS.c.recorded_at <= query.known_at)
    unsolved = and_(EVENTS.c.kind == "verdict", after == "not_solved")
    found: Any = (
        select(
            EVENTS.c.customer_id,
            func.max(case((and_(moved, after == "customer_contacted"), EVENTS.c.at))).label("last_contacted_at"),
            func.max(case((and_(moved, after == "resolved"), EVENTS.c.at))).label("last_resolved_at"),
            func.max(case((and_(moved, after == "verified"), EVENTS.c.at))).label("last_verified_at"),
            func.count(case((unsolved, 1))).label("not_solved"),
        )
        .where(seen, query.within(EVENTS.c.customer_id), EVENTS.c.kind.in_(("moved", "verdict")))
        .group_by(EVENTS.c.customer_id)
    )
    return cast("Select[Any]", found)


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers to whose feedback something has happened or become known between two moments, or whose bad
    feedback has become old."""
    later = or_(EVENTS.c.recorded_at > since.known_at, EVENTS.c.at > since.as_of, EVENTS.c.at > query.as_of)
    aged = and_(ITEMS.c.received_at > since.ago(RECENT), ITEMS.c.received_at <= query.ago(RECENT))
    changed = ITEMS.c.updated_at > since.known_at
    told = select(EVENTS.c.customer_id).where(later, EVENTS.c.customer_id.is_not(None))
    other = select(ITEMS.c.customer_id).where(or_(aged, changed), ITEMS.c.customer_id.is_not(None))
    return told.union(other).subquery().select()


FACTS = [
    FactSet(
        name="feedback",
        title=_("Feedback"),
        doc=_("Feedback of the customer, by whatever way"),
        select=select_items,
        touched=touched,
        columns=[
            Fact(name="count", type=int, default=0, doc=_("Feedback that came in")),
            Fact(name="bad", type=int, default=0, doc=_("Feedback with a bad score")),
            Fact(name="bad_90_days", type=int, default=0, doc=_("Feedback with a bad score of the last 90 days")),
            Fact(name="last_at", type=datetime | None, doc=_("When feedback came in last")),
            Fact(name="last_bad_at", type=datetime | None, doc=_("When feedback with a bad score came in last")),
        ],
    ),
    FactSet(
        name="feedback",
        doc=_("The last feedback of the customer that has a score or a sentiment"),
        select=select_last,
        touched=touched,
        columns=[
            Fact(
                name="last_band",
                type=str | None,
                options=tuple(BANDS),
                doc=_("What its score was: bad, middling or good"),
            ),
            Fact(name="last_source", type=str | None, doc=_("Where it came from")),
            Fact(
                name="last_sentiment", type=str | None, options=tuple(SENTIMENTS), doc=_("Its sentiment, as computed")
            ),
        ],
    ),
    FactSet(
        name="feedback",
        doc=_("Feedback of the customer that somebody has to see to"),
        select=select_loops,
        touched=touched,
        columns=[
            Fact(name="open", type=int, default=0, doc=_("Feedback that is still to be seen to")),
            Fact(
                name="unverified", type=int, default=0, doc=_("Feedback that is resolved, without the customer's word")
            ),
        ],
    ),
    FactSet(
        name="feedback",
        doc=_("What became of the feedback of the customer"),
        select=select_moves,
        touched=touched,
        columns=[
            Fact(name="last_contacted_at", type=datetime | None, doc=_("When they were contacted about it last")),
            Fact(name="last_resolved_at", type=datetime | None, doc=_("When feedback was resolved last")),
            Fact(name="last_verified_at", type=datetime | None, doc=_("When they said last that it was solved")),
            Fact(name="not_solved", type=int, default=0, doc=_("How often they said that it was not solved")),
        ],
    ),
]
