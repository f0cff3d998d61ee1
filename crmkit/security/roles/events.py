"""What happens to roles, to who has them, and to records that are shared."""

from __future__ import annotations

from uuid import UUID

from crmkit.core.operations.events import Internal, event


@event("role.changed")
class RoleChanged:
    """A role was added, changed or deleted, or what it grants was; ``what`` names the operation."""

    role_id: UUID
    name: Internal
    what: Internal


@event("user.roles_changed")
class UserRolesChanged:
    """A user was given a role (``given``) or lost it."""

    user_id: UUID
    role_id: UUID
    given: bool


@event("share.changed")
class ShareChanged:
    """A record was shared with a user or a team (``shared``), or is so no longer."""

    share_id: UUID
    resource: Internal
    record_id: UUID
    shared: bool


EVENTS = [RoleChanged, UserRolesChanged, ShareChanged]
