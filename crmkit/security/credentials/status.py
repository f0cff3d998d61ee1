"""What a user could sign in with: for the user and for who administers users, never a secret."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit.security.credentials.accounts import CODES, PASSWORDS, TOKENS, reading

if TYPE_CHECKING:
    from crmkit.app import CRM


@frozen(kw_only=True)
class Status:
    """Since when a user has the present password, until when a one-time code can be redeemed (both UTC, None for
    neither), and how many API tokens are alive."""

    password_changed_at: datetime | None
    code_until: datetime | None
    tokens: int


def status_of(crm: CRM, user_id: UUID) -> Status:
    """Return what a user could sign in with."""
    now = crm.clock.now()
    with reading(crm, "looking at what a user can sign in with") as connection:
        changed = connection.scalar(select(PASSWORDS.c.changed_at).where(PASSWORDS.c.user_id == user_id))
        until = connection.scalar(
            select(func.max(CODES.c.expires_at)).where(
                CODES.c.user_id == user_id, CODES.c.used_at.is_(None), CODES.c.expires_at > now
            )
        )
        alive = connection.scalar(
            select(func.count()).where(
                TOKENS.c.user_id == user_id, TOKENS.c.revoked_at.is_(None), TOKENS.c.expires_at > now
            )
        )
    return Status(password_changed_at=changed, code_until=until, tokens=int(alive or 0))
