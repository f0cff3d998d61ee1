"""The sessions of a user as the user and an administrator see them: never a token."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.security.credentials.accounts import reading
from crmkit.security.sessions.ending import SESSIONS
from crmkit.security.sessions.factors import FactorState, factor_state
from crmkit.security.sessions.looking import is_over

if TYPE_CHECKING:
    from crmkit.app import CRM


@frozen(kw_only=True)
class SessionView:
    """A session; all instants are UTC. ``agent`` is the browser's label, ``seen_at`` a minute late at most."""

    id: UUID
    agent: str | None
    address: str | None
    method: str
    factor: str | None
    provider: str | None
    signed_in_at: datetime
    seen_at: datetime
    expires_at: datetime


def list_sessions(crm: CRM, user_id: UUID) -> list[SessionView]:
    """Return the sessions of a user that are alive, the last used first. For who has established that the caller may
    know them."""
    now = crm.clock.now()
    query = select(SESSIONS).where(SESSIONS.c.user_id == user_id).order_by(SESSIONS.c.seen_at.desc(), SESSIONS.c.id)
    with reading(crm, "listing sessions") as connection:
        rows = connection.execute(query).all()
    return [
        SessionView(
            id=row.id,
            agent=row.agent,
            address=row.address,
            method=row.method,
            factor=row.factor,
            provider=row.provider,
            signed_in_at=row.signed_in_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
        )
        for row in rows
        if not is_over(crm, row, now)
    ]


def factor_of(crm: CRM, user_id: UUID) -> FactorState:
    """Return what a user has of a second factor. For who has established that the caller may know it."""
    with reading(crm, "looking at a second factor") as connection:
        return factor_state(connection, user_id)
