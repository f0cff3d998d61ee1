"""Asking those who are due, in batches that each are one transaction: a batch that breaks off has asked nobody, one
that comes again finds its invitations asked. Reminders, expiry, and what became of the messages.

Whether a message may leave is decided by plugin messaging, which is reached by the names of its operation and events.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Customer, IssuedLink, Job, Refused, Subscription, operation, texts
from crmkit_feedback.asking.choosing import in_full_cells, resting
from crmkit_feedback.asking.distributing import CHANNELS, MANAGE, SEND, can_send, drop_planned
from crmkit_feedback.asking.errors import CannotSend
from crmkit_feedback.asking.events import InvitationsSent
from crmkit_feedback.asking.links import link_for
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.asking.writing import message_for
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")
_log = logging.getLogger("crmkit.feedback")

BATCH = 200
OPEN = ("sent", "opened", "started")
NEVER = {
    "no_consent": "no_consent",
    "withdrawn": "no_consent",
    "consent_expired": "no_consent",
    "no_channel": "no_address",
    "no_contact_point": "no_address",
    "suppressed": "suppressed",
}
"""Reasons of messaging for which a message never leaves, as reasons for which nobody was asked."""


@operation("feedback.distribution.ask", title=_("Ask who is due"), permission=MANAGE, hidden=True)
def ask(session: CrmSession, distribution: Distribution) -> int:
    """Ask those of a distribution who are due, a batch of at most 200, and return how many were looked at.

    Of each: is the quota full, does a quarantine hold, may a message leave. Customers are locked meanwhile, so that no
    two surveys ask the same one at once. Raises Refused outside system scope.
    """
    _only_system(session)
    survey = session.get_one(Survey, distribution.survey_id)
    if distribution.state != "running" or survey.state != "open":
        return 0
    now = session.gate.clock.business_now()
    query = (
        select(Invitation)
        .where(Invitation.distribution_id == distribution.id, Invitation.state == "planned", Invitation.due_at <= now)
        .order_by(Invitation.due_at, Invitation.id)
        .limit(BATCH)
    )
    due = session.scalars(query).all()
    ids = sorted({each.customer_id for each in due})
    if not ids:
        return 0
    session.scalars(
        select(Customer.id).where(Customer.id.in_(ids)).order_by(Customer.id).with_for_update(key_share=True)
    ).all()
    # Who came first has asked some of them meanwhile.
    due = session.scalars(query.execution_options(populate_existing=True)).all()
    full, rested = in_full_cells(session, distribution, ids), resting(session, ids, now)
    sent: list[Invitation] = []
    taken: set[UUID] = set()
    for each in due:
        if each.customer_id not in ids:
            continue
        if each.customer_id in full:
            _withhold(each, "quota")
        elif each.customer_id in rested or (survey.rest_days and each.customer_id in taken):
            _withhold(each, "resting")
        else:
            each.expires_at = now + timedelta(days=distribution.expires_days)
            if distribution.way not in CHANNELS or _send(session, distribution, survey, each, 0):
                each.state, each.sent_at = "sent", now
                taken.add(each.customer_id)
                sent.append(each)
    session.flush()
    if sent:
        session.emit(
            InvitationsSent(
                distribution_id=distribution.id,
                survey_id=survey.id,
                invitation_ids=tuple(each.id for each in sent),
                customer_ids=tuple(each.customer_id for each in sent),
            )
        )
    return len(due)


def _withhold(invitation: Invitation, reason: str) -> None:
    invitation.state, invitation.reason, invitation.sent_at = "withheld", reason, None


def _send(session: CrmSession, distribution: Distribution, survey: Survey, invitation: Invitation, turn: int) -> bool:
    """Hand a message over, and say whether it was accepted. What cannot be sent costs its own invitation alone."""
    try:
        message = session.run(SEND, message_for(session, distribution, survey, invitation, turn))
    except CrmkitError as error:
        _log.warning("an invitation of %s could not be sent: %s", distribution.name, error.render())
        if turn == 0:
            invitation.state = "failed"
        return False
    if turn == 0:
        invitation.message_id = message.id
        if message.state == "refused":
            _refuse(invitation, message.reason)
    return bool(message.state != "refused")


def _refuse(invitation: Invitation, reason: str | None) -> None:
    known = NEVER.get(reason or "")
    if known is not None:
        _withhold(invitation, known)
    else:
        invitation.state, invitation.sent_at = "failed", None


@operation("feedback.distribution.remind", title=_("Remind who has not answered"), permission=MANAGE, hidden=True)
def remind(session: CrmSession, distribution: Distribution) -> int:
    """Remind those of a distribution who have not answered, once at each time, and return how many were looked at.

    Of an anonymous survey nobody knows who has answered: everybody who was asked is reminded. Raises Refused outside
    system scope.
    """
    _only_system(session)
    survey = session.get_one(Survey, distribution.survey_id)
    if distribution.state != "running" or survey.state != "open" or distribution.way not in CHANNELS:
        return 0
    if not can_send(session):
        return 0
    now = session.gate.clock.business_now()
    seen = 0
    for turn, days in enumerate(distribution.reminders, 1):
        query = (
            select(Invitation)
            .where(
                Invitation.distribution_id == distribution.id,
                Invitation.state.in_(OPEN),
                Invitation.reminded == turn - 1,
                Invitation.sent_at <= now - timedelta(days=int(days)),
                Invitation.expires_at > now,
            )
            .order_by(Invitation.sent_at, Invitation.id)
            .limit(BATCH)
            .with_for_update()
        )
        late = session.scalars(query).all()
        full = in_full_cells(session, distribution, [each.customer_id for each in late]) if late else set[UUID]()
        for each in late:
            each.reminded = turn
            if each.customer_id not in full:
                _send(session, distribution, survey, each, turn)
        seen += len(late)
    return seen


@operation("feedback.distribution.expire", title=_("End what nobody answered"), permission=MANAGE, hidden=True)
def expire(session: CrmSession, distribution: Distribution) -> int:
    """End invitations that can be answered no more, a batch of them, and return how many. Those of an anonymous survey
    stay as they were sent. Raises Refused outside system scope."""
    _only_system(session)
    if distribution.state == "ended":
        drop_planned(session, distribution)
    if session.get_one(Survey, distribution.survey_id).anonymous:
        return 0
    query = select(Invitation).where(
        Invitation.distribution_id == distribution.id,
        Invitation.state.in_(OPEN),
        Invitation.expires_at < session.gate.clock.business_now(),
    )
    found = session.scalars(query.order_by(Invitation.id).limit(10 * BATCH)).all()
    for each in found:
        each.state = "expired"
    return len(found)


@operation("feedback.invitation.link", title=_("Make the link"), permission="feedback.invitation.create")
def make_link(session: CrmSession, invitation: Invitation) -> IssuedLink:
    """Make the link by which somebody who is asked answers, to be handed over by another way. Raises CannotSend where
    the settings do not say where the installation is reached."""
    if not session.crm.settings.public_url:
        raise CannotSend
    return link_for(session, invitation)


@operation("feedback.invitation.settle", title=_("Note that it was not delivered"), permission=MANAGE, hidden=True)
def settle(session: CrmSession, invitation: Invitation, *, reason: str = "") -> Invitation:
    """Note that the message of an invitation did not arrive; whoever has answered since was reached. Raises Refused
    outside system scope."""
    _only_system(session)
    if invitation.state in ("planned", "sent", "expired"):
        _refuse(invitation, reason)
    return invitation


def _only_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


# --- what time and messaging bring ------------------------------------------------------------------------------------


def look(session: CrmSession, tick: datetime | None = None) -> None:
    """Plan, ask, remind and end: the job of every few minutes. What does not fit into a batch comes at once after."""
    now = session.gate.clock.business_now()
    more = False
    for each in session.scalars(
        select(Distribution).where(Distribution.state.in_(("running", "paused", "ended")))
    ).all():
        if each.state == "running" and (each.starts_at is None or each.starts_at <= now):
            if each.planned_at is None and not each.event:
                session.run("feedback.distribution.plan", target=each)
            more = session.run("feedback.distribution.ask", target=each) >= BATCH or more
            more = session.run("feedback.distribution.remind", target=each) >= BATCH or more
        more = session.run("feedback.distribution.expire", target=each) >= 10 * BATCH or more
    if more:
        session.defer("feedback.ask_now")


def lost(session: CrmSession, event: Any) -> None:
    """Note that the message of an invitation did not arrive."""
    invitation = _of(session, event)
    if invitation is not None:
        reason = getattr(event, "reason", "no_contact_point")
        session.run("feedback.invitation.settle", {"reason": reason}, target=invitation)


def is_ours(session: CrmSession, event: Any) -> bool:
    """Say whether a message is that of an invitation."""
    return _of(session, event) is not None


def has_bounced(session: CrmSession, event: Any) -> bool:
    """Say whether the message of an invitation came back for good."""
    return event.severity in ("hard", "blocked") and is_ours(session, event)


def _of(session: CrmSession, event: Any) -> Invitation | None:
    return session.scalar(select(Invitation).where(Invitation.message_id == event.message_id))


OPERATIONS = [ask, remind, expire, make_link, settle]
SUBSCRIPTIONS = [
    Subscription(name="feedback.invitation_refused", event="messaging.message.refused", handler=lost, wanted=is_ours),
    Subscription(name="feedback.invitation_failed", event="messaging.message.failed", handler=lost, wanted=is_ours),
    Subscription(name="feedback.invitation_back", event="messaging.mail.bounced", handler=lost, wanted=has_bounced),
]
JOBS = [
    Job(
        name="feedback.ask",
        title=_("Ask customers whom surveys ask"),
        handler=look,
        every="5 minutes",
        catch_up="latest",
        acts_as="system",
        lease=900,
    ),
    Job(
        name="feedback.ask_now",
        title=_("Ask customers whom surveys ask, at once"),
        handler=look,
        acts_as="system",
        lease=900,
    ),
]
