"""Closes answers that were begun and that nobody finishes, so that what was said counts and is heard of.

Such a response stays partial. It fills no quota, and its invitation is over. Must not know pages.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from crmkit import CrmSession, Job, Refused, operation, texts
from crmkit_feedback.answering.answering import ANSWER
from crmkit_feedback.answering.keeping import answers_of, kept, record_interaction
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.asking.marking import give_up
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.settings import settings_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

BATCH = 200


@operation("feedback.response.end_partial", title=_("Close what nobody finishes"), permission=ANSWER, hidden=True)
def end_partial(session: CrmSession) -> int:
    """Close partial responses to which nothing was added for ``partial_days``, a batch of them, the oldest first, and
    return how many. Each is told of once, as `ResponseKept` with state "partial". Raises Refused outside system
    scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    now = session.gate.clock.business_now()
    query = (
        select(SurveyResponse)
        .where(
            SurveyResponse.state == "partial",
            SurveyResponse.ended_at.is_(None),
            SurveyResponse.answered_at < now - timedelta(days=settings_of(session.crm.settings).partial_days),
        )
        .order_by(SurveyResponse.answered_at, SurveyResponse.id)
        .limit(BATCH)
        # Whoever sends a page at this moment has it: it is not over.
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(query).all()
    for response in found:
        survey = session.get_one(Survey, response.survey_id)
        response.ended_at = now
        if response.customer_id is not None and response.interaction_id is None:
            response.interaction_id = record_interaction(session, survey, response, answers_of(session, response))
        if response.invitation_id is not None:
            invitation = session.get(Invitation, response.invitation_id)
            if invitation is not None:
                give_up(invitation)
        session.flush()
        kept(session, survey, response)
    return len(found)


def look(session: CrmSession, tick: datetime | None = None) -> None:
    """Close what nobody finishes; what does not fit into a batch comes at once after."""
    if session.run("feedback.response.end_partial") >= BATCH:
        session.defer("feedback.end_partial_now")


OPERATIONS = [end_partial]
JOBS = [
    Job(
        name="feedback.end_partial",
        title=_("Close answers that nobody finishes"),
        handler=look,
        every="30 minutes",
        catch_up="latest",
        acts_as="system",
        lease=600,
    ),
    Job(
        name="feedback.end_partial_now",
        title=_("Close answers that nobody finishes, at once"),
        handler=look,
        acts_as="system",
        lease=600,
    ),
]
