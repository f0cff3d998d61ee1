"""One-time links: an invitation, by which somebody sets a password, and a link by which somebody signs in once.

A code is looked at when a page is shown, and used up only by what that page sends: whoever merely fetches a link, such
as a preview in a messenger, uses up nothing. Must not know pages.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import select, update

from crmkit.core.store.actor import Actor
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, InvalidCredentials
from crmkit.i18n import texts
from crmkit.security.credentials import throttle
from crmkit.security.credentials.accounts import CODES, Account, account_of, note, reading, within
from crmkit.security.credentials.codes import code_digest
from crmkit.security.credentials.passwords import SETTING, IssuedCode, redeem
from crmkit.security.credentials.signing_in import is_worth_a_line, too_many
from crmkit.security.sessions.opening import ACTION, REASON
from crmkit.security.sessions.signed import Opened, Pending, Proof, Visitor
from crmkit.security.sessions.signing import proceed, proceed_within

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")


@frozen(kw_only=True)
class OpenCode:
    """A one-time code that can still be redeemed: whose it is, what for, and until when (UTC)."""

    id: UUID
    account: Account
    purpose: str
    expires_at: datetime


def link_path(code: str) -> str:
    """Return the path of the page that a code to sign in once is redeemed on, below where crmkit is mounted."""
    return f"/sign-in/link/{code}"


def invitation_path(code: str) -> str:
    """Return the path of the page on which a password is set by a code, below where crmkit is mounted."""
    return f"/sign-in/invitation/{code}"


def path_of(issued: IssuedCode) -> str:
    """Return the path of the page on which a one-time code is redeemed, below where crmkit is mounted."""
    return link_path(issued.code) if issued.purpose == "link" else invitation_path(issued.code)


def look_at_code(crm: CRM, code: str, address: str | None, *, purposes: tuple[str, ...]) -> OpenCode:
    """Return what a one-time code is for, and use nothing up.

    Raises InvalidCredentials for one that opens nothing: unknown, used, expired, or of somebody who has left;
    TooManyAttempts when too many such came from this address.
    """
    with reading(crm, REASON) as connection:
        found = _find(connection, code, purposes, crm.clock.now())
    if found is None:
        raise _refuse(crm, address)
    return found


def redeem_link(crm: CRM, code: str, visitor: Visitor, *, before: str | None = None) -> Opened | Pending:
    """Use up a code to sign in once, and return the session, or the step that asks for the second factor. Raises as
    `look_at_code` does."""

    def work(session: CrmSession) -> Opened | Pending | None:
        found = _find(session.connection(), code, ("link",), crm.clock.now())
        if found is None or not use_up(session, found.id):
            return None
        return proceed_within(session, Proof(account=found.account, method="link"), visitor, before=before)

    result = within(crm, REASON, work)
    if result is None:
        raise _refuse(crm, visitor.address)
    return result


def redeem_invitation(
    crm: CRM, code: str, password: str, visitor: Visitor, *, before: str | None = None
) -> Opened | Pending:
    """Set a password by the code of an invitation or a reset, and sign its user in. Raises as `look_at_code` does, and
    InvalidInput for a password that cannot be used; then the code can still be used."""
    found = look_at_code(crm, code, visitor.address, purposes=SETTING)
    redeem(crm, found.account.login, code, password, visitor.address)
    return proceed(crm, Proof(account=found.account, method="code"), visitor, before=before)


def use_up(session: CrmSession, code_id: UUID) -> bool:
    """Use up a one-time code within an open transaction; returns False when somebody else has just done so."""
    now = session.gate.clock.now()
    used = session.connection().execute(
        update(CODES)
        .where(CODES.c.id == code_id, CODES.c.used_at.is_(None), CODES.c.expires_at > now)
        .values(used_at=now)
    )
    return int(used.rowcount) == 1


def _find(connection: Any, code: str, purposes: tuple[str, ...], now: datetime) -> OpenCode | None:
    wanted = code_digest(code)
    if wanted is None:
        return None
    row = connection.execute(
        select(CODES).where(
            CODES.c.hash == wanted,
            CODES.c.used_at.is_(None),
            CODES.c.expires_at > now,
            CODES.c.purpose.in_(purposes),
        )
    ).one_or_none()
    account = account_of(connection, user_id=row.user_id) if row is not None else None
    if row is None or account is None or not account.active:
        return None
    return OpenCode(id=row.id, account=account, purpose=row.purpose, expires_at=row.expires_at)


def _refuse(crm: CRM, address: str | None) -> CrmkitError:
    """Count a wrong code by its address, write it down, and return the error."""
    place = throttle.place_of(crm.vault, "", address)
    somebody = Actor(id="public", kind="public", name="public", method="code", address=address)

    def write(session: CrmSession) -> throttle.Verdict:
        verdict = throttle.take_address(session.connection(), place, crm.clock.now())
        if verdict.wait is None or is_worth_a_line(verdict.refused):
            details = {"why": "unknown_code" if verdict.wait is None else "throttled"}
            note(session, somebody, ACTION, "refused", user_id=None, code=InvalidCredentials.code, details=details)
        return verdict

    verdict = cast(throttle.Verdict, within(crm, REASON, write))
    if verdict.wait is not None:
        return too_many(verdict.wait)
    return InvalidCredentials(
        _("This link was used before, or has expired."), fix=_("Ask an administrator for a new one.")
    )
