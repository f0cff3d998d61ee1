"""API tokens: what a user's scripts and other systems sign in with, within scopes and for a limited time.

A token is looked up at every call, so a revoked one opens nothing any more. Must not know doors.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import bindparam, or_, select, update

from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.secrets import same
from crmkit.errors import InvalidCredentials
from crmkit.i18n import texts
from crmkit.security.credentials import throttle
from crmkit.security.credentials.accounts import TOKENS, USERS, looking, note, reading, told, within
from crmkit.security.credentials.codes import SHOWN, new_token, token_digest
from crmkit.security.credentials.signing_in import too_many

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

ACTION = "sign_in"
REASON = "checking an API token"
DAYS = 90
MOST_DAYS = 365
_BY_HASH = (
    select(
        TOKENS.c.id,
        TOKENS.c.user_id,
        TOKENS.c.hash,
        TOKENS.c.scopes,
        TOKENS.c.expires_at,
        TOKENS.c.last_used_at,
        TOKENS.c.revoked_at,
        USERS.c.name.label("user_name"),
        USERS.c.language,
        USERS.c.active,
    )
    .select_from(TOKENS.join(USERS, USERS.c.id == TOKENS.c.user_id))
    .where(TOKENS.c.hash == bindparam("wanted"))
)
USED = timedelta(minutes=1)
"""How far the instant of the last use may lag behind."""


@frozen(kw_only=True)
class NewToken:
    """A new API token. ``token`` is its text, shown once and kept nowhere."""

    given_once = True

    id: UUID
    name: str
    token: str = field(repr=False)
    scopes: tuple[str, ...]
    expires_at: datetime


@frozen(kw_only=True)
class TokenView:
    """A token as its owner and an administrator see it."""

    id: UUID
    login: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    state: str
    """active, expired or revoked."""
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def make_token(session: CrmSession, user_id: UUID, *, name: str, scopes: tuple[str, ...], days: int) -> NewToken:
    """Make a token for a user, within an operation that has checked everything."""
    now = session.gate.clock.now()
    text = new_token()
    values = {
        "user_id": user_id,
        "name": name,
        "prefix": text[:SHOWN],
        "hash": token_digest(text),
        "scopes": list(scopes),
        "created_at": now,
        "expires_at": now + timedelta(days=days),
    }
    with region(session, "making an API token"):
        made = session.connection().execute(TOKENS.insert().values(**values).returning(TOKENS.c.id)).scalar_one()
    return NewToken(id=made, name=name, token=text, scopes=scopes, expires_at=now + timedelta(days=days))


def list_tokens(crm: CRM, *, user_id: UUID | None = None, everything: bool = False) -> list[TokenView]:
    """Return the tokens of a user, or of all, the newest first; with ``everything`` also those that open nothing any
    more. For who has established that the caller may know them."""
    now = crm.clock.now()
    query = select(TOKENS, USERS.c.login).select_from(TOKENS.join(USERS, USERS.c.id == TOKENS.c.user_id))
    if user_id is not None:
        query = query.where(TOKENS.c.user_id == user_id)
    with reading(crm, "listing API tokens") as connection:
        rows = connection.execute(query.order_by(TOKENS.c.created_at.desc(), TOKENS.c.id)).all()
    found = [
        TokenView(
            id=row.id,
            login=row.login,
            name=row.name,
            prefix=row.prefix,
            scopes=tuple(row.scopes),
            state="revoked" if row.revoked_at else "expired" if row.expires_at <= now else "active",
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
        )
        for row in rows
    ]
    return found if everything else [item for item in found if item.state == "active"]


def actor_of_token(crm: CRM, text: str, address: str | None = None) -> Actor:
    """Return the actor of an API token: its owner, within the token's scopes.

    Raises InvalidCredentials for a text that is no token, an unknown, expired or revoked one, or one of somebody who
    has left, all alike; TooManyAttempts when too many wrong ones came from this address.
    """
    now = crm.clock.now()
    wanted = token_digest(text)
    row: Any = None
    if wanted is not None:
        with looking(crm) as connection:
            row = connection.execute(_BY_HASH, {"wanted": wanted}).one_or_none()
    why = _why_not(row, wanted, now)
    if why is not None:
        raise _refuse(crm, row, why, text, address)
    if row.last_used_at is None or row.last_used_at <= now - USED:
        within(crm, REASON, lambda session: _mark_used(session, row.id, now))
    return Actor.token(
        row.id,
        user_id=row.user_id,
        name=row.user_name,
        language=row.language,
        limits=tuple(row.scopes),
        address=address,
    )


def _why_not(row: Any, wanted: bytes | None, now: datetime) -> str | None:
    if wanted is None:
        return "no_token"
    if row is None or not same(cast(bytes, row.hash), wanted):
        return "unknown_token"
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at <= now:
        return "expired"
    return None if row.active else "inactive"


def _mark_used(session: CrmSession, token_id: UUID, now: datetime) -> None:
    session.connection().execute(
        update(TOKENS)
        .where(TOKENS.c.id == token_id, or_(TOKENS.c.last_used_at.is_(None), TOKENS.c.last_used_at < now))
        .values(last_used_at=now)
    )


def _refuse(crm: CRM, row: Any, why: str, text: str, address: str | None) -> Exception:
    """Write down that a token was refused and return the error. Once an address has used up what it may try, nothing
    more is written for it: the check before costs one query."""
    place = throttle.place_of(crm.vault, "", address)
    with reading(crm, REASON) as connection:
        wait = throttle.is_exhausted(connection, place, crm.clock.now())
    if wait is not None:
        return too_many(wait)
    somebody = Actor(
        id="public",
        kind="public",
        name="public",
        method="token",
        address=address,
        token_id=row.id if row is not None else None,
    )

    def write(session: CrmSession) -> None:
        throttle.take_address(session.connection(), place, crm.clock.now())
        note(
            session,
            somebody,
            ACTION,
            "refused",
            user_id=row.user_id if row is not None else None,
            code=InvalidCredentials.code,
            details={"why": why, "token": told(crm, text)},
        )

    within(crm, REASON, write)
    return InvalidCredentials(_("The token does not open anything."))
