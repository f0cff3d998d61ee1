"""What time brings: feedback that is late goes to the lead, and what nobody has is given out by what it is about.

Must not know how feedback comes in.
"""

from __future__ import annotations

import logging
from datetime import datetime

from crmkit_work.api import lead_of
from sqlalchemy import ColumnElement, and_, or_, select

from crmkit import CrmSession, Job, Team, User, operation, texts
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.events import FeedbackOverdue
from crmkit_feedback.items.history import note
from crmkit_feedback.items.looping import tell
from crmkit_feedback.items.models import Feedback, LoopPolicy
from crmkit_feedback.items.taking import FRESH
from crmkit_feedback.items.words import OPEN

_ = texts("crmkit_feedback")
_log = logging.getLogger("crmkit.feedback")

UPDATE = "feedback.feedback.update"
BATCH = 500


def late(now: datetime) -> ColumnElement[bool]:
    """Return the condition that feedback is late: it is to be seen to, its deadline has passed, and nobody has
    contacted the customer since it was opened last."""
    return and_(
        Feedback.loop.is_(True),
        Feedback.state.in_(OPEN),
        Feedback.due_at < now,
        Feedback.touched_at.is_(None),
    )


@operation("feedback.feedback.escalate", title=_("Tell the lead that it is late"), permission=UPDATE, hidden=True)
def escalate(session: CrmSession, feedback: Feedback) -> Feedback:
    """Tell the lead of the team, and its owner, that feedback is late, once for each deadline. Does nothing for what is
    not late."""
    now = session.gate.clock.business_now()
    if (
        feedback.escalated_at is not None
        or feedback.state not in OPEN
        or feedback.touched_at is not None
        or feedback.due_at is None
        or feedback.due_at >= now
    ):
        return feedback
    feedback.escalated_at = now
    lead = lead_of(session, feedback.team_id) if feedback.team_id is not None else None
    owner = session.get(User, feedback.owner_id) if feedback.owner_id is not None else None
    team = session.get(Team, feedback.team_id) if feedback.team_id is not None else None
    note(session, feedback, "overdue", after=team.name if team is not None else None)
    tell(
        session,
        feedback,
        [lead, feedback.owner_id],
        _("Feedback {number} is late: nobody has contacted the customer ({owner})"),
        urgent=True,
        owner=owner.name if owner is not None else "–",
    )
    session.emit(FeedbackOverdue(feedback_id=feedback.id, customer_id=feedback.customer_id, owner_id=feedback.owner_id))
    return feedback


@operation("feedback.feedback.tick", title=_("Look through open feedback"), permission=UPDATE, hidden=True)
def tick(session: CrmSession) -> int:
    """Escalate what is late, and give out by its themes what nobody has; return how much was late."""
    now = session.gate.clock.business_now()
    query = select(Feedback).where(late(now), Feedback.escalated_at.is_(None)).order_by(Feedback.due_at, Feedback.id)
    found = session.scalars(query.limit(BATCH)).all()
    for each in found:
        session.run("feedback.feedback.escalate", {}, target=each)
    about = select(FeedbackTheme.id).where(FeedbackTheme.feedback_id == Feedback.id, FeedbackTheme.state == "on")
    waiting = select(Feedback).where(
        Feedback.loop.is_(True),
        Feedback.state.in_(("new", "triaged")),
        Feedback.owner_id.is_(None),
        or_(about.exists(), Feedback.team_id.is_(None)),
    )
    for each in session.scalars(waiting.order_by(Feedback.due_at, Feedback.id).limit(BATCH)).all():
        session.run("feedback.feedback.route", {}, target=each)
    # Themes are found after feedback came in: only then it is known whether a policy about a theme fits.
    themes = select(LoopPolicy.theme).where(
        LoopPolicy.active.is_(True), LoopPolicy.theme.is_not(None), LoopPolicy.hours.is_not(None)
    )
    named = about.join(Theme, Theme.id == FeedbackTheme.theme_id).where(Theme.name.in_(themes))
    fitting = select(Feedback).where(
        Feedback.loop.is_(False), Feedback.state == "new", Feedback.received_at > now - FRESH, named.exists()
    )
    for each in session.scalars(fitting.order_by(Feedback.received_at.desc(), Feedback.id).limit(BATCH)).all():
        session.run("feedback.feedback.route", {}, target=each)
    return len(found)


def tick_job(session: CrmSession, tick: object) -> None:
    """Look through open feedback: the job of every ten minutes."""
    session.run("feedback.feedback.tick")


OPERATIONS = [escalate, tick]
JOBS = [
    Job(
        name="feedback.feedback_tick",
        title=_("Deadlines of feedback"),
        handler=tick_job,
        every="10 minutes",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
