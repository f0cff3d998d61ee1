"""Proving a password: one error and the same work, whatever of it is not right.

An attempt is counted first, then its password is verified outside any transaction (hashing takes long), then what came
of it is written. Must not know sessions of browsers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import update

from crmkit.core.store.actor import Actor
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.secrets import hash_password, needs_rehash, nobodys_hash, verify_password
from crmkit.errors import InvalidCredentials, TooManyAttempts
from crmkit.i18n import texts
from crmkit.security.credentials import throttle
from crmkit.security.credentials.accounts import PASSWORDS, Account, account_of, cost_of, note, told, within
from crmkit.security.credentials.policy import LONGEST

if TYPE_CHECKING:
    from datetime import timedelta

    from crmkit.app import CRM

_ = texts("crmkit")

REASON = "checking credentials"


def prove(
    crm: CRM,
    login: str,
    password: str,
    address: str | None,
    *,
    action: str,
    then: Callable[[CrmSession, Account], None] | None = None,
) -> tuple[Account, Actor]:
    """Return whose login and password these are, and the actor. ``address`` is where the call comes from, ``action``
    what the audit log calls it. ``then`` is what follows from it in the same transaction, and writes its own line into
    the log; without it there is one that says that it was done.

    Raises InvalidCredentials when there is no such user, the password is another, the user has none or has left, all
    alike; TooManyAttempts when the password was not even looked at.
    """
    cost = cost_of(crm.settings)
    nobody = nobodys_hash(cost)
    place = throttle.place_of(crm.vault, login, address)
    somebody = Actor(id="public", kind="public", name="public", method="password", address=address)
    about = {"login": told(crm, login)}

    def begin(session: CrmSession) -> tuple[throttle.Verdict, Account | None]:
        verdict = throttle.take(session.connection(), place, crm.clock.now())
        account = account_of(session.connection(), login=login)
        if verdict.wait is not None and is_worth_a_line(verdict.refused):
            details = {**about, "why": "throttled", "times": verdict.refused}
            who = account.user_id if account is not None else None
            note(session, somebody, action, "refused", user_id=who, code=TooManyAttempts.code, details=details)
        return verdict, account

    verdict, account = within(crm, REASON, begin)
    if verdict.wait is not None:
        raise too_many(verdict.wait)
    hashed = account.hash if account is not None and account.hash is not None else nobody
    right = verify_password(password, hashed) and len(password) <= LONGEST
    why = _why_not(account, right)
    fresh = hash_password(password, cost) if why is None and needs_rehash(hashed, cost) else None

    def finish(session: CrmSession) -> tuple[str | None, Account | None]:
        now = crm.clock.now()
        present = account_of(session.connection(), user_id=account.user_id) if account is not None else None
        found = why
        if found is None and (present is None or present.hash != hashed or not present.active):
            found = "changed_meanwhile"
        if found is not None or present is None:
            details = {**about, "why": found}
            who = account.user_id if account is not None else None
            note(session, somebody, action, "refused", user_id=who, code=InvalidCredentials.code, details=details)
            return found, None
        throttle.succeed(session.connection(), place, verdict, now)
        if fresh is not None:
            session.connection().execute(
                update(PASSWORDS).where(PASSWORDS.c.user_id == present.user_id).values(hash=fresh)
            )
        if then is not None:
            then(session, present)
        else:
            note(session, actor_of(present, "password", address), action, "done", user_id=present.user_id)
        return None, present

    _found, present = within(crm, REASON, finish)
    if present is None:
        raise InvalidCredentials(_("The login or the password is not right."))
    return present, actor_of(present, "password", address)


def actor_of(account: Account, method: str, address: str | None) -> Actor:
    """Return the actor for a user who has proved who that is."""
    return Actor.user(account.user_id, account.name, account.language, method=method, address=address)


def too_many(wait: timedelta) -> TooManyAttempts:
    """Return the error for an attempt that has to wait."""
    seconds = max(1, round(wait.total_seconds()))
    return TooManyAttempts(
        _("Too many attempts were made. Try again in {seconds} seconds."),
        fix=_("An administrator can issue a one-time code: crmkit user invite LOGIN"),
        seconds=seconds,
    )


def is_worth_a_line(times: int) -> bool:
    """Say whether an attempt that was turned away gets a record of its own: the 1st, 2nd, 4th, 8th … since the bucket
    is full, each with the number. One for each would let anybody fill the audit log."""
    return times & (times - 1) == 0


def _why_not(account: Account | None, right: bool) -> str | None:
    if account is None:
        return "unknown_login"
    if account.hash is None:
        return "no_password"
    if not right:
        return "wrong_password"
    return None if account.active else "inactive"
