"""Calling back: who is called next, and what came of a call. Answers are kept as those of a form are.

Must not know how the page looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import or_, select

from crmkit import CrmSession, Customer, Input, InvalidInput, Problem, operation, texts
from crmkit_feedback.answering.keeping import keep
from crmkit_feedback.asking import inputs
from crmkit_feedback.asking.errors import NotToBeCalled
from crmkit_feedback.asking.events import InvitationCalled
from crmkit_feedback.asking.marking import mark
from crmkit_feedback.asking.models import CallAttempt, Distribution, Invitation
from crmkit_feedback.surveys.answers import Given, answers_map, read
from crmkit_feedback.surveys.choosing import content_of_version, version_of
from crmkit_feedback.surveys.flow import path
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

CALL = "feedback.invitation.call"
OPEN = ("sent", "opened", "started")
MOST = 5
"""So often somebody is tried."""
HOLD = timedelta(minutes=20)
"""For so long nobody else is given whom somebody calls."""
AGAIN = {"no_answer": timedelta(hours=4), "busy": timedelta(minutes=30), "call_back": timedelta(days=1)}
FROM, UNTIL = 9, 20
"""Between these hours of a customer's day somebody is called."""
LOOKED = 200


@operation("feedback.distribution.next_call", title=_("Call the next one"), permission=CALL, effect="update")
def next_call(session: CrmSession, distribution: Distribution) -> Invitation | None:
    """Give whoever asks the next customer to be called, for 20 minutes, or None where nobody is to be called now.

    Who asked to be called back comes first, then who was tried least, then who waits longest; only where it is between
    9 and 20 o'clock by the customer's time zone. Whom the caller has already is given again.
    """
    if distribution.way != "phone" or distribution.state != "running":
        return None
    for each in waiting(session, distribution, locked=True):
        each.caller_id = session.guarding.rights.user_id
        each.held_until = session.gate.clock.business_now() + HOLD
        return each
    return None


def waiting(session: CrmSession, distribution: Distribution, *, locked: bool = False) -> Sequence[Invitation]:
    """Return who is to be called now, in order, of those whom nobody else is calling; at most 200."""
    now = session.gate.clock.business_now()
    me = session.guarding.rights.user_id
    free = or_(Invitation.held_until.is_(None), Invitation.held_until <= now)
    query = (
        select(Invitation)
        .where(
            Invitation.distribution_id == distribution.id,
            Invitation.state.in_(OPEN),
            Invitation.attempts < MOST,
            or_(Invitation.again_at.is_(None), Invitation.again_at <= now),
            or_(Invitation.expires_at.is_(None), Invitation.expires_at > now),
            free if me is None else or_(free, Invitation.caller_id == me),
        )
        .order_by(
            Invitation.again_at.is_(None),
            Invitation.again_at,
            Invitation.attempts,
            Invitation.due_at,
            Invitation.id,
        )
        .limit(LOOKED)
    )
    found = session.scalars(query.with_for_update(skip_locked=True) if locked else query).all()
    customers = {
        each.id: each
        for each in session.scalars(select(Customer).where(Customer.id.in_([item.customer_id for item in found])))
    }
    usual = session.crm.config.get(session).zone
    ready = [each for each in found if _awake(customers.get(each.customer_id), now, str(usual))]
    return sorted(ready, key=lambda each: not (me is not None and each.caller_id == me and each.held_until is not None))


def _awake(customer: Customer | None, now: datetime, usual: str) -> bool:
    if customer is None:
        return False
    named = customer.time_zone
    try:
        zone = ZoneInfo(named if type(named) is str and named else usual)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo(usual)
    return FROM <= now.astimezone(zone).hour < UNTIL


@operation(CALL, title=_("Note the call"), permission=CALL, effect="update")
def call(
    session: CrmSession,
    invitation: Invitation,
    *,
    outcome: inputs.Outcome,
    answers: Annotated[
        tuple[inputs.CallAnswer, ...], Input(title=_("Answers"), max_length=500, classified="sensitive")
    ] = (),
    again_at: Annotated[datetime | None, Input(title=_("Call again at"), classified="internal")] = None,
    note: Annotated[str, Input(title=_("Note"), max_length=2000, multiline=True, classified="text")] = "",
    language: Annotated[str | None, Input(title=_("Language"), max_length=12, classified="internal")] = None,
) -> Invitation:
    """Note what came of a call, with the answers where the customer was reached.

    Who did not answer is called again after four hours, who was busy after half an hour, who asked for it at
    ``again_at`` (an instant) or the next day; after five calls the invitation has failed. Who refuses has declined.
    Raises NotToBeCalled for an invitation that is over or of no call list, InvalidInput for answers that are missing
    or cannot be, SurveyNotOpen.
    """
    distribution = session.get_one(Distribution, invitation.distribution_id)
    if distribution.way != "phone" or invitation.state not in OPEN:
        raise NotToBeCalled(invitation.state)
    now = session.gate.clock.business_now()
    survey = session.get_one(Survey, invitation.survey_id)
    given = _given(session, survey, answers) if outcome == "reached" else ()
    invitation.attempts += 1
    invitation.caller_id, invitation.held_until, invitation.again_at = session.guarding.rights.user_id, None, None
    if outcome in AGAIN:
        invitation.again_at = again_at or now + AGAIN[outcome]
        if invitation.attempts >= MOST:
            invitation.state, invitation.again_at = "failed", None
    elif outcome == "refused":
        mark(session, invitation, "declined")
    elif outcome == "wrong_number":
        invitation.state = "failed"
    attempt = CallAttempt(
        invitation_id=invitation.id,
        customer_id=invitation.customer_id,
        at=now,
        user_id=session.guarding.rights.user_id,
        outcome=outcome,
        again_at=invitation.again_at,
        note=note.strip() or None,
    )
    session.add(attempt)
    session.flush()
    if outcome == "reached":
        keep(
            session,
            survey,
            answers=given,
            invitation=invitation,
            channel="phone",
            language=language,
            touchpoint=distribution.touchpoint,
        )
    session.emit(InvitationCalled(invitation_id=invitation.id, customer_id=invitation.customer_id, outcome=outcome))
    return invitation


def _given(session: CrmSession, survey: Survey, answers: Sequence[inputs.CallAnswer]) -> tuple[Given, ...]:
    """Return what was said to the questions on the way that the answers lead. Raises InvalidInput."""
    content = content_of_version(version_of(session, survey))
    fields: dict[str, tuple[str, ...]] = {}
    for each in answers:
        if each.value.strip():
            fields[each.field] = (*fields.get(each.field, ()), each.value.strip())
    given: list[Given] = []
    problems: dict[str, list[Problem]] = {}
    for question in content.questions:
        try:
            given.extend(read(question, fields))
        except InvalidInput as error:
            problems[question.key] = list(error.problems)
    # Only what is asked on this way counts: what stands beside it, or is missing there, does not.
    asked = {each.key for each in path(content, answers_map(given)).questions}
    wrong = [each for key, found in problems.items() if key in asked for each in found]
    if wrong:
        raise InvalidInput(wrong)
    return tuple(each for each in given if each.question in asked)


def held_by(session: CrmSession, distribution: Distribution, user_id: UUID) -> Invitation | None:
    """Return whom somebody is calling just now."""
    query = select(Invitation).where(
        Invitation.distribution_id == distribution.id,
        Invitation.state.in_(OPEN),
        Invitation.caller_id == user_id,
        Invitation.held_until > session.gate.clock.business_now(),
    )
    return session.scalars(query.order_by(Invitation.held_until.desc()).limit(1)).first()


OPERATIONS = [next_call, call]
