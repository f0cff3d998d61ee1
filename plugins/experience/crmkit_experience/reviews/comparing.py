"""What raters make of the same conversations: how far they agree, and who drifts. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import mean_interval
from crmkit_experience.reviews.agreeing import Level, alpha_with_interval, cohen, fleiss, with_interval
from crmkit_experience.reviews.models import Calibration, Review
from crmkit_experience.reviews.reading import categories_by, rated_together
from crmkit_experience.reviews.words import WAITING

SEED = 20
TOTAL = "total"
"""The key of what the whole review came to, beside those of categories."""


@frozen(kw_only=True)
class Agreement:
    """How far raters agree on one category, or with `TOTAL` on the whole score: over how many conversations and raters.

    ``kappa`` is Cohen's where there are two raters, else Fleiss' over the conversations that all of them rated.
    """

    key: str
    title: str
    units: int
    raters: int
    alpha: Estimate
    kappa: Estimate | None
    kappa_kind: str = ""


@frozen(kw_only=True)
class Drift:
    """How far a rater is above the peers on the same conversations, in points of 100, in one month (``2027-03``)."""

    rater_id: UUID
    month: str
    difference: Estimate


def done_reviews(session: CrmSession, scorecard_id: UUID | None = None) -> Sequence[Review]:
    """Return the reviews that are done and no longer blind, as the reader sees them."""
    query = select(Review).where(Review.state != WAITING, Review.blind.is_(False))
    if scorecard_id is not None:
        query = query.where(Review.scorecard_id == scorecard_id)
    return session.scalars(query.order_by(Review.done_at, Review.id)).all()


def agreement(session: CrmSession, reviews: Sequence[Review], level: Level = "ordinal") -> list[Agreement]:
    """Return how far raters agree on each category of the reviews of the same conversations (values at ``level``), and
    on the whole score (interval). What does not apply counts as not rated."""
    together = rated_together(session, reviews)
    kept = [each for held in together.values() for each in held]
    titles = {each.key: each.title for held in categories_by(session, kept).values() for each in held}
    found: list[Agreement] = []
    for key in [*titles, TOTAL]:
        rated = [
            {
                rater: value
                for each in held
                if (rater := each.reviewer_id) and (value := value_in(each, key)) is not None
            }
            for held in together.values()
        ]
        rated = [each for each in rated if len(each) > 1]
        if rated:
            found.append(_agreement(key, titles.get(key, ""), rated, "interval" if key == TOTAL else level))
    return found


def value_in(review: Review, key: str) -> float | None:
    """Return what a review says of a category, or with `TOTAL` its score, before any dispute."""
    if key == TOTAL:
        return review.first_score if review.first_scores is not None else review.score
    scores = review.first_scores if review.first_scores is not None else review.scores
    return scores.get(key)


def _agreement(key: str, title: str, rated: Sequence[Mapping[UUID, float]], level: Level) -> Agreement:
    raters = sorted({who for each in rated for who in each}, key=str)
    whole = [[each[who] for who in raters] for each in rated if len(each) == len(raters)]
    kappa = None
    if whole and key != TOTAL:
        if len(raters) == 2:
            kappa = with_interval(whole, lambda drawn: cohen([(one, two) for one, two in drawn]), seed=SEED)
        else:
            kappa = with_interval(whole, fleiss, seed=SEED)
    return Agreement(
        key=key,
        title=title,
        units=len(rated),
        raters=len(raters),
        alpha=alpha_with_interval([list(each.values()) for each in rated], level, seed=SEED),
        kappa=kappa,
        kappa_kind="" if kappa is None else "cohen" if len(raters) == 2 else "fleiss",
    )


def drifts(session: CrmSession, reviews: Sequence[Review]) -> list[Drift]:
    """Return by rater and month how far the rater's scores lie above the mean of the others' on the same conversations,
    with Student's interval."""
    held: dict[tuple[str, UUID], list[float]] = defaultdict(list)
    for each in rated_together(session, reviews).values():
        known = [(one, value) for one in each if (value := value_in(one, TOTAL)) is not None]
        for one, value in known:
            peers = [other for two, other in known if two.reviewer_id != one.reviewer_id]
            if peers and one.reviewer_id is not None and one.done_on is not None:
                held[f"{one.done_on:%Y-%m}", one.reviewer_id].append(value - sum(peers) / len(peers))
    return [
        Drift(rater_id=who, month=month, difference=mean_interval(values))
        for (month, who), values in sorted(held.items(), key=lambda item: (item[0][0], str(item[0][1])))
    ]


@frozen(kw_only=True)
class Compared:
    """What the raters of a calibration said of one conversation: by rater the score, and by category and rater."""

    ref: str
    scores: Mapping[UUID, float | None]
    categories: Mapping[str, Mapping[UUID, int | None]]
    spread: float | None


def compared(session: CrmSession, calibration: Calibration) -> list[Compared]:
    """Return what raters said side by side, where they differ most first; empty while the calibration is under way."""
    if calibration.state != "closed":
        return []
    query = select(Review).where(Review.calibration_id == calibration.id, Review.state != WAITING)
    held: dict[str, list[Review]] = defaultdict(list)
    for each in session.scalars(query.order_by(Review.ref, Review.id)):
        held[each.ref].append(each)
    found = []
    for ref, reviews in held.items():
        scores = {each.reviewer_id: each.score for each in reviews if each.reviewer_id is not None}
        keys = dict.fromkeys(key for each in reviews for key in each.scores)
        known = [value for value in scores.values() if value is not None]
        found.append(
            Compared(
                ref=ref,
                scores=scores,
                categories={
                    key: {each.reviewer_id: each.scores.get(key) for each in reviews if each.reviewer_id is not None}
                    for key in keys
                },
                spread=max((abs(one - two) for one, two in combinations(known, 2)), default=None),
            )
        )
    return sorted(found, key=lambda each: (-(each.spread or 0), each.ref))
