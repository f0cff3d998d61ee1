"""What happens to promises, for whoever listens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Word = Annotated[str, Input(classified="internal")]
At = Annotated[datetime, Input(classified="internal")]
Said = Annotated[bool, Input(classified="internal")]


@event("experience.promise.made")
class PromiseMade:
    """Something was promised to a customer."""

    promise_id: UUID
    customer_id: UUID
    kind: Word
    due_at: At


@event("experience.promise.soon")
class PromiseSoon:
    """A promise falls due soon, and is open."""

    promise_id: UUID
    customer_id: UUID
    kind: Word
    due_at: At


@event("experience.promise.overdue")
class PromiseOverdue:
    """The time of a promise is over, and nobody has said yet that it was kept."""

    promise_id: UUID
    customer_id: UUID
    kind: Word
    due_at: At


@event("experience.promise.kept")
class PromiseKept:
    """A promise was kept in time."""

    promise_id: UUID
    customer_id: UUID
    kind: Word


@event("experience.promise.broken")
class PromiseBroken:
    """A promise was broken. ``late`` says that what was promised was done, too late."""

    promise_id: UUID
    customer_id: UUID
    kind: Word
    late: Said


@event("experience.promise.withdrawn")
class PromiseWithdrawn:
    """A promise was taken back, or was none."""

    promise_id: UUID
    customer_id: UUID
    kind: Word
    why: Word


@event("experience.promise.suggested")
class PromiseSuggested:
    """A text to a customer reads like a promise; a person is to confirm it."""

    suggestion_id: UUID
    customer_id: UUID
    interaction_id: UUID
    kind: Word


EVENTS = [PromiseMade, PromiseSoon, PromiseOverdue, PromiseKept, PromiseBroken, PromiseWithdrawn, PromiseSuggested]
