"""Who a provider's user is here: found by issuer and subject, linked by who has a right to it, or added where the
settings say so. An e-mail address decides nothing: it may be anybody's.

Within an open transaction in system scope. Must not know tokens.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import delete, insert, select, update

from crmkit.core.access.models import Role, UserRole
from crmkit.core.operations.operation import operation
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, NotFound
from crmkit.i18n import texts
from crmkit.security.credentials.accounts import Account, account_of, reading
from crmkit.security.sso.providers import Provider
from crmkit.security.sso.tables import Identity
from crmkit.security.sso.tokens import failed

if TYPE_CHECKING:
    from datetime import datetime

    from crmkit.app import CRM

_ = texts("crmkit")

REASON = "single sign-on"
IDENTITIES = cast(Any, Identity).__table__


@frozen(kw_only=True)
class IdentityView:
    """A user's account at a provider, with the issuer's address; instants are UTC."""

    id: UUID
    issuer: str
    linked_at: datetime
    last_used_at: datetime | None


def list_identities(crm: CRM, user_id: UUID) -> list[IdentityView]:
    """Return the accounts at providers by which a user can sign in. For who has established that the caller may know
    them."""
    query = select(IDENTITIES).where(IDENTITIES.c.user_id == user_id).order_by(IDENTITIES.c.linked_at)
    with reading(crm, REASON) as connection:
        rows = connection.execute(query).all()
    return [
        IdentityView(id=row.id, issuer=row.issuer, linked_at=row.linked_at, last_used_at=row.last_used_at)
        for row in rows
    ]


def find(session: CrmSession, issuer: str, subject: str) -> Account | None:
    """Return the active user of an account at a provider, and note that it was used. Raises SignOnFailed for somebody
    who has left."""
    connection = session.connection()
    row = connection.execute(
        select(IDENTITIES).where(IDENTITIES.c.issuer == issuer, IDENTITIES.c.subject == subject)
    ).one_or_none()
    if row is None:
        return None
    account = account_of(connection, user_id=row.user_id)
    if account is None or not account.active:
        raise failed("inactive")
    now = session.gate.clock.now()
    connection.execute(update(IDENTITIES).where(IDENTITIES.c.id == row.id).values(last_used_at=now))
    return account


def link(session: CrmSession, user_id: UUID, issuer: str, subject: str) -> None:
    """Link a user to an account at a provider that is nobody's yet."""
    now = session.gate.clock.now()
    session.connection().execute(
        insert(IDENTITIES).values(
            id=new_id(), user_id=user_id, issuer=issuer, subject=subject, linked_at=now, last_used_at=now
        )
    )


def create(session: CrmSession, provider: Provider, claims: Mapping[str, Any]) -> Account:
    """Add a user for whom a provider vouches, under the name that it gives. Raises SignOnFailed where the login is
    taken: whose it is, is not the provider's to say."""
    email = claims.get("email") if isinstance(claims.get("email"), str) else None
    login = _text(claims.get("preferred_username")) or _text(email) or str(claims["sub"])
    login = unicodedata.normalize("NFC", login).strip()[:120]
    if account_of(session.connection(), login=login) is not None:
        raise failed("login_taken")
    values = {"login": login, "name": (_text(claims.get("name")) or login)[:200], "email": (email or "")[:254] or None}
    user = session.run("user.create", values)
    if provider.default_role is not None:
        session.run("user.assign_role", {"role": provider.default_role}, target=user.id)
    account = account_of(session.connection(), user_id=user.id)
    assert account is not None
    return account


def keep_roles(session: CrmSession, provider: Provider, user_id: UUID, claims: Mapping[str, Any]) -> None:
    """Give and take the roles that the provider decides on; roles that its settings do not name stay as they are. The
    last who may administer users keeps that role."""
    if not provider.roles:
        return
    said = claims.get(provider.roles_claim)
    values = {said} if isinstance(said, str) else {item for item in said or () if isinstance(item, str)}
    wanted = {role for value, role in provider.roles.items() if value in values}
    present = set(
        session.scalars(
            select(Role.name).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user_id)
        )
    )
    for role in sorted(wanted - present):
        session.run("user.assign_role", {"role": role}, target=user_id)
    for role in sorted((set(provider.roles.values()) & present) - wanted):
        try:
            with session.begin_nested():
                session.run("user.unassign_role", {"role": role}, target=user_id)
        except CrmkitError:
            session.note(
                "sign_in.roles",
                resource="user",
                target=("crm_user", user_id),
                details={"kept": role},
                outcome="refused",
            )


def actor_for(provider: Provider) -> Actor:
    """Return who adds users and gives roles as a provider says."""
    return Actor.system(f"single sign-on by {provider.name}")


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() and value.isprintable() else None


@operation("user.unlink", title=_("Take a single sign-on away"), permission="user.admin")
def unlink(session: CrmSession, *, identity_id: UUID) -> None:
    """Take from a user an account at a provider: nobody signs in by it any more. Raises NotFound."""
    with region(session, "taking a single sign-on away"):
        gone = session.connection().execute(delete(IDENTITIES).where(IDENTITIES.c.id == identity_id))
    if gone.rowcount != 1:
        raise NotFound(_("There is no such single sign-on."))


OPERATIONS = [unlink]
