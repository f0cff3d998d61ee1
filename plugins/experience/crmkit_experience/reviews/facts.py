"""How the conversations with a customer were judged, as facts. Must not use mapped classes in a select."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_experience.reviews.models import Review
from crmkit_experience.reviews.words import WAITING

_ = texts("crmkit_experience")

_REVIEW: Any = cast(Any, Review).__table__


def select_reviews(query: FactQuery) -> Select[Any]:
    """Return for each customer the mean score of the reviews that were done, without those of calibrations."""
    row = _REVIEW.c
    lately = row.done_at > query.ago(timedelta(days=90))
    found: Any = (
        select(
            row.customer_id,
            func.avg(row.score).label("review_score"),
            func.avg(case((lately, row.score))).label("review_score_90_days"),
            func.count(row.id).label("reviews"),
            func.count(case((row.failed, 1))).label("reviews_failed"),
            func.max(row.done_at).label("last_reviewed_at"),
        )
        .where(query.within(row.customer_id))
        .where(and_(row.state != WAITING, row.calibration_id.is_(None), row.done_at <= query.as_of))
        .group_by(row.customer_id)
    )
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="experience",
        select=select_reviews,
        temporal=False,
        columns=[
            Fact(
                name="review_score",
                type=float | None,
                doc=_("Mean score of the reviews of conversations with the customer, 0 to 100"),
            ),
            Fact(
                name="review_score_90_days",
                type=float | None,
                doc=_("Mean score of the reviews of the last 90 days, 0 to 100"),
            ),
            Fact(name="reviews", type=int, default=0, doc=_("Reviews of conversations with the customer")),
            Fact(
                name="reviews_failed",
                type=int,
                default=0,
                doc=_("Reviews in which something critical failed"),
            ),
            Fact(name="last_reviewed_at", type=datetime | None, doc=_("When a conversation was last reviewed")),
        ],
    )
]
