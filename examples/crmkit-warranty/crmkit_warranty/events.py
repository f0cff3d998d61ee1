"""What happens to warranties. An event is stored in plain, so none carries what is personal."""

from __future__ import annotations

from uuid import UUID

from crmkit import event


@event("warranty.registered")
class WarrantiesRegistered:
    """Warranties were registered: at most 1,000 ids, each with its customer at the same place."""

    warranty_ids: tuple[UUID, ...]
    customer_ids: tuple[UUID, ...]


@event("warranty.claimed")
class WarrantyClaimed:
    """A claim was opened."""

    warranty_id: UUID
    claim_id: UUID
    customer_id: UUID


@event("warranty.settled")
class WarrantySettled:
    """A claim was settled; ``claims`` is how many of the warranty's claims have been."""

    warranty_id: UUID
    claim_id: UUID
    claims: int


@event("warranty.closed")
class WarrantyClosed:
    """A warranty was closed."""

    warranty_id: UUID
    customer_id: UUID


EVENTS = [WarrantiesRegistered, WarrantyClaimed, WarrantySettled, WarrantyClosed]
