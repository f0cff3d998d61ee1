"""Step-up: what is sensitive asks who is signed in for the password or a code again, unless that was a moment ago.

A browser that was left open, or a cookie that was stolen, is not enough for it. Must not know cookies or pages.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from attrs import evolve

from crmkit.core.operations.operation import Operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, StepUpNeeded
from crmkit.i18n import texts
from crmkit.security.credentials.accounts import PASSWORDS, Account, account_of, note, reading, within
from crmkit.security.credentials.signing_in import prove
from crmkit.security.sessions.factors import factor_state
from crmkit.security.sessions.opening import rotate_within
from crmkit.security.sessions.signed import Opened, Signed
from crmkit.security.sessions.signing import check_code

if TYPE_CHECKING:
    from typing import Any

    from crmkit.app import CRM

_ = texts("crmkit")

ACTION = "step_up"
REASON = "a step-up"

RESOURCES = frozenset(
    ("user", "role", "key", "plugin", "token", "factor", "backup", "config", "privacy", "audit", "export")
)
"""Resources of which every operation needs a step-up."""
ACTIONS = frozenset(("reveal", "export"))
"""Actions that need one on any resource."""
SPARED = frozenset(("factor.confirm", "token.revoke", "user.update"))
"""Operations on those resources that need none: what opens nothing, or whose beginning has needed one."""

Way = Literal["factor", "password", "sso", "none"]


def needs_step_up(operation: Operation[Any, Any]) -> bool:
    """Say whether an operation needs one who was asked for the password or a code a moment ago."""
    if operation.name in SPARED:
        return False
    named = operation.name.partition(".")[0], operation.resource
    verbs = {operation.name.rpartition(".")[2], *operation.actions}
    return bool(RESOURCES.intersection(named) or ACTIONS & verbs)


def check_step_up(crm: CRM, signed: Signed, name: str) -> None:
    """Raise StepUpNeeded for an operation that needs a step-up, when the last was too long ago. One that there is not
    needs none: whoever runs it says so."""
    operation = crm.registry.operations.get(name)
    if operation is not None and needs_step_up(operation):
        demand_step_up(crm, signed)


def demand_step_up(crm: CRM, signed: Signed) -> None:
    """Raise StepUpNeeded when the last step-up was too long ago, for what is sensitive and no operation."""
    if not is_fresh(crm, signed):
        raise StepUpNeeded(fix=_("Give your password or a code once more, and repeat it."))


def is_fresh(crm: CRM, signed: Signed) -> bool:
    """Say whether a password or a code was given a moment ago."""
    since = crm.clock.now() - timedelta(minutes=crm.settings.step_up_minutes)
    return signed.stepped_up_at is not None and signed.stepped_up_at > since


def way_of(crm: CRM, signed: Signed) -> Way:
    """Return how somebody who is signed in can step up: by a code where there is a second factor, else by the password,
    else at the provider that vouched; "none" for who has nothing of it, such as after a one-time link."""
    from sqlalchemy import select

    with reading(crm, REASON) as connection:
        if factor_state(connection, signed.user_id).present:
            return "factor"
        if connection.scalar(select(PASSWORDS.c.user_id).where(PASSWORDS.c.user_id == signed.user_id)) is not None:
            return "password"
    return "sso" if signed.provider in crm.settings.sso else "none"


def step_up(crm: CRM, signed: Signed, secret: str, address: str | None = None) -> Opened:
    """Take a code of the second factor, or the password of somebody who has none, and give the session a new token.

    Raises InvalidCredentials for a wrong one, TooManyAttempts when it was not even looked at, Unauthenticated when the
    session has ended meanwhile.
    """
    way = way_of(crm, signed)
    if way == "factor":
        return _by_code(crm, signed, secret, address)
    opened: list[Opened] = []

    def then(session: CrmSession, account: Account) -> None:
        opened.append(_stepped_up(session, signed, "password"))

    prove(crm, signed.login, secret, address, action=ACTION, then=then)
    return opened[-1]


def stepped_up_elsewhere(session: CrmSession, signed: Signed) -> Opened:
    """Note that the provider who vouched has just asked again; within an open transaction in system scope."""
    return _stepped_up(session, signed, "sso")


def _by_code(crm: CRM, signed: Signed, code: str, address: str | None) -> Opened:
    who = evolve(signed.actor, address=address if address is not None else signed.actor.address)

    def work(session: CrmSession) -> Opened | CrmkitError:
        account = account_of(session.connection(), user_id=signed.user_id)
        assert account is not None
        kind, error = check_code(session, account, code, who, action=ACTION)
        return error if error is not None else _stepped_up(session, signed, str(kind))

    result = within(crm, REASON, work)
    if isinstance(result, CrmkitError):
        raise result
    return result


def _stepped_up(session: CrmSession, signed: Signed, how: str) -> Opened:
    opened = rotate_within(session, signed, stepped_up=True)
    details = {"session": str(signed.id), "how": how}
    note(session, signed.actor, ACTION, "done", user_id=signed.user_id, details=details)
    return opened
