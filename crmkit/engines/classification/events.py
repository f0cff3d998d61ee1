"""What classification tells: labels that changed, pins, and labels that moved more than is usual."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmkit.core.operations.events import Internal, event
from crmkit.core.operations.inputs import Input

LabelName = Annotated[str, Input(classified="personal")]
"""A label may be a customer's city."""


@event("classification.changed")
class ClassificationChanged:
    """Customers, at most 1,000 in an event, went from one label of a dimension to another; null is none.

    The first run of a dimension tells of nothing: what it finds has been so before.
    """

    dimension: Internal
    before: LabelName | None
    after: LabelName | None
    customer_ids: tuple[UUID, ...]
    as_of: datetime
    run_id: UUID


@event("classification.unstable")
class ClassificationUnstable:
    """More of a label moved in one run than its dimension says is usual, and nobody has changed the definition: look
    whether the data is right. ``percent`` is the share that came or went."""

    dimension: Internal
    label: LabelName
    percent: int
    run_id: UUID


@event("dimension.changed")
class DimensionChanged:
    """A dimension was saved, enabled, disabled or reset; ``operation`` says which."""

    dimension: Internal
    operation: Internal


@event("customer.label_pinned")
class LabelPinned:
    """A person decided over a customer in a dimension."""

    customer_id: UUID
    dimension: Internal
    label: LabelName
    expires_at: datetime | None


@event("customer.label_unpinned")
class LabelUnpinned:
    """A person's decision over a customer in a dimension was taken back."""

    customer_id: UUID
    dimension: Internal


EVENTS: list[type[object]] = [
    ClassificationChanged,
    ClassificationUnstable,
    DimensionChanged,
    LabelPinned,
    LabelUnpinned,
]
