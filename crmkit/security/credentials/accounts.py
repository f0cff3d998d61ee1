"""What the database says of a user's credentials, and the steps that every way of changing them has in common.

All of it works within an open transaction in system scope: whoever signs in is nobody yet. Must not check anything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from crmkit.core.access.models import User
from crmkit.core.access.tokens import ApiToken
from crmkit.core.operations.audit_lines import line_of
from crmkit.core.operations.translate import database_error
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.secrets import Cost
from crmkit.security.credentials.tables import OneTimeCode, Password
from crmkit.settings import Settings

if TYPE_CHECKING:
    from crmkit.app import CRM

USERS, PASSWORDS = (cast(Any, model).__table__ for model in (User, Password))
TOKENS, CODES = (cast(Any, model).__table__ for model in (ApiToken, OneTimeCode))

T = TypeVar("T")


@frozen(kw_only=True)
class Account:
    """A user, as the one who checks credentials sees it; ``hash`` is None for somebody who has no password."""

    user_id: UUID
    login: str
    name: str
    email: str | None
    language: str | None
    active: bool
    hash: str | None = field(default=None, repr=False)


def account_of(connection: Connection, *, login: str | None = None, user_id: UUID | None = None) -> Account | None:
    """Return a user with the hash of the password, by login or id, or None."""
    if login is not None and (login != readable(login) or "\0" in login):
        return None
    which = USERS.c.login == unicodedata.normalize("NFC", login).strip() if login is not None else USERS.c.id == user_id
    row = connection.execute(
        select(
            USERS.c.id.label("user_id"),
            USERS.c.login,
            USERS.c.name,
            USERS.c.email,
            USERS.c.language,
            USERS.c.active,
            PASSWORDS.c.hash,
        )
        .select_from(USERS.outerjoin(PASSWORDS, PASSWORDS.c.user_id == USERS.c.id))
        .where(which)
    ).one_or_none()
    return None if row is None else Account(**row._mapping)


def readable(text: str) -> str:
    """Return a text without the halves of signs that no database keeps."""
    return text.encode("utf-8", "replace").decode("utf-8")


def told(crm: CRM, text: str) -> str:
    """Return what the audit log keeps of a login or a token that somebody tried: the same for the same, and nothing of
    it."""
    return crm.vault.fingerprint(readable(text[:200]))[:16]


def cost_of(settings: Settings) -> Cost:
    """Return what hashing a password costs here."""
    values = dict(part.split("=") for part in settings.password_cost.split(","))
    return Cost(passes=int(values["t"]), memory=int(values["m"]), lanes=int(values["p"]))


def within(crm: CRM, reason: str, work: Callable[[CrmSession], T]) -> T:
    """Do something in a writing transaction of its own in system scope, again when the database asks for it."""

    def once() -> T:
        with crm.transaction(Actor.system(reason)) as session, region(session, reason):
            return work(session)

    return cast(T, crm.gate.retrying(once))


@contextmanager
def reading(crm: CRM, reason: str) -> Generator[Connection]:
    """Open a transaction that reads in system scope."""
    with crm.session(Actor.system(reason)) as session, region(session, reason):
        yield session.connection()


@contextmanager
def looking(crm: CRM) -> Generator[Connection]:
    """Open a transaction that reads what the framework alone knows, for what every call asks: without all that a
    session is. Raises StoreError."""
    try:
        with crm.engines.system_read.connect() as connection:
            yield connection
    except (DBAPIError, PoolTimeout) as error:
        raise database_error(error) from error


def note(
    session: CrmSession,
    actor: Actor,
    action: str,
    outcome: str,
    *,
    user_id: UUID | None,
    code: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Put a line into the audit log, in the name of who acted rather than of the system scope that it is done in."""
    session.unit.lines.append(
        line_of(
            actor,
            action,
            outcome,
            recorded_at=session.gate.clock.now(),
            resource="user",
            target=("crm_user", user_id) if user_id is not None else None,
            code=code,
            details=details,
        )
    )


def keep_password(session: CrmSession, user_id: UUID, hashed: str, now: datetime) -> None:
    """Keep the hash of a user's new password."""
    connection = session.connection()
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"hash": hashed, "changed_at": now}
    connection.execute(
        dialect.insert(PASSWORDS)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


def end_codes(session: CrmSession, user_id: UUID, now: datetime, purposes: Sequence[str] | None = None) -> int:
    """Give up every one-time code of a user that is still open, or those of some purposes; returns how many there
    were."""
    query = update(CODES).where(CODES.c.user_id == user_id, CODES.c.used_at.is_(None))
    if purposes is not None:
        query = query.where(CODES.c.purpose.in_(purposes))
    return int(session.connection().execute(query.values(used_at=now)).rowcount)


def end_tokens(session: CrmSession, user_id: UUID, now: datetime) -> int:
    """Revoke every API token of a user; returns how many there were."""
    from crmkit.core.access.resolving import bump

    ended = session.connection().execute(
        update(TOKENS).where(TOKENS.c.user_id == user_id, TOKENS.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    if ended.rowcount:
        bump(session)
    return int(ended.rowcount)
