"""Operations of who is signed in: ending sessions, setting up and removing the second factor. And of who administers
users: taking a lost factor away, and a link by which somebody signs in once.

A password is no input of any of them.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from attrs import frozen
from sqlalchemy import delete, select

from crmkit.core.access.models import User
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import NotFound, Refused
from crmkit.i18n import texts
from crmkit.security.credentials.accounts import account_of
from crmkit.security.credentials.operations import check_user
from crmkit.security.credentials.passwords import IssuedCode, issue_code
from crmkit.security.sessions import factors
from crmkit.security.sessions.ending import SESSIONS, end_factors, end_sessions
from crmkit.security.sessions.factors import NewFactor, RecoveryCodes

_ = texts("crmkit")

KeepSession = Annotated[
    UUID | None, Input(title=_("Session"), help=_("The session that stays."), classified="internal")
]


@frozen(kw_only=True)
class Ended:
    """How many sessions were ended."""

    sessions: int


@operation("session.end", title=_("End a session"))
def end_session(
    session: CrmSession, *, session_id: Annotated[UUID, Input(title=_("Session"), classified="internal")]
) -> None:
    """End a session of a browser: it opens nothing from the next request on. One's own, and who may administer users
    anybody's. Raises NotFound for a session that there is not or that is somebody else's."""
    with region(session, "ending a session"):
        connection = session.connection()
        owner = connection.scalar(select(SESSIONS.c.user_id).where(SESSIONS.c.id == session_id))
        if owner is None or not (owner == session.actor.user_id or _administers_users(session)):
            raise NotFound(_("There is no such session."))
        connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))


@operation("session.end_all", title=_("End all sessions"))
def end_all_sessions(
    session: CrmSession,
    *,
    user_id: Annotated[UUID | None, Input(title=_("User"), classified="internal")] = None,
    keep: KeepSession = None,
) -> Ended:
    """End every session of a user, save one: the actor's own, and who may administer users anybody's. Raises NotFound
    for a user whom the actor may not sign out."""
    wanted = user_id or session.actor.user_id
    if wanted is None or not (wanted == session.actor.user_id or _administers_users(session)):
        raise NotFound(_("There is no such user."))
    return Ended(sessions=end_sessions(session, wanted, keep=keep))


@operation("factor.begin", title=_("Set up a second factor"))
def begin_factor(session: CrmSession) -> NewFactor:
    """Make the secret of a second factor for the actor, shown once; it counts from its first code on. Raises Conflict
    where there is one already."""
    user_id = _own(session)
    with region(session, "setting up a second factor"):
        account = account_of(session.connection(), user_id=user_id)
    if account is None:
        raise NotFound(_("There is no such active user."))
    return factors.begin_factor(session, user_id, account.login)


@operation("factor.confirm", title=_("Confirm the second factor"))
def confirm_factor(
    session: CrmSession,
    *,
    code: Annotated[str, Input(title=_("Code"), max_length=20, classified="secret")],
    keep: KeepSession = None,
) -> RecoveryCodes:
    """Take the first code of the actor's factor that was begun; other sessions end. Returns recovery codes, shown once.

    Raises NotFound where none was begun, InvalidInput for a code that is not right.
    """
    user_id = _own(session)
    codes = factors.confirm_factor(session, user_id, code)
    end_sessions(session, user_id, keep=keep)
    return codes


@operation("factor.remove", title=_("Remove the second factor"))
def remove_factor(session: CrmSession, *, keep: KeepSession = None) -> None:
    """Remove the actor's second factor with its recovery codes; other sessions end. Raises NotFound where there is
    none."""
    user_id = _own(session)
    factors.remove_factor(session, user_id)
    end_sessions(session, user_id, keep=keep)


@operation("factor.make_codes", title=_("Make new recovery codes"))
def make_codes(session: CrmSession) -> RecoveryCodes:
    """Make the actor's recovery codes anew, shown once; the ones before open nothing any more. Raises NotFound where
    there is no second factor."""
    return factors.make_codes(session, _own(session))


@operation("user.reset_factor", title=_("Take the second factor away"), permission="user.admin")
def reset_factor(session: CrmSession, user: User) -> None:
    """Take the second factor of a user away who has lost it, with the recovery codes; the sessions end.

    Raises NotFound where there is none, Conflict for somebody who has left, Refused for somebody who may administer
    what the actor may not.
    """
    check_user(session, user)
    if not end_factors(session, user.id):
        raise NotFound(_("There is no second factor."))
    end_sessions(session, user.id)


@operation("user.link", title=_("Make a link to sign in once"), permission="user.admin")
def link_user(session: CrmSession, user: User) -> IssuedCode:
    """Make a one-time code by which a user signs in to the pages once, within a quarter of an hour; a second factor is
    asked for as ever.

    Raises Conflict for somebody who has left, Refused for somebody who may administer what the actor may not.
    """
    check_user(session, user)
    return issue_code(session, user.id, user.login, "link")


def _own(session: CrmSession) -> UUID:
    actor = session.actor
    if actor.kind != "user" or actor.user_id is None:
        raise Refused(_("Only a user who is signed in has a second factor; a token cannot change it."))
    return actor.user_id


def _administers_users(session: CrmSession) -> bool:
    return session.gate.rights(session).scope("user", "admin") == "all"


OPERATIONS = [
    end_session,
    end_all_sessions,
    begin_factor,
    confirm_factor,
    remove_factor,
    make_codes,
    reset_factor,
    link_user,
]
