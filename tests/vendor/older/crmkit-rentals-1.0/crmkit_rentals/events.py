"""What happens to items. An event is stored in plain, so none carries what is personal."""

from __future__ import annotations

from uuid import UUID

from crmkit import event


@event("rentals.added")
class ItemAdded:
    """An item was added to a customer."""

    item_id: UUID
    customer_id: UUID


@event("rentals.finished")
class ItemFinished:
    """An item was finished."""

    item_id: UUID
    customer_id: UUID


EVENTS = [ItemAdded, ItemFinished]
