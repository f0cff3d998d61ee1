"""Finding the session of a token: asked at each request, so one query and nothing else, save once a minute.

Must not know how a session is opened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError

from crmkit.core.store.actor import Actor
from crmkit.core.vault.secrets import same
from crmkit.security.credentials.accounts import USERS, looking
from crmkit.security.sessions.ending import SESSIONS
from crmkit.security.sessions.signed import Signed, csrf_of, token_hash

if TYPE_CHECKING:
    from crmkit.app import CRM

SEEN = timedelta(minutes=1)
"""How far the instant of the last request may lag behind."""
METHOD = "session"
"""How the audit log says that somebody is known by a session."""
WAIT = 20
"""Milliseconds that a request waits on SQLite to move the instant of the last one on. Where somebody writes just then,
the next request does it."""

_QUERY = (
    select(SESSIONS, USERS.c.login, USERS.c.name.label("user_name"), USERS.c.language.label("own_language"))
    .select_from(SESSIONS.join(USERS, USERS.c.id == SESSIONS.c.user_id))
    .where(SESSIONS.c.hash == bindparam("wanted"), USERS.c.active.is_(True))
)


def look_up(crm: CRM, token: str, address: str | None = None) -> Signed | None:
    """Return the session that a token opens, or None for a text that opens nothing: unknown, ended, over, idle for too
    long, or of somebody who has left. ``address`` is where the call comes from."""
    wanted = token_hash(token)
    if wanted is None:
        return None
    now = crm.clock.now()
    with looking(crm) as connection:
        row: Any = connection.execute(_QUERY, {"wanted": wanted}).one_or_none()
    if row is None or not same(bytes(row.hash), wanted) or is_over(crm, row, now):
        return None
    if row.seen_at <= now - SEEN:
        _mark_seen(crm, row.id, now)
    return signed_of(row, token, address)


def is_over(crm: CRM, row: Any, now: datetime) -> bool:
    """Say whether a session's row is past its end, or was not used for too long."""
    return bool(row.expires_at <= now or row.seen_at <= idle_since(crm, now))


def idle_since(crm: CRM, now: datetime) -> datetime:
    """Return the instant since which a session has to have been used to be alive (UTC)."""
    return now - timedelta(minutes=crm.settings.session_minutes)


def signed_of(row: Any, token: str, address: str | None) -> Signed:
    """Return who a session's row, joined with its user, belongs to."""
    language = row.own_language or row.language
    return Signed(
        id=row.id,
        user_id=row.user_id,
        actor=Actor.user(row.user_id, row.user_name, language, method=METHOD, address=address),
        login=row.login,
        csrf=csrf_of(token),
        method=row.method,
        factor=row.factor,
        provider=row.provider,
        language=language,
        agent=row.agent,
        signed_in_at=row.signed_in_at,
        seen_at=row.seen_at,
        stepped_up_at=row.stepped_up_at,
        expires_at=row.expires_at,
    )


def _mark_seen(crm: CRM, session_id: UUID, now: datetime) -> None:
    """Move the instant of the last request on. Somebody else's long write must not hold up the reading of pages."""
    statement = update(SESSIONS).where(SESSIONS.c.id == session_id, SESSIONS.c.seen_at < now).values(seen_at=now)
    try:
        with crm.engines.system_write.connect() as connection:
            if connection.dialect.name == "sqlite":
                driver: Any = connection.connection.driver_connection
                (before,) = driver.execute("PRAGMA busy_timeout").fetchone()
                driver.execute(f"PRAGMA busy_timeout = {WAIT}")
                try:
                    with connection.begin():
                        connection.execute(statement)
                finally:
                    driver.execute(f"PRAGMA busy_timeout = {int(before)}")
            else:
                with connection.begin():
                    connection.execute(statement)
    except DBAPIError:
        # Once more with the next request.
        return
