"""Setting passwords: by their owner who knows the present one, or by who holds a one-time code. Nobody chooses one for
somebody else.

Hashing happens outside of transactions. Must not know who may issue codes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Connection, select, update

from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.secrets import hash_password
from crmkit.errors import InvalidCredentials, InvalidInput, Problem, Refused
from crmkit.i18n import texts
from crmkit.security.credentials import throttle
from crmkit.security.credentials.accounts import (
    CODES,
    Account,
    account_of,
    cost_of,
    end_codes,
    end_tokens,
    keep_password,
    note,
    reading,
    told,
    within,
)
from crmkit.security.credentials.codes import code_digest, new_code
from crmkit.security.credentials.policy import check_password
from crmkit.security.credentials.signing_in import REASON, actor_of, is_worth_a_line, prove, too_many
from crmkit.security.sessions.ending import end_sessions

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

Purpose = Literal["invite", "reset", "link"]

VALID_FOR: dict[Purpose, timedelta] = {
    "invite": timedelta(days=3),
    "reset": timedelta(hours=24),
    "link": timedelta(minutes=15),
}
"""How long a one-time code can be redeemed."""
SETTING: tuple[Purpose, ...] = ("invite", "reset")
"""What the codes are for by which a password is set; one to sign in once sets none."""


@frozen(kw_only=True)
class IssuedCode:
    """A one-time code, shown once: whoever has it sets the user's password, by ``crmkit user redeem LOGIN`` or on the
    page of its link, or signs in once."""

    given_once = True

    login: str
    purpose: Purpose
    code: str = field(repr=False)
    expires_at: datetime


def issue_code(session: CrmSession, user_id: UUID, login: str, purpose: Purpose) -> IssuedCode:
    """Make a one-time code for a user, within an operation; the ones of the same use that were open are given up."""
    now = session.gate.clock.now()
    code = new_code()
    expires_at = now + VALID_FOR[purpose]
    values = {"user_id": user_id, "purpose": purpose, "hash": code_digest(code)}
    with region(session, "issuing a one-time code"):
        end_codes(session, user_id, now, ("link",) if purpose == "link" else SETTING)
        session.connection().execute(CODES.insert().values(**values, created_at=now, expires_at=expires_at))
    return IssuedCode(login=login, purpose=purpose, code=code, expires_at=expires_at)


def change_password(
    crm: CRM,
    actor: Actor,
    current: str,
    new: str,
    *,
    address: str | None = None,
    keep_tokens: bool = False,
    keep_session: UUID | None = None,
) -> None:
    """Change the password of a user who knows the present one: sessions of browsers and API tokens end.
    ``keep_tokens`` leaves the tokens alive, ``keep_session`` one session, in which it is done.

    Raises Refused for an actor that is no user, InvalidCredentials and TooManyAttempts as signing in does, InvalidInput
    for a new password that cannot be used.
    """
    if actor.kind != "user" or actor.user_id is None:
        raise Refused(_("Only a user has a password, and a token cannot change it."))
    with reading(crm, REASON) as connection:
        account = account_of(connection, user_id=actor.user_id)
    if account is None:
        raise InvalidCredentials(_("The login or the password is not right."))
    place = address if address is not None else actor.address
    present, _actor = prove(crm, account.login, current, place, action="password.check")
    if current == new:
        raise InvalidInput([Problem("CK500", _("The new password is the present one."), field="password")])
    check_password(new, words_about(crm, present))
    hashed = hash_password(new, cost_of(crm.settings))

    def write(session: CrmSession) -> None:
        now = crm.clock.now()
        keep_password(session, present.user_id, hashed, now)
        end_codes(session, present.user_id, now)
        ended = {
            "tokens_revoked": 0 if keep_tokens else end_tokens(session, present.user_id, now),
            "sessions_ended": end_sessions(session, present.user_id, keep=keep_session),
        }
        note(session, actor, "password.change", "done", user_id=present.user_id, details=ended)

    within(crm, REASON, write)


def set_first_password(crm: CRM, actor: Actor, new: str, *, keep_session: UUID | None = None) -> None:
    """Set the password of a user who has none, as one who came by a link or a provider; other sessions end. The caller
    has established that it is that user, a moment ago.

    Raises Refused for an actor that is no user and for one who has a password, InvalidInput for a password that cannot
    be used.
    """
    if actor.kind != "user" or actor.user_id is None:
        raise Refused(_("Only a user has a password, and a token cannot change it."))
    with reading(crm, REASON) as connection:
        account = account_of(connection, user_id=actor.user_id)
    if account is None or account.hash is not None:
        raise Refused(_("There is a password already: it is changed by who knows it."))
    check_password(new, words_about(crm, account))
    hashed = hash_password(new, cost_of(crm.settings))

    def write(session: CrmSession) -> None:
        now = crm.clock.now()
        present = account_of(session.connection(), user_id=account.user_id)
        if present is None or present.hash is not None:
            raise Refused(_("There is a password already: it is changed by who knows it."))
        keep_password(session, account.user_id, hashed, now)
        end_codes(session, account.user_id, now)
        ended = {"sessions_ended": end_sessions(session, account.user_id, keep=keep_session)}
        note(session, actor, "password.set", "done", user_id=account.user_id, details=ended)

    within(crm, REASON, write)


def redeem(crm: CRM, login: str, code: str, password: str, address: str | None = None) -> Actor:
    """Set a password by a one-time code, which is used up by it, and return the user's actor.

    Raises InvalidCredentials when the login or the code is not right, the code was used or has expired or the user has
    left, all alike; InvalidInput for a password that cannot be used, and then the code can still be used;
    TooManyAttempts when too many wrong codes came from this address.
    """
    place = throttle.place_of(crm.vault, login, address)
    somebody = Actor(id="public", kind="public", name="public", method="code", address=address)
    wanted = code_digest(code)

    def look(connection: Connection) -> tuple[Account, UUID] | None:
        account = account_of(connection, login=login)
        if account is None or not account.active or wanted is None:
            return None
        found = connection.scalar(
            select(CODES.c.id).where(
                CODES.c.user_id == account.user_id,
                CODES.c.hash == wanted,
                CODES.c.purpose.in_(SETTING),
                CODES.c.used_at.is_(None),
                CODES.c.expires_at > crm.clock.now(),
            )
        )
        return (account, cast(UUID, found)) if found is not None else None

    def refuse(session: CrmSession) -> throttle.Verdict:
        verdict = throttle.take_address(session.connection(), place, crm.clock.now())
        details: dict[str, Any] = {"login": told(crm, login)}
        if verdict.wait is not None:
            details["times"] = verdict.refused
        if verdict.wait is None or is_worth_a_line(verdict.refused):
            note(
                session,
                somebody,
                "password.redeem",
                "refused",
                user_id=None,
                code=InvalidCredentials.code,
                details=details,
            )
        return verdict

    with reading(crm, REASON) as connection:
        found = look(connection)
    if found is None:
        verdict = within(crm, REASON, refuse)
        raise too_many(verdict.wait) if verdict.wait is not None else _wrong_code()
    account, code_id = found
    check_password(password, words_about(crm, account))
    hashed = hash_password(password, cost_of(crm.settings))

    def write(session: CrmSession) -> bool:
        now = crm.clock.now()
        used = session.connection().execute(
            update(CODES)
            .where(CODES.c.id == code_id, CODES.c.used_at.is_(None), CODES.c.expires_at > now)
            .values(used_at=now)
        )
        present = account_of(session.connection(), user_id=account.user_id)
        if used.rowcount != 1 or present is None or not present.active:
            return False
        keep_password(session, account.user_id, hashed, now)
        end_codes(session, account.user_id, now)
        ended = {
            "tokens_revoked": end_tokens(session, account.user_id, now),
            "sessions_ended": end_sessions(session, account.user_id),
        }
        throttle.succeed(session.connection(), place, throttle.Verdict(), now)
        note(
            session,
            actor_of(account, "code", address),
            "password.redeem",
            "done",
            user_id=account.user_id,
            details=ended,
        )
        return True

    if not within(crm, REASON, write):
        raise _wrong_code()
    return actor_of(account, "code", address)


def words_about(crm: CRM, account: Account) -> list[str | None]:
    """Return what others know of a user: words that a password is not to be made of."""
    return [account.login, account.name, account.email, crm.business().name]


def _wrong_code() -> InvalidCredentials:
    return InvalidCredentials(
        _("The login or the code is not right, or the code was used or has expired."),
        fix=_("An administrator can issue a new one: crmkit user invite LOGIN"),
    )
