"""What happens to insights, for whoever listens."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Word = Annotated[str, Input(classified="internal")]
Day = Annotated[date, Input(classified="internal")]


@event("knowledge.insight.noted")
class InsightNoted:
    """Something was learnt about a customer."""

    insight_id: UUID
    customer_id: UUID
    topic: Word
    kind: Word


@event("knowledge.insight.confirmed")
class InsightConfirmed:
    """Something that is known of a customer was found to hold still."""

    insight_id: UUID
    customer_id: UUID
    topic: Word
    kind: Word


@event("knowledge.insight.superseded")
class InsightSuperseded:
    """Something newer of the same topic holds in its place."""

    insight_id: UUID
    customer_id: UUID
    by_id: UUID
    topic: Word
    kind: Word


@event("knowledge.insight.withdrawn")
class InsightWithdrawn:
    """Something that was known does not hold, or a promise was taken back."""

    insight_id: UUID
    customer_id: UUID
    topic: Word
    kind: Word
    why: Word


@event("knowledge.insight.expired")
class InsightExpired:
    """Something that is known is too old to be trusted."""

    insight_id: UUID
    customer_id: UUID
    topic: Word
    kind: Word


@event("knowledge.insight.due")
class PromiseDue:
    """The day of a promise has come, and it is open."""

    insight_id: UUID
    customer_id: UUID
    topic: Word
    due_on: Day


@event("knowledge.insight.kept")
class PromiseKept:
    """A promise was kept; ``in_time`` says whether by its day."""

    insight_id: UUID
    customer_id: UUID
    topic: Word
    in_time: Annotated[bool, Input(classified="internal")]


@event("knowledge.insight.broken")
class PromiseBroken:
    """A promise was not kept, and will not be."""

    insight_id: UUID
    customer_id: UUID
    topic: Word


EVENTS = [
    InsightNoted,
    InsightConfirmed,
    InsightSuperseded,
    InsightWithdrawn,
    InsightExpired,
    PromiseDue,
    PromiseKept,
    PromiseBroken,
]
