"""Doing a review, disputing it, and deciding about the dispute. Both scores are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from crmkit import CrmSession, Input, operation, texts
from crmkit_experience.reviews.calibrating import close_when_done
from crmkit_experience.reviews.errors import NotYours, ReviewInState, TooLate, problem
from crmkit_experience.reviews.events import ReviewDisputed, ReviewDone, ReviewSettled
from crmkit_experience.reviews.models import Review
from crmkit_experience.reviews.reading import categories_for
from crmkit_experience.reviews.scoring import Category, Result, result_of
from crmkit_experience.reviews.words import DISPUTED, DONE, SETTLED, WAITING
from crmkit_experience.settings import settings_of

_ = texts("crmkit_experience")

Scores = Annotated[
    tuple[str, ...],
    Input(
        title=_("Scores"),
        help=_("For each category its key and its score, such as tone=3; tone=- where it does not apply."),
        max_length=40,
        classified="internal",
    ),
]
Comment = Annotated[str, Input(title=_("Comment"), max_length=4000, multiline=True, classified="text")]
Reason = Annotated[str, Input(title=_("Reason"), max_length=4000, multiline=True, classified="text")]


@operation("experience.review.score", title=_("Review"), permission="experience.review.score", effect="update")
def score_review(session: CrmSession, review: Review, *, scores: Scores, comment: Comment = "") -> Review:
    """Judge a conversation, or change the judgement while the settings let one. Only its reviewer does.

    Raises NotYours, ReviewInState, TooLate, and InvalidInput for scores that are not on the scale, of categories that
    there are not, or that are missing.
    """
    user = session.actor.user_id
    if user is None or review.reviewer_id != user or review.owner_id == user:
        raise NotYours(_("This review is for somebody else to do."))
    if review.state not in (WAITING, DONE):
        raise ReviewInState(review.state)
    now, days = session.gate.clock.business_now(), settings_of(session.crm.settings).review_edit_days
    if review.done_at is not None and now > review.done_at + timedelta(days=days):
        raise TooLate(days)
    if review.calibration_id is not None and review.done_at is not None and not review.blind:
        raise ReviewInState(review.state)
    _keep(review, scores, categories_for(session, review))
    review.comment = comment.strip() or None
    review.state = DONE
    if review.done_at is None:
        review.done_at, review.done_on = now, _day(session, now)
    session.flush()
    if review.calibration_id is not None:
        close_when_done(session, review.calibration_id)
    else:
        session.emit(
            ReviewDone(review_id=review.id, customer_id=review.customer_id, score=review.score, failed=review.failed)
        )
        _tell(session, [review.owner_id], _("A conversation of yours was reviewed"), review)
    return review


@operation("experience.review.dispute", title=_("Dispute"), permission="experience.review.dispute", effect="update")
def dispute_review(session: CrmSession, review: Review, *, reason: Reason) -> Review:
    """Say that one does not agree with the review of one's own conversation. Raises NotYours, ReviewInState, TooLate,
    InvalidInput without a reason."""
    if session.actor.user_id is None or review.owner_id != session.actor.user_id:
        raise NotYours(_("Only whoever was reviewed disputes it."))
    if review.state != DONE or review.calibration_id is not None:
        raise ReviewInState(review.state)
    now, days = session.gate.clock.business_now(), settings_of(session.crm.settings).review_dispute_days
    if review.done_at is not None and now > review.done_at + timedelta(days=days):
        raise TooLate(days)
    if not reason.strip():
        raise problem("reason", _("Say why."))
    review.state, review.disputed_at, review.dispute = DISPUTED, now, reason.strip()
    session.emit(ReviewDisputed(review_id=review.id, customer_id=review.customer_id))
    _tell(session, [review.reviewer_id], _("A review of yours is disputed"), review)
    return review


@operation("experience.review.settle", title=_("Decide"), permission="experience.review.settle", effect="update")
def settle_review(
    session: CrmSession,
    review: Review,
    *,
    accept: Annotated[bool, Input(title=_("Accept the dispute"), classified="internal")],
    reason: Reason,
    scores: Scores = (),
) -> Review:
    """Decide about a dispute; who accepts it says the scores that hold now, and the first ones are kept.

    Raises NotYours for the reviewer and the reviewed, ReviewInState, InvalidInput without a reason, without scores
    where the dispute is accepted or with some where it is not.
    """
    user = session.actor.user_id
    if user is None or user in (review.reviewer_id, review.owner_id):
        raise NotYours(_("Somebody else than reviewer and reviewed decides."))
    if review.state != DISPUTED:
        raise ReviewInState(review.state)
    if not reason.strip():
        raise problem("reason", _("Say why."))
    if accept != bool(scores):
        raise problem("scores", _("Give the scores that hold now where the dispute is accepted, and none else."))
    if accept:
        first_scores, first_score = review.scores, review.score
        _keep(review, scores, categories_for(session, review))
        review.first_scores, review.first_score = first_scores, first_score
    verdict = "accepted" if accept else "rejected"
    review.state, review.verdict = SETTLED, verdict
    review.answer, review.settled_by_id = reason.strip(), user
    review.settled_at = session.gate.clock.business_now()
    session.emit(ReviewSettled(review_id=review.id, customer_id=review.customer_id, verdict=verdict))
    _tell(session, [review.owner_id, review.reviewer_id], _("A dispute was decided"), review)
    return review


def scores_in(said: Sequence[str], categories: Sequence[Category]) -> dict[str, int | None]:
    """Return the scores that were written, by category. Raises InvalidInput for what cannot be read, is missing, given
    twice, or not on the scale."""
    known = {each.key: each for each in categories}
    found: dict[str, int | None] = {}
    for place, each in enumerate(said):
        key, _equals, value = (part.strip() for part in each.partition("="))
        at = f"scores.{place}"
        category = known.get(key)
        if category is None or key in found:
            message = _('Give each of these categories one score: {names}. "{said}" is none of them.')
            raise problem(at, message, names=", ".join(known), said=key)
        if value in ("-", ""):
            if not category.optional:
                raise problem(at, _('"{title}" always applies.'), title=category.title)
            found[key] = None
            continue
        try:
            number = int(value)
        except ValueError:
            number = category.low - 1
        if not category.low <= number <= category.high:
            raise problem(
                at,
                _('"{title}" is from {low} to {high}.'),
                title=category.title,
                low=category.low,
                high=category.high,
            )
        found[key] = number
    missing = [each.title for each in categories if each.key not in found]
    if missing:
        raise problem("scores", _("Scores are missing: {names}."), names=", ".join(missing))
    return found


def _keep(review: Review, said: Sequence[str], categories: Sequence[Category]) -> None:
    scores = scores_in(said, categories)
    result: Result = result_of(categories, scores)
    review.scores, review.shares = scores, dict(result.shares)
    review.score, review.failed = result.score, bool(result.failed)


def _day(session: CrmSession, at: datetime) -> date:
    return at.astimezone(ZoneInfo(session.business().zone)).date()


def _tell(session: CrmSession, users: Sequence[UUID | None], title: str, review: Review) -> None:
    if "work.notice.add" not in session.gate.registry.operations:
        return
    from crmkit_work.api import NewNotice, notify

    notice = NewNotice(
        kind="experience.review",
        title=title,
        ref=f"experience.review:{review.id}",
        path=f"/modules/experience/review?id={review.id}",
    )
    notify(session, users, notice)


OPERATIONS = [score_review, dispute_review, settle_review]
