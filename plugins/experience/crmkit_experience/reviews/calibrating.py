"""Calibration: the same conversations for several raters, blind until all are done."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Job, Refused, operation, texts
from crmkit_experience.reviews.drawing import Ref, Reviewers, ScorecardName, conversation_in, refuse_own, review_of
from crmkit_experience.reviews.errors import problem
from crmkit_experience.reviews.events import CalibrationClosed
from crmkit_experience.reviews.models import Calibration, Review
from crmkit_experience.reviews.scorecards import scorecard_named
from crmkit_experience.reviews.words import WAITING

_ = texts("crmkit_experience")

MANAGE = "experience.calibration.manage"
FINISH, JOB = "experience.calibration.finish", "experience.close_calibration"


@operation("experience.calibration.open", title=_("Calibrate"), permission=MANAGE, effect="create")
def open_calibration(
    session: CrmSession,
    *,
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")],
    conversations: Annotated[tuple[Ref, ...], Input(title=_("Conversations"), max_length=50, classified="internal")],
    raters: Reviewers,
    scorecard: ScorecardName = "",
) -> Calibration:
    """Give the same conversations to several raters. Raises InvalidInput for fewer than two raters or no conversation,
    NotFound, NotYours for a rater who took part in one, NotPublished."""
    card = scorecard_named(session, scorecard)
    who = list(dict.fromkeys(raters))
    refs = list(dict.fromkeys(each.strip() for each in conversations if each.strip()))
    if len(who) < 2:
        raise problem("raters", _("A calibration needs two raters or more."))
    if not refs:
        raise problem("conversations", _("Name a conversation."))
    made = Calibration(title=title.strip(), scorecard_id=card.id, opened_at=session.gate.clock.business_now())
    session.add(made)
    session.flush()
    for ref in refs:
        found = conversation_in(session, ref)
        for rater in who:
            refuse_own(found, rater)
            review = review_of(card, found, rater, "calibration")
            review.calibration_id, review.blind = made.id, True
            session.add(review)
    return made


@operation("experience.calibration.close", title=_("Compare now"), permission=MANAGE, effect="update")
def close_calibration(session: CrmSession, calibration: Calibration) -> Calibration:
    """Compare what there is, soon, and take out of the queue what nobody did. One that is compared stays so."""
    if calibration.state == "open":
        close_when_done(session, calibration.id, early=True)
    return calibration


def close_when_done(session: CrmSession, calibration_id: UUID, *, early: bool = False) -> None:
    """Have a calibration ended if all are done: by a job, as no rater sees what the others did."""
    session.defer(JOB, calibration_id=str(calibration_id), early=early)


def _close(session: CrmSession, calibration_id: str, early: bool) -> None:
    """End a calibration where all are done: the job."""
    if session.get(Calibration, UUID(calibration_id)) is not None:
        session.run(FINISH, {"calibration_id": calibration_id, "early": early})


@operation(FINISH, title=_("Compare"), permission=MANAGE, hidden=True)
def finish_calibration(
    session: CrmSession,
    *,
    calibration_id: Annotated[UUID, Input(title=_("Calibration"), classified="internal")],
    early: Annotated[bool, Input(title=_("Before all are done"), classified="internal")] = False,
) -> bool:
    """End a calibration where all are done, or ``early`` anyway, and say whether it was. Sees all of its reviews, which
    no rater does. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    calibration = session.get_one(Calibration, calibration_id)
    reviews = session.scalars(select(Review).where(Review.calibration_id == calibration_id)).all()
    waiting = [each for each in reviews if each.state == WAITING]
    if calibration.state != "open" or (waiting and not early):
        return False
    for each in waiting:
        session.delete(each)
    for each in reviews:
        each.blind = False
    calibration.state, calibration.closed_at = "closed", session.gate.clock.business_now()
    session.emit(CalibrationClosed(calibration_id=calibration.id))
    return True


OPERATIONS = [open_calibration, close_calibration, finish_calibration]
JOBS = [Job(name=JOB, title=_("Compare a calibration"), handler=_close, acts_as="system")]
