"""Ending sessions: within an open transaction, by whoever has established that it is to be.

Known to the credentials as well, whose changes end sessions; so it knows nothing of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import delete

from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.security.sessions.tables import BrowserSession, Factor, RecoveryCode, SignInStep

SESSIONS, STEPS = (cast(Any, model).__table__ for model in (BrowserSession, SignInStep))
FACTORS, RECOVERY = (cast(Any, model).__table__ for model in (Factor, RecoveryCode))


def end_sessions(session: CrmSession, user_id: UUID, *, keep: UUID | None = None) -> int:
    """End every session of a user, save the one to ``keep``, and every sign-in that is not done yet; returns how many
    sessions there were."""
    with region(session, "ending the sessions of a user"):
        connection = session.connection()
        query = delete(SESSIONS).where(SESSIONS.c.user_id == user_id)
        if keep is not None:
            query = query.where(SESSIONS.c.id != keep)
        connection.execute(delete(STEPS).where(STEPS.c.user_id == user_id))
        return int(connection.execute(query).rowcount)


def end_factors(session: CrmSession, user_id: UUID) -> bool:
    """Take a user's second factor and recovery codes away; returns whether there was one that had been confirmed."""
    with region(session, "taking a second factor away"):
        connection = session.connection()
        connection.execute(delete(RECOVERY).where(RECOVERY.c.user_id == user_id))
        gone = connection.execute(
            delete(FACTORS).where(FACTORS.c.user_id == user_id).returning(FACTORS.c.confirmed_at)
        ).first()
    return gone is not None and gone.confirmed_at is not None


def end_expired(session: CrmSession, now: datetime, idle_since: datetime) -> int:
    """Delete the sessions and steps that are over: past their end, or not seen since an instant (UTC)."""
    with region(session, "tidying up sessions"):
        connection = session.connection()
        connection.execute(delete(STEPS).where(STEPS.c.expires_at <= now))
        gone = connection.execute(
            delete(SESSIONS).where((SESSIONS.c.expires_at <= now) | (SESSIONS.c.seen_at <= idle_since))
        )
    return int(gone.rowcount)
