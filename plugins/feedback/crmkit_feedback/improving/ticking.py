"""What time brings to improvements: judged once enough have answered, and told of when they are late.

Must not know how answers are compared.
"""

from __future__ import annotations

import logging

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Job, operation, texts
from crmkit_feedback.improving.judging import compared, result_of
from crmkit_feedback.improving.models import Improvement
from crmkit_feedback.improving.operations import UPDATE, settle, tell

_ = texts("crmkit_feedback")
_log = logging.getLogger("crmkit.feedback")

LATE = "feedback.improvement_late"
"""A kind of notice of its own: notices of one kind about one record stand together."""


@operation("feedback.improvement.judge", title=_("Judge if enough answered"), permission=UPDATE, hidden=True)
def judge(session: CrmSession, improvement: Improvement) -> bool:
    """Judge an improvement where enough customers have answered; say whether it was judged."""
    if improvement.state != "released":
        return False
    comparison = compared(session, improvement)
    if comparison is None or not comparison.enough:
        return False
    settle(session, improvement, {**result_of(comparison), "judge": "answers", "note": ""})
    return True


@operation("feedback.improvement.tick", title=_("Look through improvements"), permission=UPDATE, hidden=True)
def tick(session: CrmSession) -> int:
    """Judge what can be judged, and tell owners once of each deadline that has passed; return how many were judged."""
    released = select(Improvement).where(Improvement.state == "released", Improvement.survey_id.is_not(None))
    judged = 0
    for each in session.scalars(released.order_by(Improvement.number)).all():
        try:
            judged += bool(session.run("feedback.improvement.judge", {}, target=each))
        except CrmkitError:
            # A condition that cannot be used any more must not keep the others from being judged.
            _log.warning("improvement %s cannot be judged", each.number, exc_info=True)
    late = select(Improvement).where(
        Improvement.state.in_(("planned", "in_progress")),
        Improvement.due_on < session.today(),
        Improvement.told_on.is_(None),
        Improvement.owner_id.is_not(None),
    )
    for each in session.scalars(late.order_by(Improvement.number)).all():
        each.told_on = session.today()
        tell(session, each, _("Improvement {number} was due on {day}: {what}"), kind=LATE, day=each.due_on)
    return judged


def tick_job(session: CrmSession, tick: object) -> None:
    """Look through improvements: the job of every day."""
    session.run("feedback.improvement.tick")


OPERATIONS = [judge, tick]
JOBS = [
    Job(
        name="feedback.improvement_tick",
        title=_("Judging of improvements"),
        handler=tick_job,
        every="1 day",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
