"""What happens to reviews, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Word = Annotated[str, Input(classified="internal")]
Number = Annotated[float | None, Input(classified="internal")]
Said = Annotated[bool, Input(classified="internal")]


@event("experience.review.done")
class ReviewDone:
    """A conversation was judged. ``score`` is from 0 to 100."""

    review_id: UUID
    customer_id: UUID
    score: Number
    failed: Said


@event("experience.review.disputed")
class ReviewDisputed:
    """Whoever was judged does not agree."""

    review_id: UUID
    customer_id: UUID


@event("experience.review.settled")
class ReviewSettled:
    """A dispute was decided: the verdict is accepted or rejected."""

    review_id: UUID
    customer_id: UUID
    verdict: Word


@event("experience.calibration.closed")
class CalibrationClosed:
    """All raters of a calibration are done, or it was ended: what they said can be compared."""

    calibration_id: UUID


EVENTS = [ReviewDone, ReviewDisputed, ReviewSettled, CalibrationClosed]
