"""What merging tells of. Whoever keeps totals of his own computes them anew when he hears of either."""

from __future__ import annotations

from uuid import UUID

from crmkit.core.operations.events import event


@event("customer.merged")
class CustomersMerged:
    """A customer absorbed another one, who is gone; everything about it belongs to the survivor now."""

    customer_id: UUID
    absorbed_id: UUID
    merge_id: UUID


@event("customer.unmerged")
class CustomersUnmerged:
    """A merge was undone: a customer is back with what it had; what came later stays with the survivor."""

    customer_id: UUID
    restored_id: UUID
    merge_id: UUID


EVENTS: list[type] = [CustomersMerged, CustomersUnmerged]
