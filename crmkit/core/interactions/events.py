"""What happens to interactions and products."""

from __future__ import annotations

from uuid import UUID

from crmkit.core.operations.events import Internal, event


@event("interaction.recorded")
class InteractionsRecorded:
    """Interactions of one kind were recorded: at most 1,000 ids, each with its customer at the same place."""

    kind: Internal
    interaction_ids: tuple[UUID, ...]
    customer_ids: tuple[UUID | None, ...]


@event("interaction.reversed")
class InteractionReversed:
    """An interaction was reversed by another one."""

    kind: Internal
    interaction_id: UUID
    reversal_id: UUID
    customer_id: UUID | None


@event("interaction.resolved")
class InteractionResolved:
    """An interaction that had no customer got one."""

    kind: Internal
    interaction_id: UUID
    customer_id: UUID


@event("interaction.participants_resolved")
class ParticipantsResolved:
    """Participants of an interaction were matched with customers."""

    interaction_id: UUID
    customer_ids: tuple[UUID, ...]


@event("product.created")
class ProductsCreated:
    """Products were added to the catalogue: at most 1,000 ids."""

    product_ids: tuple[UUID, ...]


@event("product.updated")
class ProductsUpdated:
    """Products of the catalogue were changed: at most 1,000 ids."""

    product_ids: tuple[UUID, ...]


@event("attachment.added")
class AttachmentAdded:
    """A file was attached."""

    attachment_id: UUID
    customer_id: UUID | None
    interaction_id: UUID | None


EVENTS = [
    InteractionsRecorded,
    InteractionReversed,
    InteractionResolved,
    ParticipantsResolved,
    ProductsCreated,
    ProductsUpdated,
    AttachmentAdded,
]
