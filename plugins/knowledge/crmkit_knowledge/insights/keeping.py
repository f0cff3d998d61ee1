"""What becomes of insights: they are confirmed or withdrawn, and promises are kept or broken."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from crmkit import CrmSession, operation, texts
from crmkit_knowledge.insights.errors import NoPromise, problem
from crmkit_knowledge.insights.events import InsightConfirmed, InsightWithdrawn, PromiseBroken, PromiseKept
from crmkit_knowledge.insights.history import day_of, end, end_of, heard_at, note_event, require, revive, topic_of
from crmkit_knowledge.insights.inputs import Confidence, ExpiresOn, On, Outcome, Why
from crmkit_knowledge.insights.models import Insight
from crmkit_knowledge.insights.noting import UPDATE, confidence_of, expiry_by, one_at_a_time
from crmkit_knowledge.insights.words import CURRENT, LEVELS, PROMISE

_ = texts("crmkit_knowledge")


@operation("knowledge.insight.confirm", title=_("Confirm"), permission=UPDATE, effect="update")
def confirm(
    session: CrmSession, insight: Insight, *, confidence: Confidence = "", expires_on: ExpiresOn | None = None
) -> Insight:
    """Say that an insight holds still: it is sure again, unless said otherwise, and holds from now as long as the topic
    says, else as long again as it did. One that has expired or was replaced holds again.

    Raises InsightInState for one that was withdrawn and for a promise that was kept or broken, InsightReplaced where
    another one of its topic holds, InvalidInput for a day that is over.
    """
    require(insight, CURRENT, "expired", "superseded")
    now, topic = session.gate.clock.business_now(), topic_of(session, insight)
    if insight.state != CURRENT:
        one_at_a_time(session, insight.customer_id)
        revive(session, insight, topic)
    today = day_of(session, now)
    if expires_on is not None and insight.kind == PROMISE:
        raise problem("expires_on", _("A promise does not expire: it is kept, broken or withdrawn."))
    if expires_on is not None and expires_on < today:
        raise problem("expires_on", _("This day is over."))
    if expires_on is None:
        expires_on = expiry_by(session, topic, insight.kind, now)
    if expires_on is None and insight.expires_on is not None:
        expires_on = today + (insight.expires_on - day_of(session, heard_at(insight)))
    insight.confidence = confidence_of(confidence, max(insight.confidence, LEVELS["sure"]))
    insight.expires_on, insight.confirmed_at = expires_on, now
    note_event(session, insight, "confirmed", now)
    session.emit(
        InsightConfirmed(insight_id=insight.id, customer_id=insight.customer_id, topic=topic.name, kind=insight.kind)
    )
    return insight


@operation("knowledge.insight.withdraw", title=_("Withdraw"), permission=UPDATE, effect="update")
def withdraw(session: CrmSession, insight: Insight, *, why: Why = "over", outcome: Outcome = "") -> Insight:
    """Say that an insight does not hold, or take a promise back; its history stays. Raises InsightInState for one that
    was withdrawn, and for a promise that was kept or broken."""
    require(insight, CURRENT, "expired", "superseded")
    insight.why, insight.outcome = why, outcome.strip() or None
    end(session, insight, "withdrawn", session.gate.clock.business_now())
    session.emit(
        InsightWithdrawn(
            insight_id=insight.id,
            customer_id=insight.customer_id,
            topic=topic_of(session, insight).name,
            kind=insight.kind,
            why=why,
        )
    )
    return insight


@operation("knowledge.insight.keep", title=_("Was kept"), permission=UPDATE, effect="update")
def keep(session: CrmSession, insight: Insight, *, on: On | None = None, outcome: Outcome = "") -> Insight:
    """Say that a promise was kept, and when. Raises NoPromise, InsightInState for one that is not open, InvalidInput
    for a day before it was given or still to come."""
    at = _settle(session, insight, "kept", on, outcome)
    session.emit(
        PromiseKept(
            insight_id=insight.id,
            customer_id=insight.customer_id,
            topic=topic_of(session, insight).name,
            in_time=insight.due_on is None or day_of(session, at) <= insight.due_on,
        )
    )
    return insight


@operation("knowledge.insight.break", title=_("Was broken"), permission=UPDATE, effect="update")
def break_(session: CrmSession, insight: Insight, *, on: On | None = None, outcome: Outcome = "") -> Insight:
    """Say that a promise was not kept and will not be. Raises NoPromise, InsightInState for one that is not open,
    InvalidInput for a day before it was given or still to come."""
    _settle(session, insight, "broken", on, outcome)
    session.emit(
        PromiseBroken(insight_id=insight.id, customer_id=insight.customer_id, topic=topic_of(session, insight).name)
    )
    return insight


def _settle(session: CrmSession, insight: Insight, state: str, on: date | None, outcome: str) -> datetime:
    if insight.kind != PROMISE:
        raise NoPromise
    require(insight, CURRENT)
    at = now = session.gate.clock.business_now()
    if on is not None and on != day_of(session, now):
        if on > day_of(session, now):
            raise problem("on", _("This is still to come."))
        if on < day_of(session, insight.learnt_at):
            raise problem("on", _("It was not promised yet then."))
        # The last instant of that day, which is before now and not before the promise.
        at = max(insight.learnt_at, end_of(session, on) - timedelta(seconds=1))
    insight.outcome = outcome.strip() or None
    end(session, insight, state, at)
    return at


OPERATIONS = [confirm, withdraw, keep, break_]
