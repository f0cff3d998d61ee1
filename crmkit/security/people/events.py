"""What happens to users and teams."""

from __future__ import annotations

from uuid import UUID

from crmkit.core.operations.events import event


@event("user.created")
class UserCreated:
    """A user was added."""

    user_id: UUID


@event("user.deactivated")
class UserDeactivated:
    """A user was deactivated, as somebody who leaves."""

    user_id: UUID


@event("user.handed_over")
class UserHandedOver:
    """What one user owned was handed over to another; ``records`` counts the records."""

    from_id: UUID
    to_id: UUID
    records: int


EVENTS = [UserCreated, UserDeactivated, UserHandedOver]
