"""What happens to lists and reviews."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("lifecycle.checklist.started")
class ChecklistStarted:
    """A list was begun for a customer."""

    customer_id: UUID
    checklist_id: UUID
    template: Plain


@event("lifecycle.checklist.item_done")
class ItemDone:
    """Something on a customer's list is done: by a person, a task, or what the customer did."""

    customer_id: UUID
    checklist_id: UUID
    item_id: UUID
    done_by: Plain


@event("lifecycle.checklist.done")
class ChecklistDone:
    """Everything that is required on a customer's list is done, after so many days."""

    customer_id: UUID
    checklist_id: UUID
    template: Plain
    days: int


@event("lifecycle.review.due")
class ReviewDue:
    """A renewal or a review comes up."""

    customer_id: UUID
    review_id: UUID
    kind: Plain


@event("lifecycle.review.done")
class ReviewDone:
    """A renewal or a review was held."""

    customer_id: UUID
    review_id: UUID
    kind: Plain


EVENTS = [ChecklistStarted, ItemDone, ChecklistDone, ReviewDue, ReviewDone]
