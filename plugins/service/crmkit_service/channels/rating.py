"""Ratings: asking a customer how satisfied they are with how a case was solved, and keeping what they answer."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, Input, IssuedLink, Subscription, operation, texts
from crmkit_service.cases.changing import require_here
from crmkit_service.cases.history import note, ref_of
from crmkit_service.cases.models import Case
from crmkit_service.channels.errors import MailNeeded, NoAddress, NotRatable
from crmkit_service.channels.events import CaseRated
from crmkit_service.channels.finding import channel_of
from crmkit_service.channels.links import CASE, RATING, link_to
from crmkit_service.channels.models import Rating
from crmkit_service.channels.sending import can_mail
from crmkit_service.channels.writing import asking

_ = texts("crmkit_service")

KIND = "service.rating"
"""The kind of interaction that a rating is."""

Score = Annotated[int, Input(title=_("Score"), minimum=1, maximum=5, classified="internal")]
Comment = Annotated[str, Input(title=_("Comment"), max_length=2000, multiline=True)]


@operation("service.case.rate", title=_("Rate"), permission="service.case.rate", effect="create")
def rate(session: CrmSession, case: Case, *, score: Score, comment: Comment = "") -> Rating:
    """Keep how satisfied a customer is with how a case was solved, from 1 to 5; once for each time that it was.

    Raises NotRatable for a case that was never solved or that was rated already, GoneElsewhere for a merged one.
    """
    require_here(session, case)
    number = round_of(case)
    if number == 0:
        raise NotRatable(_("Case {number} was not solved yet."), number=case.number)
    now = session.gate.clock.business_now()
    rating = Rating(
        customer_id=case.customer_id,
        owner_id=case.owner_id,
        team_id=case.team_id,
        case_id=case.id,
        round=number,
        score=score,
        comment=comment.strip() or None,
        rated_at=now,
    )
    try:
        with session.begin_nested():
            session.add(rating)
            session.flush()
    except IntegrityError:
        raise NotRatable(_("Case {number} was rated already."), number=case.number) from None
    session.run(
        "interaction.record",
        {
            "kind": KIND,
            "customer_id": case.customer_id,
            "occurred_at": now,
            "subject": case.subject,
            "body": comment.strip() or None,
            "payload": {"number": case.number, "score": score},
            "thread": ref_of(case),
        },
    )
    note(session, case, "rated", after=score, at=now)
    session.emit(
        CaseRated(case_id=case.id, customer_id=case.customer_id, rating_id=rating.id, score=score, round=number)
    )
    return rating


@operation("service.case.ask", title=_("Ask how satisfied they are"), permission="service.case.reply", effect="update")
def ask(session: CrmSession, case: Case) -> Case:
    """Ask the customer by mail how satisfied they are with how a case was solved.

    Raises NotRatable for a case that is not solved or that was rated already, MailNeeded without plugin messaging,
    NoAddress where the settings do not say where customers reach the pages.
    """
    require_here(session, case)
    if case.phase not in ("resolved", "closed"):
        raise NotRatable(_("Case {number} was not solved yet."), number=case.number)
    if is_rated(session, case):
        raise NotRatable(_("Case {number} was rated already."), number=case.number)
    if not can_mail(session):
        raise MailNeeded
    if not session.crm.settings.public_url:
        raise NoAddress
    given = {"body": asking(session, case), "channel": "mail", "automatic": True}
    session.run("service.case.reply", given, target=case)
    return case


@operation("service.case.link", title=_("Make a link for the customer"), permission="service.case.reply",
           effect="update")  # fmt: skip
def make_link(session: CrmSession, case: Case) -> IssuedLink:
    """Make a link to the page on which the customer follows a case, which holds for 90 days. Raises GoneElsewhere for a
    merged case."""
    require_here(session, case)
    return link_to(session, case, CASE)


@operation("service.case.rating_link", title=_("Make a link for rating"), permission="service.case.reply",
           effect="update")  # fmt: skip
def make_rating_link(session: CrmSession, case: Case) -> IssuedLink:
    """Make a link to the page on which the customer rates how a case was solved, which holds for 90 days. Raises
    NotRatable for a case that was never solved, GoneElsewhere for a merged one."""
    require_here(session, case)
    if round_of(case) == 0:
        raise NotRatable(_("Case {number} was not solved yet."), number=case.number)
    return link_to(session, case, RATING)


def round_of(case: Case) -> int:
    """Return how often a case was solved: what a rating of now is about."""
    return case.reopened + 1 if case.phase in ("resolved", "closed") else case.reopened


def is_rated(session: CrmSession, case: Case) -> bool:
    """Say whether the last solution of a case was rated."""
    query = select(Rating.id).where(Rating.case_id == case.id, Rating.round == round_of(case))
    return session.scalar(query) is not None


def resolved(session: CrmSession, event: Any) -> None:
    """Ask for a rating once a case was solved."""
    case = session.get(Case, event.case_id)
    if case is not None and case.phase in ("resolved", "closed") and not is_rated(session, case):
        session.run("service.case.ask", target=case)


def is_asked(session: CrmSession, event: Any) -> bool:
    """Say whether the customer of a case that was solved is to be asked: its channel does, and mails can be sent."""
    if not can_mail(session) or not session.crm.settings.public_url:
        return False
    case = session.get(Case, event.case_id)
    channel = channel_of(session, case) if case is not None else None
    return channel is not None and channel.rates


OPERATIONS = [rate, ask, make_link, make_rating_link]
SUBSCRIPTIONS = [
    Subscription(name="service.ask_rating", event="service.case.resolved", handler=resolved, wanted=is_asked)
]
