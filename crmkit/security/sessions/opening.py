"""Opening a session for somebody who has proved who that is, giving it a new token, and ending it.

Must not check anything that somebody gives.
"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import evolve
from sqlalchemy import delete, insert, select, update

from crmkit.core.store.actor import Actor
from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import NotFound, Unauthenticated
from crmkit.i18n import LANGUAGES, texts
from crmkit.security.credentials.accounts import Account, account_of, note, reading, within
from crmkit.security.sessions.agents import agent_label
from crmkit.security.sessions.ending import SESSIONS
from crmkit.security.sessions.looking import signed_of
from crmkit.security.sessions.signed import Opened, Proof, Signed, Visitor, csrf_of, new_token, token_hash

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

ACTION = "sign_in"
REASON = "sessions of browsers"
MOST = 20
"""How many sessions somebody has at a time: the one that was not used for longest ends for a new one."""


def proof_of(crm: CRM, user_id: UUID, *, method: Any = "link", fresh: bool = True) -> Proof:
    """Return the proof for a user whom the caller knows to be that user. Raises NotFound."""
    with reading(crm, REASON) as connection:
        account = account_of(connection, user_id=user_id)
    if account is None or not account.active:
        raise NotFound(_("There is no such active user."))
    return Proof(account=account, method=method, fresh=fresh)


def open_session(crm: CRM, proof: Proof, visitor: Visitor | None = None, *, before: str | None = None) -> Opened:
    """Open a session for who has proved who that is, in a transaction of its own. ``before`` is the token that the
    browser came with: what it opens ends, so that nobody can make another sign in to a session that he knows.

    Raises Unauthenticated for somebody who has left meanwhile.
    """
    return within(crm, REASON, lambda session: open_within(session, proof, visitor or Visitor(), before=before))


def open_within(session: CrmSession, proof: Proof, visitor: Visitor, *, before: str | None = None) -> Opened:
    """Do what `open_session` does within an open transaction in system scope."""
    now = session.gate.clock.now()
    connection = session.connection()
    account = account_of(connection, user_id=proof.account.user_id)
    if account is None or not account.active:
        raise Unauthenticated()
    known = token_hash(before) if before else None
    if known is not None:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == known))
    token, identity = new_token(), new_id()
    values: dict[str, Any] = {
        "id": identity,
        "user_id": account.user_id,
        "hash": token_hash(token),
        "method": proof.method,
        "factor": proof.factor,
        "provider": proof.provider,
        "language": visitor.language if visitor.language in LANGUAGES else None,
        "agent": agent_label(visitor.agent),
        "address": (visitor.address or "")[:64] or None,
        "signed_in_at": now,
        "seen_at": now,
        "stepped_up_at": now if proof.fresh else None,
        "expires_at": now + timedelta(hours=session.crm.settings.session_hours),
    }
    connection.execute(insert(SESSIONS).values(values))
    _end_surplus(connection, account.user_id)
    details = {"session": str(identity), "factor": proof.factor, "provider": proof.provider}
    note(
        session,
        _somebody(account, proof.method, visitor.address),
        ACTION,
        "done",
        user_id=account.user_id,
        details={name: value for name, value in details.items() if value is not None},
    )
    return Opened(token=token, signed=_signed(values, account, token, visitor.address))


def rotate(crm: CRM, signed: Signed, *, stepped_up: bool = False) -> Opened:
    """Give a session a new token; the old one opens nothing any more. ``stepped_up`` notes that somebody has just given
    a password or a code. Raises Unauthenticated when the session has ended meanwhile."""
    return within(crm, REASON, lambda session: rotate_within(session, signed, stepped_up=stepped_up))


def rotate_within(session: CrmSession, signed: Signed, *, stepped_up: bool) -> Opened:
    """Do what `rotate` does within an open transaction in system scope."""
    now = session.gate.clock.now()
    token = new_token()
    changes: dict[str, Any] = {"hash": token_hash(token), "seen_at": now}
    if stepped_up:
        changes["stepped_up_at"] = now
    done = session.connection().execute(
        update(SESSIONS).where(SESSIONS.c.id == signed.id, SESSIONS.c.expires_at > now).values(changes)
    )
    if done.rowcount != 1:
        raise Unauthenticated()
    stepped_up_at = now if stepped_up else signed.stepped_up_at
    return Opened(token=token, signed=evolve(signed, csrf=csrf_of(token), seen_at=now, stepped_up_at=stepped_up_at))


def end(crm: CRM, signed: Signed) -> None:
    """End a session, as its user has asked for."""

    def write(session: CrmSession) -> None:
        gone = session.connection().execute(delete(SESSIONS).where(SESSIONS.c.id == signed.id))
        if gone.rowcount:
            details = {"session": str(signed.id)}
            note(session, signed.actor, "sign_out", "done", user_id=signed.user_id, details=details)

    within(crm, REASON, write)


def _end_surplus(connection: Any, user_id: UUID) -> None:
    kept = (
        select(SESSIONS.c.id)
        .where(SESSIONS.c.user_id == user_id)
        .order_by(SESSIONS.c.seen_at.desc(), SESSIONS.c.id.desc())
    )
    ids = [row.id for row in connection.execute(kept.limit(MOST))]
    if len(ids) == MOST:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.id.not_in(ids)))


def _somebody(account: Account, method: str, address: str | None) -> Actor:
    return Actor.user(account.user_id, account.name, account.language, method=method, address=address)


def _signed(values: dict[str, Any], account: Account, token: str, address: str | None) -> Signed:
    row = SimpleNamespace(
        **{**values, "login": account.login, "user_name": account.name, "own_language": account.language}
    )
    return signed_of(row, token, address)
