"""The pages of asking: distributions, one of them with its funnel, and the page by which customers are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import ContactPoint, CrmSession, Customer, NotFound, Page, User, texts
from crmkit_feedback.asking.calling import MOST, held_by, waiting
from crmkit_feedback.asking.funnel import funnels
from crmkit_feedback.asking.models import CallAttempt, Distribution, Invitation
from crmkit_feedback.asking.script import script_of
from crmkit_feedback.asking.words import CALL_OUTCOMES, DISTRIBUTION_STATES, INVITATION_STATES, WAYS, WITHHELD
from crmkit_feedback.surveys.choosing import content_of_version, version_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

HOME = "/modules/feedback/distributions"
SHOWN = 100
TONES = {"running": "good", "paused": "warn", "draft": "", "ended": ""}
ACTS = {
    "draft": (("start", _("Begin")), ("update", _("Change")), ("end", _("End"))),
    "running": (("pause", _("Pause")), ("end", _("End"))),
    "paused": (("resume", _("Go on")), ("update", _("Change")), ("end", _("End"))),
    "ended": (),
}


def distributions_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the distributions with their funnels."""
    wanted = select(Distribution).order_by(Distribution.ended_at.is_not(None), Distribution.created_at.desc())
    found = session.scalars(wanted.limit(SHOWN)).all()
    return {
        "distributions": found,
        "funnels": funnels(session, found),
        "surveys": {each.id: each for each in session.scalars(select(Survey))},
        "states": DISTRIBUTION_STATES,
        "ways": WAYS,
        "tones": TONES,
        "may_manage": _may(session, "feedback.distribution", "manage"),
        "may_call": _may(session, "feedback.invitation", "call"),
        "home": HOME,
    }


def distribution_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a distribution with its funnel and the last of those whom it asked. Raises NotFound."""
    found = _distribution(session, query)
    listed = select(Invitation).where(Invitation.distribution_id == found.id).order_by(Invitation.updated_at.desc())
    invitations = session.scalars(listed.limit(50)).all()
    ids = [each.customer_id for each in invitations]
    funnel = funnels(session, [found])[found.id]
    steps = [
        (_("Looked at"), funnel.total),
        (_("Asked"), funnel.asked),
        (_("Begun"), funnel.begun),
        (_("Answered"), funnel.completed),
    ]
    largest = max([1, *(number for _title, number in steps)])
    return {
        "distribution": found,
        "survey": session.get_one(Survey, found.survey_id),
        "funnel": funnel,
        "steps": [(title, number, round(400 * number / largest, 1)) for title, number in steps],
        "invitations": invitations,
        "names": {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))},
        "acts": ACTS[found.state] if _may(session, "feedback.distribution", "manage") else (),
        "may_call": found.way == "phone" and _may(session, "feedback.invitation", "call"),
        "states": DISTRIBUTION_STATES,
        "marks": INVITATION_STATES,
        "reasons": WITHHELD,
        "ways": WAYS,
        "home": HOME,
        "here": f"{HOME}/one?id={found.id}",
    }


def call_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return whom the reader is calling now, with the script, and how many wait. Raises NotFound."""
    found = _distribution(session, query)
    survey = session.get_one(Survey, found.survey_id)
    me = session.guarding.rights.user_id
    invitation = held_by(session, found, me) if me is not None else None
    given: dict[str, Any] = {"customer": None, "script": (), "points": (), "attempts": (), "callers": {}}
    if invitation is not None:
        customer = session.get_one(Customer, invitation.customer_id)
        own = customer.language if type(customer.language) is str else None
        names = {"customer.name": str(customer.name)}
        points = select(ContactPoint).where(ContactPoint.customer_id == customer.id, ContactPoint.kind == "phone")
        made = select(CallAttempt).where(CallAttempt.invitation_id == invitation.id).order_by(CallAttempt.at)
        attempts = session.scalars(made).all()
        callers = {each.user_id for each in attempts}
        given = {
            "customer": customer,
            "script": script_of(content_of_version(version_of(session, survey)), own or language, names),
            "points": session.scalars(points.order_by(ContactPoint.preferred.desc(), ContactPoint.position)).all(),
            "attempts": attempts,
            "callers": {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(callers)))},
        }
    return {
        **given,
        "distribution": found,
        "survey": survey,
        "invitation": invitation,
        "waiting": len(waiting(session, found)) if found.way == "phone" else 0,
        "most": MOST,
        "outcomes": CALL_OUTCOMES,
        "home": f"{HOME}/one?id={found.id}",
        "here": f"{HOME}/call?id={found.id}",
    }


def _distribution(session: CrmSession, query: Mapping[str, str]) -> Distribution:
    try:
        found = session.get(Distribution, UUID(query.get("id", "")))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such distribution."))
    return found


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


PAGES = [
    Page(
        name="feedback.distributions",
        title=_("Distributions"),
        path="/distributions",
        template="feedback/asking/distributions.html",
        context=distributions_page,
        permission="feedback.distribution.read",
        icon="send",
        order=62,
    ),
    Page(
        name="feedback.distribution_page",
        title=_("Distribution"),
        path="/distributions/one",
        template="feedback/asking/distribution.html",
        context=distribution_page,
        permission="feedback.distribution.read",
        menu=False,
    ),
    Page(
        name="feedback.call",
        title=_("Call list"),
        path="/distributions/call",
        template="feedback/asking/call.html",
        context=call_page,
        permission="feedback.invitation.call",
        menu=False,
    ),
]
