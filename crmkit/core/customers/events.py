"""What happens to customers. Events of bulk changes carry at most a thousand ids each; none carries what is
personal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from crmkit.core.operations.events import BATCH, Internal, event


@event("customer.created")
class CustomersCreated:
    """Customers were added."""

    customer_ids: tuple[UUID, ...]


@event("customer.updated")
class CustomersUpdated:
    """Customers were changed; ``fields`` names what was changed of any of them."""

    customer_ids: tuple[UUID, ...]
    fields: tuple[Internal, ...]


@event("customer.converted")
class CustomersConverted:
    """Potential customers became customers."""

    customer_ids: tuple[UUID, ...]


@event("customer.deleted")
class CustomersDeleted:
    """Customers were put away; they can be restored."""

    customer_ids: tuple[UUID, ...]


@event("customer.restored")
class CustomersRestored:
    """Customers that had been deleted were restored."""

    customer_ids: tuple[UUID, ...]


@event("customer.removed")
class CustomersRemoved:
    """Customers were removed for good, with everything about them."""

    customer_ids: tuple[UUID, ...]


@event("customer.assigned")
class CustomersAssigned:
    """Customers were given to an owner and a team."""

    customer_ids: tuple[UUID, ...]
    owner_id: UUID | None
    team_id: UUID | None


@event("customer.tagged")
class CustomersTagged:
    """Tags or interests of customers were added or taken away; ``kind`` is tag or interest."""

    customer_ids: tuple[UUID, ...]
    kind: Internal
    added: tuple[Internal, ...] = ()
    removed: tuple[Internal, ...] = ()


@event("contact_point.added")
class ContactPointAdded:
    """A customer has a new way to be reached; ``kind`` is that of the contact point."""

    customer_id: UUID
    contact_point_id: UUID
    kind: Internal


@event("contact_point.changed")
class ContactPointChanged:
    """A contact point was changed, preferred or verified; ``fields`` names what was changed."""

    customer_id: UUID
    contact_point_id: UUID
    kind: Internal
    fields: tuple[Internal, ...]


@event("contact_point.removed")
class ContactPointRemoved:
    """A contact point was taken away."""

    customer_id: UUID
    contact_point_id: UUID
    kind: Internal


@event("relationship.added")
class RelationshipAdded:
    """A customer was related to another."""

    relationship_id: UUID
    customer_id: UUID
    other_id: UUID
    kind: Internal


@event("relationship.ended")
class RelationshipEnded:
    """A relationship between two customers came to its end."""

    relationship_id: UUID
    customer_id: UUID
    other_id: UUID
    kind: Internal


@event("relationship.removed")
class RelationshipRemoved:
    """A relationship that should not have been there was taken away."""

    relationship_id: UUID
    customer_id: UUID
    other_id: UUID
    kind: Internal


@event("consent.recorded")
class ConsentRecorded:
    """A customer allowed or withdrew something."""

    customer_id: UUID
    consent_id: UUID
    purpose: Internal
    channel: Internal
    granted: bool


def in_batches(make: Callable[[tuple[UUID, ...]], Any], ids: Sequence[UUID]) -> list[Any]:
    """Return the events for many customers, each with at most a thousand ids."""
    return [make(tuple(ids[start : start + BATCH])) for start in range(0, len(ids), BATCH)]


EVENTS: list[type[Any]] = [
    CustomersCreated,
    CustomersUpdated,
    CustomersConverted,
    CustomersDeleted,
    CustomersRestored,
    CustomersRemoved,
    CustomersAssigned,
    CustomersTagged,
    ContactPointAdded,
    ContactPointChanged,
    ContactPointRemoved,
    RelationshipAdded,
    RelationshipEnded,
    RelationshipRemoved,
    ConsentRecorded,
]
