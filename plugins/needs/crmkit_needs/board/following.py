"""Asking those who were told of a delivery whether it is solved for them, and keeping what they say.

Messaging and feedback are reached by the names of their operations and events alone. Must not know how customers are
told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.orm import aliased

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    IssuedLink,
    Job,
    NotFound,
    PublicPage,
    Refused,
    Subscription,
    Visit,
    link_address,
    operation,
    texts,
)
from crmkit.i18n import translate
from crmkit_needs.board.operations import SEND, VOTE, policy_of
from crmkit_needs.catalogue.evidence import evidence_of
from crmkit_needs.catalogue.history import problem
from crmkit_needs.catalogue.models import Evidence, Need
from crmkit_needs.settings import settings_of

_ = texts("crmkit_needs")
_log = logging.getLogger("crmkit.needs")

ASK, JUDGE = "needs.board.follow_up", "needs.evidence.judge"
PAGE = "needs.solved"
INVITE, INVITATION, RESPONSE = "feedback.invitation.create", "feedback.invitation", "feedback.response"
BATCH = 200
DAYS = 30
YES, NO = 5, 1
"""What an answer is as satisfaction, from 1 to 5."""
BANDS = {"promoter": YES, "satisfied": YES, "detractor": NO, "dissatisfied": NO}
MIDDLE = 3
SOLVED = 4
"""From which satisfaction on it counts as a yes."""
ANSWERS = {"yes": _("Yes, it is"), "no": _("No, not yet")}
Answer = Annotated[
    Literal["yes", "no"], Input(title=_("Is it solved for you?"), choices=ANSWERS, classified="internal")
]


@frozen(kw_only=True)
class Followed:
    """What customers said after a delivery: how many were asked, answered, and said yes; each counts once."""

    asked: int
    answered: int
    solved: int


@operation(ASK, title=_("Ask whether it is solved"), permission="needs.need.update", hidden=True)
def follow_up(session: CrmSession) -> int:
    """Ask customers who were told of a delivery so many days ago as the settings say, each once for a need; by the
    survey of the settings where feedback is enabled, else by a message with a link. Return how many were asked.

    Raises Refused outside system scope.
    """
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    settings = settings_of(session.crm.settings)
    known = session.gate.registry.operations
    by_survey = bool(settings.follow_up_survey) and INVITE in known
    if not settings.follow_up_days or not (by_survey or (SEND in known and session.crm.settings.public_url)):
        return 0
    now = session.gate.clock.business_now()
    root = aliased(Need)
    query = (
        select(Evidence, root)
        .join(Need, Need.id == Evidence.need_id)
        .join(root, root.id == Need.root_id)
        .where(
            root.state == "delivered",
            Evidence.wants_news,
            Evidence.told_state == "delivered",
            Evidence.told_at <= now - timedelta(days=settings.follow_up_days),
            Evidence.asked_at.is_(None),
        )
        .order_by(Evidence.told_at, Evidence.id)
        .limit(BATCH)
        .with_for_update(of=Evidence)
    )
    asked: set[tuple[UUID, UUID]] = set()
    for evidence, need in session.execute(query).all():
        who = (need.id, evidence.customer_id)
        if who not in asked:
            try:
                with session.begin_nested():
                    if by_survey:
                        _invite(session, need, evidence, settings.follow_up_survey)
                    else:
                        _send(session, need, evidence)
            except CrmkitError as error:
                # The others go on; this one is tried again when the job comes again.
                _log.warning("need %s: a customer could not be asked: %s", need.number, error.code)
                continue
            asked.add(who)
        evidence.asked_at = now
    return len(asked)


@operation(JUDGE, title=_("Say whether it is solved"), permission=VOTE, effect="update")
def judge(session: CrmSession, evidence: Evidence, *, solved: Answer) -> Evidence:
    """Keep what a customer says after a delivery as their satisfaction: 5 for yes, 1 for no. Saying it again replaces
    what was said."""
    _keep(session, evidence, YES if solved == "yes" else NO)
    return evidence


@operation("needs.evidence.rate", title=_("Keep what a survey says"), permission=VOTE, effect="update", hidden=True)
def rate(
    session: CrmSession,
    evidence: Evidence,
    *,
    satisfaction: Annotated[int, Input(minimum=1, maximum=5, classified="internal")],
) -> Evidence:
    """Keep how satisfied a customer is by a survey that followed a delivery. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    _keep(session, evidence, satisfaction)
    return evidence


