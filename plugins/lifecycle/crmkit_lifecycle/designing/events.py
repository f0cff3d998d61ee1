"""What happens to models."""

from __future__ import annotations

from uuid import UUID

from crmkit import event


@event("lifecycle.model.published")
class ModelPublished:
    """A version of a model holds from now on."""

    model_id: UUID
    version_id: UUID
    number: int


EVENTS = [ModelPublished]
