"""Signing in, whole: a password or a code first, then the second factor, then a session. Who is at which step is in the
database, as the digest of a token that the browser keeps meanwhile.

Must not know cookies, nor how a provider of single sign-on vouches for somebody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import evolve
from sqlalchemy import delete, insert, select, update

from crmkit.core.access.resolving import load_rights
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, FactorNeeded, InvalidCredentials, TooManyAttempts, Unauthenticated
from crmkit.i18n import texts
from crmkit.security.credentials import throttle
from crmkit.security.credentials.accounts import Account, account_of, note, reading, within
from crmkit.security.credentials.operations import ADMINISTERED
from crmkit.security.credentials.signing_in import actor_of, is_worth_a_line, prove, too_many
from crmkit.security.sessions.ending import STEPS
from crmkit.security.sessions.factors import (
    NewFactor,
    RecoveryCodes,
    begin_factor,
    confirm_factor,
    factor_state,
    use_code,
)
from crmkit.security.sessions.opening import ACTION, open_within
from crmkit.security.sessions.signed import FactorKind, Opened, Pending, Proof, Visitor, new_token, token_hash

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")
T = TypeVar("T")

REASON = "signing in"
STEP_FOR = timedelta(minutes=10)
"""How long somebody has between two steps of signing in."""
STEP_ATTEMPTS = 5
"""Wrong codes after which the password is asked for again."""


def sign_in(crm: CRM, login: str, password: str, address: str | None = None, *, code: str | None = None) -> Actor:
    """Return the actor of the user with this login, password and, where there is a second factor, code.

    Raises InvalidCredentials when anything of it is not right, all alike; FactorNeeded where the password is right and
    a code is missing, or a factor has to be set up first; TooManyAttempts when it was not even looked at.
    """
    failed: list[CrmkitError] = []

    def then(session: CrmSession, account: Account) -> None:
        wanted = wanted_factor(session, account)
        who = actor_of(account, "password", address)
        if wanted is None:
            note(session, who, ACTION, "done", user_id=account.user_id)
        elif wanted == "factor" and code is not None:
            kind, error = check_code(session, account, code, who, action=ACTION)
            if error is not None:
                failed.append(error)
            else:
                note(session, who, ACTION, "done", user_id=account.user_id, details={"factor": kind})
        else:
            why = {"why": "no_code" if wanted == "factor" else "no_factor"}
            note(session, who, ACTION, "refused", user_id=account.user_id, code=FactorNeeded.code, details=why)
            failed.append(_factor_needed(wanted))

    _account, actor = prove(crm, login, password, address, action=ACTION, then=then)
    if failed:
        raise failed[0]
    return actor


def begin(crm: CRM, login: str, password: str, visitor: Visitor, *, before: str | None = None) -> Opened | Pending:
    """Sign somebody in to the pages by a login and a password: returns a session, or what is asked for before there is
    one. ``before`` is the token that the browser came with.

    Raises InvalidCredentials when anything is not right, all alike, TooManyAttempts when it was not even looked at.
    """
    result: list[Opened | Pending] = []

    def then(session: CrmSession, account: Account) -> None:
        result.append(proceed_within(session, Proof(account=account, method="password"), visitor, before=before))

    prove(crm, login, password, visitor.address, action=ACTION, then=then)
    return result[-1]


def proceed(crm: CRM, proof: Proof, visitor: Visitor, *, before: str | None = None) -> Opened | Pending:
    """Go on with somebody who has shown who that is, in a transaction of its own, as `begin` does."""
    return within(crm, REASON, lambda session: proceed_within(session, proof, visitor, before=before))


def proceed_within(
    session: CrmSession, proof: Proof, visitor: Visitor, *, before: str | None = None, trusted: bool = False
) -> Opened | Pending:
    """Do what `proceed` does within an open transaction in system scope. ``trusted`` says that whoever vouches has
    asked for a second factor already."""
    wanted = None if trusted else wanted_factor(session, proof.account)
    if wanted is None:
        return open_within(session, proof, visitor, before=before)
    token = make_step(session, wanted, proof, data={"fresh": proof.fresh})
    details = {"method": proof.method, "then": wanted}
    who = actor_of(proof.account, proof.method, visitor.address)
    note(session, who, "sign_in.first_step", "done", user_id=proof.account.user_id, details=details)
    return Pending(token=token, kind=cast(Any, wanted), expires_at=session.gate.clock.now() + STEP_FOR)


def pending(crm: CRM, token: str) -> Pending | None:
    """Return the step that a token stands for, or None for one that is over."""
    with reading(crm, REASON) as connection:
        row = _find(connection, token, crm.clock.now())
    if row is None or row.kind not in ("factor", "set_up"):
        return None
    return Pending(token=token, kind=row.kind, expires_at=row.expires_at)


def finish(crm: CRM, token: str, code: str, visitor: Visitor, *, before: str | None = None) -> Opened:
    """Open the session of a sign-in that waited for a code of the second factor.

    Raises Unauthenticated when the step is over, as after five wrong codes, InvalidCredentials for a wrong code or one
    that was used before, TooManyAttempts when it was not even looked at.
    """

    def work(session: CrmSession) -> Opened | CrmkitError:
        row, account = _claim(session, token, "factor")
        if row is None or account is None:
            return _step_over()
        kind, error = check_code(session, account, code, actor_of(account, row.method, visitor.address), action=ACTION)
        if error is not None:
            if isinstance(error, InvalidCredentials):
                _count(session, row)
            return error
        return _done(session, row, account, visitor, before, kind)

    return _raised(within(crm, REASON, work))


def set_up(crm: CRM, token: str) -> NewFactor:
    """Return the factor that somebody sets up before the first session. Raises Unauthenticated when the step is
    over."""

    def work(session: CrmSession) -> NewFactor | CrmkitError:
        row, account = _claim(session, token, "set_up")
        if row is None or account is None:
            return _step_over()
        return begin_factor(session, account.user_id, account.login)

    return _raised(within(crm, REASON, work))


def finish_set_up(
    crm: CRM, token: str, code: str, visitor: Visitor, *, before: str | None = None
) -> tuple[Opened, RecoveryCodes]:
    """Take the first code of a factor that was set up on the way in, and open the session. Returns it with the
    recovery codes. Raises Unauthenticated when the step is over, InvalidInput for a wrong code."""

    def work(session: CrmSession) -> tuple[Opened, RecoveryCodes] | CrmkitError:
        row, account = _claim(session, token, "set_up")
        if row is None or account is None:
            return _step_over()
        codes = confirm_factor(session, account.user_id, code)
        who = actor_of(account, row.method, visitor.address)
        note(session, who, "factor.confirm", "done", user_id=account.user_id)
        return _done(session, row, account, visitor, before, "totp"), codes

    return _raised(within(crm, REASON, work))


def wanted_factor(session: CrmSession, account: Account) -> str | None:
    """Return "factor" for a user who has a second one, "set_up" for one who has to have it and has not, else None."""
    if factor_state(session.connection(), account.user_id).present:
        return "factor"
    rule = session.crm.settings.second_factor
    if rule == "everybody" or (rule == "administrators" and _administers(session, account)):
        return "set_up"
    return None


def check_code(
    session: CrmSession, account: Account, code: str, who: Actor, *, action: str
) -> tuple[FactorKind | None, CrmkitError | None]:
    """Count an attempt at a user's second factor and look at the code, within an open transaction, which has to be
    committed. Returns as what it is right, or the error; of a refusal there is a line in the audit log then."""
    now, connection = session.gate.clock.now(), session.connection()
    place = throttle.place_of(session.crm.vault, f"second factor of {account.user_id}", who.address)
    verdict = throttle.take(connection, place, now)
    if verdict.wait is not None:
        if is_worth_a_line(verdict.refused):
            _refused(session, who, action, account, TooManyAttempts.code, "throttled", times=verdict.refused)
        return None, too_many(verdict.wait)
    kind = use_code(session, account.user_id, code)
    if kind is None:
        _refused(session, who, action, account, InvalidCredentials.code, "wrong_code")
        return None, InvalidCredentials(_("The code is not right, or it was used before."))
    throttle.succeed(connection, place, verdict, now)
    return kind, None


# --- steps -----------------------------------------------------------------------------------------------------------


def make_step(
    session: CrmSession, kind: str, proof: Proof | None, *, provider: str | None = None, data: dict[str, Any]
) -> str:
    """Keep a step of signing in and return the token that stands for it."""
    now, token = session.gate.clock.now(), new_token()
    session.connection().execute(
        insert(STEPS).values(
            id=new_id(),
            hash=token_hash(token),
            kind=kind,
            user_id=proof.account.user_id if proof is not None else None,
            method=proof.method if proof is not None else "sso",
            provider=proof.provider if proof is not None else provider,
            data=data,
            attempts=0,
            created_at=now,
            expires_at=now + STEP_FOR,
        )
    )
    return token


def take_step(session: CrmSession, token: str, kind: str) -> Any:
    """Return the row of a step and use it up, or None for one that is over or of another kind."""
    row = _find(session.connection(), token, session.gate.clock.now())
    if row is None or row.kind != kind or not _use_up(session, row.id):
        return None
    return row


def _find(connection: Any, token: str, now: datetime) -> Any:
    wanted = token_hash(token)
    if wanted is None:
        return None
    return connection.execute(select(STEPS).where(STEPS.c.hash == wanted, STEPS.c.expires_at > now)).one_or_none()


def _claim(session: CrmSession, token: str, kind: str) -> tuple[Any, Account | None]:
    row = _find(session.connection(), token, session.gate.clock.now())
    if row is None or row.kind != kind:
        return None, None
    account = account_of(session.connection(), user_id=row.user_id)
    return row, account if account is not None and account.active else None


def _use_up(session: CrmSession, step_id: UUID) -> bool:
    return int(session.connection().execute(delete(STEPS).where(STEPS.c.id == step_id)).rowcount) == 1


def _count(session: CrmSession, row: Any) -> None:
    if row.attempts + 1 >= STEP_ATTEMPTS:
        _use_up(session, row.id)
    else:
        session.connection().execute(update(STEPS).where(STEPS.c.id == row.id).values(attempts=STEPS.c.attempts + 1))


def _done(
    session: CrmSession, row: Any, account: Account, visitor: Visitor, before: str | None, kind: FactorKind | None
) -> Opened:
    if not _use_up(session, row.id):
        raise _step_over()
    proof = Proof(account=account, method=row.method, provider=row.provider, fresh=True)
    return open_within(session, evolve(proof, factor=kind), visitor, before=before)


def _administers(session: CrmSession, account: Account) -> bool:
    with region(session, "whether a user has to have a second factor"):
        rights = load_rights(session, Actor.user(account.user_id, account.name))
    return any(rights.scope(resource, "admin") != "none" for resource in ADMINISTERED)


def _refused(session: CrmSession, who: Actor, action: str, account: Account, code: str, why: str, **more: Any) -> None:
    note(session, who, action, "refused", user_id=account.user_id, code=code, details={"why": why, **more})


def _raised(result: T | CrmkitError) -> T:
    if isinstance(result, CrmkitError):
        raise result
    return result


def _factor_needed(wanted: str) -> FactorNeeded:
    if wanted == "set_up":
        return FactorNeeded(
            _("A second factor has to be set up before this user can sign in."),
            fix=_("Sign in to the pages once, and follow what they say."),
        )
    return FactorNeeded(_("A code of the second factor is needed as well."))


def _step_over() -> Unauthenticated:
    return Unauthenticated(_("Signing in took too long, or too many codes were wrong."), fix=_("Begin again."))
