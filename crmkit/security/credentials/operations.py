"""Operations on credentials: inviting users, resetting passwords, making and revoking API tokens.

What takes a password is no operation: passwords pass no gate, no log and no idempotency key.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import delete, select, update

from crmkit.core.access.models import User
from crmkit.core.access.resolving import bump, load_rights
from crmkit.core.access.rights import Rights
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import Conflict, InvalidInput, NotFound, Problem, Refused
from crmkit.i18n import texts
from crmkit.security.credentials.accounts import PASSWORDS, TOKENS, account_of, end_codes, end_tokens
from crmkit.security.credentials.passwords import IssuedCode, issue_code
from crmkit.security.credentials.tokens import DAYS, MOST_DAYS, NewToken, make_token
from crmkit.security.sessions.ending import end_sessions

_ = texts("crmkit")

_SCOPE = re.compile(r"\*|(\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?)\.(\*|[a-z][a-z0-9_]*)")
MOST_SCOPES = 100
ADMINISTERED = ("user", "role", "key", "audit", "privacy", "plugin", "business", "backup", "job")
"""Resources whose administration is no less than that of the whole."""


@operation("user.invite", title=_("Issue a one-time code"), permission="user.admin")
def invite_user(session: CrmSession, user: User) -> IssuedCode:
    """Issue a one-time code by which a user sets a password; codes that were issued before are given up.

    A password that the user has goes on being valid until the code is redeemed. Raises Conflict for somebody who has
    left, Refused for somebody who may administer what the actor may not.
    """
    check_user(session, user)
    return issue_code(session, user.id, user.login, "invite")


@operation("user.reset_password", title=_("Reset a password"), permission="user.admin")
def reset_password(session: CrmSession, user: User) -> IssuedCode:
    """Take a user's password, API tokens and sessions away at once, and issue a one-time code by which a new password
    is set.

    Raises Conflict for somebody who has left, Refused for somebody who may administer what the actor may not.
    """
    check_user(session, user)
    with region(session, "resetting a password"):
        session.connection().execute(delete(PASSWORDS).where(PASSWORDS.c.user_id == user.id))
        end_tokens(session, user.id, session.gate.clock.now())
    end_sessions(session, user.id)
    return issue_code(session, user.id, user.login, "reset")


@operation("token.create", title=_("Make an API token"), effect="create")
def create_token(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=120, classified="internal")],
    scopes: Annotated[
        list[str],
        Input(
            title=_("Scopes"),
            help=_('What it may do, such as "customer.read" or "customer.*".'),
            max_length=MOST_SCOPES,
            classified="internal",
        ),
    ],
    days: Annotated[
        int, Input(title=_("Days"), help=_("Days until it expires."), minimum=1, maximum=MOST_DAYS, classified="public")
    ] = DAYS,
    user_id: Annotated[UUID | None, Input(title=_("User"), classified="internal")] = None,
) -> NewToken:
    """Make an API token, which may do what its scopes say and its owner may, each time as it is then.

    It is the actor's own; system scope names the user. Raises Refused for a token that would make tokens, InvalidInput
    for a scope that its owner's rights do not reach.
    """
    with region(session, "looking for the owner of a token"):
        owner = account_of(session.connection(), user_id=_owner(session, user_id))
    if owner is None or not owner.active:
        raise NotFound(_("There is no such active user."))
    wanted = tuple(dict.fromkeys(scope.strip() for scope in scopes))
    problems = [Problem("CK500", _("This cannot be empty."), field="name")] if not name.strip() else []
    if not wanted:
        problems.append(Problem("CK500", _("A token needs at least one scope."), field="scopes"))
    with region(session, "reading what the owner of a token may do"):
        rights = load_rights(session, Actor.user(owner.user_id, owner.name))
    for place, scope in enumerate(wanted):
        problem = _wrong_scope(session, rights, scope, f"scopes.{place}")
        if problem is not None:
            problems.append(problem)
    if problems:
        raise InvalidInput(problems)
    made = make_token(session, owner.user_id, name=name.strip(), scopes=wanted, days=days)
    session.note(
        "token.issue",
        resource="token",
        target=("crm_token", made.id),
        details={"owner": str(owner.user_id), "scopes": list(wanted), "days": days},
    )
    return made


@operation("token.revoke", title=_("Revoke an API token"))
def revoke_token(
    session: CrmSession, *, token_id: Annotated[UUID, Input(title=_("Token"), classified="internal")]
) -> None:
    """Revoke an API token: it opens nothing from the next call on. One's own, and who may administer users anybody's.

    Raises NotFound for a token that there is not or that is somebody else's, Conflict for one that is revoked already.
    """
    with region(session, "revoking an API token"):
        row: Any = session.connection().execute(select(TOKENS).where(TOKENS.c.id == token_id)).one_or_none()
    may_all = session.gate.rights(session).scope("user", "admin") == "all"
    if row is None or not (may_all or row.user_id == session.actor.user_id):
        raise NotFound(_("There is no such token."))
    if row.revoked_at is not None:
        raise Conflict(_("The token is revoked already."))
    with region(session, "revoking an API token"):
        session.connection().execute(
            update(TOKENS).where(TOKENS.c.id == token_id).values(revoked_at=session.gate.clock.now())
        )
        bump(session)


def _owner(session: CrmSession, user_id: UUID | None) -> UUID:
    actor = session.actor
    if actor.kind == "token":
        raise Refused(_("A token cannot make tokens: sign in with a password."))
    if actor.kind == "system":
        if user_id is None:
            raise InvalidInput([Problem("CK500", _("This is required."), field="user_id")])
        return user_id
    if actor.user_id is None or actor.kind not in ("user", "host"):
        raise Refused(_("Only a user can have tokens."))
    if user_id not in (None, actor.user_id):
        raise Refused(_("A token is made by its owner alone."))
    return actor.user_id


def _wrong_scope(session: CrmSession, rights: Rights, scope: str, field: str) -> Problem | None:
    if _SCOPE.fullmatch(scope) is None:
        return Problem(
            "CK500",
            _('"{scope}" is not a scope.'),
            field=field,
            hint=_('Write it as "customer.read", "customer.*" or "*".'),
            scope=scope,
        )
    resource, _dot, action = scope.rpartition(".")
    if "*" in scope:
        # It reaches as far as its owner's rights, whatever they are when it is used.
        return None
    if rights.scope(resource, action) == "none":
        return Problem(
            "CK500",
            _("The rights of the token's owner do not reach as far as {scope}."),
            field=field,
            scope=scope,
        )
    return None


def check_user(session: CrmSession, user: User) -> None:
    """Raise Conflict for somebody who has left, and Refused where the code would open more than its issuer may: whoever
    issues it could redeem it."""
    if not user.active:
        raise Conflict(_("{name} is not active."), name=user.name)
    with region(session, "comparing rights before a one-time code is issued"):
        theirs = load_rights(session, Actor.user(user.id, user.name))
    mine = session.gate.rights(session)
    beyond = [
        what for what in ADMINISTERED if theirs.scope(what, "admin") != "none" and mine.scope(what, "admin") == "none"
    ]
    if beyond:
        raise Refused(
            _("{name} may administer what you may not ({what}): a code for {name} would give you that."),
            name=user.name,
            what=", ".join(beyond),
        )


def end_credentials(session: CrmSession, user_id: UUID) -> None:
    """Take everything away that a user who leaves could sign in with."""
    now = session.gate.clock.now()
    with region(session, "ending the credentials of a user"):
        session.connection().execute(delete(PASSWORDS).where(PASSWORDS.c.user_id == user_id))
        end_codes(session, user_id, now)
        end_tokens(session, user_id, now)


OPERATIONS = [invite_user, reset_password, create_token, revoke_token]