def followed(evidence: Sequence[Evidence]) -> Followed:
    """Return what customers said after a delivery, of the evidence for a need."""
    answers: dict[UUID, int | None] = {}
    for each in evidence:
        if each.asked_at is not None or each.answered_at is not None:
            said = each.satisfaction if each.answered_at is not None else None
            answers[each.customer_id] = said or answers.get(each.customer_id)
    said_so = [each for each in answers.values() if each is not None]
    return Followed(asked=len(answers), answered=len(said_so), solved=sum(each >= SOLVED for each in said_so))


def _keep(session: CrmSession, evidence: Evidence, satisfaction: int) -> None:
    now = session.gate.clock.business_now()
    root = session.get_one(Need, session.get_one(Need, evidence.need_id).root_id)
    for each in evidence_of(session, root):
        if each.customer_id == evidence.customer_id:
            each.satisfaction, each.answered_at = satisfaction, now


def _invite(session: CrmSession, need: Need, evidence: Evidence, survey: str) -> None:
    values = {"customer_id": evidence.customer_id, "survey": survey, "occasion": f"needs {need.number}"}
    session.run(INVITE, {**values, "about": f"needs.evidence:{evidence.id}"})


def _send(session: CrmSession, need: Need, evidence: Evidence) -> None:
    customer = session.get_one(Customer, evidence.customer_id)
    language = customer.language or session.business().language
    link: IssuedLink = session.run(
        "public_link.create",
        {"page": PAGE, "customer_id": customer.id, "ref": f"needs.evidence:{evidence.id}", "days": DAYS},
    )
    body = translate(
        _("You asked for this: {title}. We have delivered it. Is it solved for you? Please tell us here:\n\n{address}"),
        language,
        title=need.public_title or need.title,
        address=link_address(session.crm, link),
    )
    session.run(
        SEND,
        {
            "customer_id": customer.id,
            "purpose": policy_of(session).purpose,
            "subject": translate(_("Is it solved for you?"), language),
            "body": body,
            "language": language,
            "key": f"needs follow {need.id} {customer.id}",
            "ref": f"needs.need:{need.id}",
            "automatic": True,
        },
    )


def _answered(session: CrmSession, happened: Any) -> None:
    """Keep what a survey that followed a delivery says."""
    resources = session.gate.registry.resources
    if happened.state != "complete" or happened.band is None or INVITATION not in resources:
        return
    response = session.get(resources[RESPONSE].model, happened.response_id)
    invitation_id = getattr(response, "invitation_id", None)
    invitation = session.get(resources[INVITATION].model, invitation_id) if invitation_id is not None else None
    evidence = _named(session, getattr(invitation, "about", None))
    if evidence is not None and evidence.asked_at is not None:
        session.run("needs.evidence.rate", {"satisfaction": BANDS.get(happened.band, MIDDLE)}, target=evidence)


def _named(session: CrmSession, ref: str | None) -> Evidence | None:
    name, _colon, identity = (ref or "").rpartition(":")
    try:
        return session.get(Evidence, UUID(identity)) if name == "needs.evidence" else None
    except ValueError:
        return None


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what the customer asked for, and what they said."""
    evidence = _visited(session, visit)
    need = session.get_one(Need, session.get_one(Need, evidence.need_id).root_id)
    return {
        "heading": need.public_title or "",
        "said": need.public_text or "",
        "answered": evidence.answered_at is not None,
        "answers": ANSWERS,
    }


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep what the customer says. Raises InvalidInput for nothing."""
    evidence = _visited(session, visit)
    (solved,) = (values.get("solved") or ("",))[:1]
    if solved not in ANSWERS:
        raise problem("solved", _("Please choose an answer."))
    try:
        session.run(JUDGE, {"solved": solved}, target=evidence)
    except NotFound as error:
        raise InvalidInput(list(error.problems)) from None


def _visited(session: CrmSession, visit: Visit) -> Evidence:
    found = _named(session, visit.ref)
    if found is None or found.customer_id != visit.customer_id:
        raise NotFound(_("There is no such page."))
    return found


def _job(session: CrmSession, tick: object) -> None:
    """Ask those who were told of a delivery some days ago."""
    session.run(ASK)


OPERATIONS = [follow_up, judge, rate]
SUBSCRIPTIONS = [Subscription(name="needs.followed", event="feedback.response.kept", handler=_answered)]
JOBS = [
    Job(
        name="needs.follow_up",
        title=_("Questions after deliveries"),
        handler=_job,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
PUBLIC_PAGES = [
    PublicPage(
        name=PAGE,
        title=_("Is it solved?"),
        template="needs/board/solved.html",
        show=show,
        submit=submit,
        rights=("customer.read", "needs.board.vote", "needs.evidence.read", "needs.need.read"),
        expires=DAYS,
    )
]
