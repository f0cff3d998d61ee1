"""What becomes of an insight, written down: its state with the event that says so.

The newest of a single topic holds. What was heard of last, learnt or confirmed, is the newest; in which order things
are written down makes no difference. Must not know what is asked of an insight by whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crmkit import CrmSession, texts
from crmkit_knowledge.insights.errors import InsightInState, InsightReplaced
from crmkit_knowledge.insights.events import InsightSuperseded
from crmkit_knowledge.insights.models import Insight, InsightEvent, InsightTopic
from crmkit_knowledge.insights.words import CURRENT

_ = texts("crmkit_knowledge")

RESOURCE = "knowledge.insight"


def heard_at(insight: Insight) -> datetime:
    """Return when it was heard of last (UTC): when it was learnt, or confirmed."""
    return max(insight.learnt_at, insight.confirmed_at or insight.learnt_at)


def zone_of(session: CrmSession) -> ZoneInfo:
    """Return the company's zone."""
    return ZoneInfo(session.crm.config.get(session).zone)


def day_of(session: CrmSession, at: datetime) -> date:
    """Return the calendar day of an instant in the company's zone."""
    return at.astimezone(zone_of(session)).date()


def end_of(session: CrmSession, day: date) -> datetime:
    """Return the instant (UTC) at which a day is over in the company's zone."""
    return datetime.combine(day + timedelta(days=1), time(), zone_of(session)).astimezone(UTC)


def ref_of(insight: Insight) -> str:
    """Return the name of an insight among all records."""
    return f"{RESOURCE}:{insight.id}"


def note_event(session: CrmSession, insight: Insight, kind: str, at: datetime) -> None:
    """Write down what happened to an insight, and what holds of it from then."""
    session.add(
        InsightEvent(
            recorded_at=session.gate.clock.now(),
            insight_id=insight.id,
            customer_id=insight.customer_id,
            at=at,
            kind=kind,
            state=insight.state,
            confidence=insight.confidence,
            expires_on=insight.expires_on,
            due_on=insight.due_on,
            user_id=session.actor.user_id,
        )
    )


def end(session: CrmSession, insight: Insight, state: str, at: datetime) -> None:
    """Have an insight not hold any more from an instant on, or from when something was last said of it as holding."""
    held = None
    if insight.state == CURRENT:
        session.flush()
        said = select(func.max(InsightEvent.at)).where(
            InsightEvent.insight_id == insight.id, InsightEvent.state == CURRENT
        )
        held = session.scalar(said)
    insight.state, insight.ended_at = state, at
    insight.ended_by_id = session.actor.user_id
    note_event(session, insight, state, max(at, held or at))


def require(insight: Insight, *states: str) -> None:
    """Raise InsightInState for an insight that is in none of the states."""
    if insight.state not in states:
        raise InsightInState(insight.state)


def siblings(session: CrmSession, insight: Insight, *states: str) -> Sequence[Insight]:
    """Return the other insights of the customer that are of its topic and kind, in the order they were heard of."""
    found = session.scalars(
        select(Insight)
        .where(
            Insight.customer_id == insight.customer_id,
            Insight.topic_id == insight.topic_id,
            Insight.kind == insight.kind,
            Insight.state.in_(states),
            Insight.id != insight.id,
        )
        .order_by(Insight.id)
    ).all()
    return sorted(found, key=heard_at)


def replace(session: CrmSession, insight: Insight, topic: InsightTopic) -> None:
    """Let a new insight of a single topic replace those that were heard of before it, and be replaced by what was heard
    of after it. What an older one was replaced by later on, it is replaced by the new one now."""
    if not topic.single:
        return
    others = siblings(session, insight, CURRENT, "superseded")
    later = [each for each in others if heard_at(each) > insight.learnt_at]
    for each in others:
        if each in later:
            continue
        if each.state == CURRENT or (each.ended_at is not None and each.ended_at > insight.learnt_at):
            each.superseded_by_id = insight.id
            end(session, each, "superseded", insight.learnt_at)
            _tell(session, each, topic)
    if later:
        insight.superseded_by_id = later[0].id
        end(session, insight, "superseded", max(insight.learnt_at, later[0].learnt_at))
        _tell(session, insight, topic)


def revive(session: CrmSession, insight: Insight, topic: InsightTopic) -> None:
    """Have an insight hold again that was replaced or has expired. Raises InsightReplaced where another one of a single
    topic holds."""
    if topic.single and siblings(session, insight, CURRENT):
        raise InsightReplaced(topic.title)
    insight.state = CURRENT
    insight.superseded_by_id = insight.ended_at = insight.ended_by_id = None


def history_of(session: CrmSession, insight: Insight) -> Sequence[InsightEvent]:
    """Return what happened to an insight, the oldest first."""
    query = select(InsightEvent).where(InsightEvent.insight_id == insight.id)
    return session.scalars(query.order_by(InsightEvent.at, InsightEvent.recorded_at, InsightEvent.id)).all()


def topic_of(session: CrmSession, insight: Insight) -> InsightTopic:
    """Return the topic of an insight."""
    return session.get_one(InsightTopic, insight.topic_id)


def _tell(session: CrmSession, insight: Insight, topic: InsightTopic) -> None:
    by: UUID | None = insight.superseded_by_id
    if by is not None:
        session.emit(
            InsightSuperseded(
                insight_id=insight.id,
                customer_id=insight.customer_id,
                by_id=by,
                topic=topic.name,
                kind=insight.kind,
            )
        )
