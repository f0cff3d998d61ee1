"""Drawing conversations to be reviewed, asking for single ones, and who is to do them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Input, NotFound, User, operation, texts
from crmkit_experience.reviews.errors import NotYours, ReviewInState, problem
from crmkit_experience.reviews.finding import candidate_of, candidates
from crmkit_experience.reviews.models import Draw, Review, Scorecard
from crmkit_experience.reviews.reading import record_of
from crmkit_experience.reviews.sampling import Candidate, assign, by_chance, by_risk, stratified
from crmkit_experience.reviews.scorecards import scorecard_named
from crmkit_experience.reviews.words import METHODS, STRATA, UNITS, WAITING, Method, Stratum, Unit

_ = texts("crmkit_experience")

MANAGE = "experience.review.manage"
Reviewers = Annotated[
    tuple[UUID, ...], Input(title=_("Reviewers"), max_length=100, resource="user", classified="internal")
]
ScorecardName = Annotated[
    str,
    Input(
        title=_("Scorecard"),
        help=_("Its name; empty where there is one alone."),
        max_length=60,
        resource="experience.scorecard",
        classified="internal",
    ),
]
Ref = Annotated[
    str,
    Input(
        title=_("Conversation"),
        help=_("interaction:id or service.case:id."),
        max_length=160,
        classified="internal",
    ),
]


@operation("experience.review.draw", title=_("Draw conversations to review"), permission=MANAGE)
def draw_reviews(
    session: CrmSession,
    *,
    reviewers: Reviewers,
    size: Annotated[int, Input(title=_("How many"), classified="internal")] = 20,
    method: Annotated[Method, Input(title=_("How"), choices=METHODS, classified="internal")] = "random",
    by: Annotated[Stratum, Input(title=_("In proportion by"), choices=STRATA, classified="internal")] = "channel",
    unit: Annotated[Unit, Input(title=_("What"), choices=UNITS, classified="internal")] = "interaction",
    first: Annotated[date | None, Input(title=_("From"), classified="internal")] = None,
    last: Annotated[date | None, Input(title=_("To"), classified="internal")] = None,
    facts: Annotated[
        str,
        Input(title=_("Condition"), help=_("Customers it holds for."), max_length=1000, classified="internal"),
    ] = "",
    seed: Annotated[int, Input(title=_("Seed"), help=_("The same draws the same."), classified="internal")] = 0,
    scorecard: ScorecardName = "",
) -> Draw:
    """Draw conversations that the actor sees into the queue of reviews, of the last 7 days unless said, and give each
    to the reviewer with least to do who took no part in it.

    Raises InvalidInput for a size that is none or days in the wrong order, NotFound for a scorecard or user that there
    is not, NotPublished, ExpressionError.
    """
    card = scorecard_named(session, scorecard)
    last = last or session.today()
    first = first or last - timedelta(days=6)
    if not 1 <= size <= 1000:
        raise problem("size", _("Draw 1 to 1,000 conversations."))
    if first > last:
        raise problem("first", _("The first day is after the last one."))
    who = _users(session, reviewers)
    pool = candidates(session, card.id, unit, first, last, facts=facts, risky=method == "risk")
    chosen = _chosen(pool, size, seed, method, by)
    made = Draw(
        scorecard_id=card.id,
        method=method,
        unit=unit,
        seed=seed,
        first=first,
        last=last,
        among=len(pool),
        drawn=len(chosen),
        drawn_at=session.gate.clock.business_now(),
    )
    given = assign(chosen, who, _load(session, who))
    made.nobody = sum(reviewer is None for _each, reviewer in given)
    session.add(made)
    session.flush()
    session.add_all(review_of(card, each, reviewer, method, draw_id=made.id) for each, reviewer in given)
    return made


@operation("experience.review.ask", title=_("Ask for a review"), permission=MANAGE, effect="create")
def ask_review(
    session: CrmSession,
    *,
    conversation: Ref,
    reviewer_id: Annotated[UUID, Input(title=_("Reviewer"), resource="user", classified="internal")],
    scorecard: ScorecardName = "",
) -> Review:
    """Ask somebody to review one conversation. Raises NotFound for one that the actor does not see, InvalidInput for
    one that no user had, NotYours for a reviewer who took part in it, NotPublished."""
    card = scorecard_named(session, scorecard)
    (who,) = _users(session, (reviewer_id,))
    found = conversation_in(session, conversation)
    refuse_own(found, who)
    made = review_of(card, found, who, "asked")
    session.add(made)
    return made


@operation("experience.review.assign", title=_("Give the review to somebody"), permission=MANAGE, effect="update")
def assign_review(
    session: CrmSession,
    review: Review,
    *,
    reviewer_id: Annotated[UUID, Input(title=_("Reviewer"), resource="user", classified="internal")],
) -> Review:
    """Give a review that waits to somebody else. Raises ReviewInState, NotYours for who took part in it."""
    if review.state != WAITING or review.calibration_id is not None:
        raise ReviewInState(review.state)
    (who,) = _users(session, (reviewer_id,))
    refuse_own(conversation_in(session, review.ref), who)
    review.reviewer_id = who
    return review


@operation("experience.review.drop", title=_("Take out of the queue"), permission=MANAGE, effect="delete")
def drop_review(session: CrmSession, review: Review) -> None:
    """Take a review that waits out of the queue. Raises ReviewInState."""
    if review.state != WAITING:
        raise ReviewInState(review.state)
    session.delete(review)


def review_of(
    card: Scorecard, each: Candidate, reviewer: UUID | None, method: str, *, draw_id: UUID | None = None
) -> Review:
    """Return a new review of a conversation that waits to be done."""
    return Review(
        customer_id=each.customer_id,
        owner_id=each.owner_id,
        team_id=each.team_id,
        ref=each.ref,
        channel=each.channel,
        happened_at=each.at,
        scorecard_id=card.id,
        number=card.number,
        lead_role=card.lead_role,
        reviewer_id=reviewer,
        method=method,
        risks=list(each.risks),
        draw_id=draw_id,
    )


def conversation_in(session: CrmSession, ref: str) -> Candidate:
    """Return the conversation that a reference names. Raises NotFound for one that the actor does not see, InvalidInput
    for what no user had with a customer."""
    record = record_of(session, ref.strip()) if ref.startswith(("interaction:", "service.case:")) else None
    if record is None:
        raise NotFound(_("There is no such conversation: {id}."), id=ref)
    found = candidate_of(session, ref.strip(), record)
    if found is None:
        raise problem("conversation", _("No colleague had this conversation with a customer."))
    return found


def refuse_own(conversation: Candidate, user_id: UUID) -> None:
    """Raise NotYours where somebody took part in a conversation."""
    if user_id == conversation.owner_id or user_id in conversation.people:
        raise NotYours(_("Nobody reviews a conversation of their own."))


def _chosen(pool: Sequence[Candidate], size: int, seed: int, method: str, by: str) -> list[Candidate]:
    if method == "risk":
        return by_risk(pool, size, seed)
    if method == "random":
        return by_chance(pool, size, seed)
    strata = {
        "channel": lambda each: each.channel,
        "person": lambda each: str(each.owner_id),
        "team": lambda each: str(each.team_id or ""),
    }
    return stratified(pool, size, seed, strata[by])


def _users(session: CrmSession, ids: Sequence[UUID]) -> list[UUID]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise problem("reviewers", _("Say who is to review."))
    there = set(session.scalars(select(User.id).where(User.id.in_(wanted), User.active)))
    for each in wanted:
        if each not in there:
            raise NotFound(_("There is no active user {id}."), id=each)
    return wanted


def _load(session: CrmSession, users: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Review.reviewer_id, func.count(Review.id)).where(
        Review.reviewer_id.in_(users), Review.state == WAITING
    )
    return {who: count for who, count in session.execute(query.group_by(Review.reviewer_id)) if who is not None}


OPERATIONS = [draw_reviews, ask_review, assign_review, drop_review]
