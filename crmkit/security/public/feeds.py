"""Feeds of calendars: a user subscribes to the own calendar in a program that cannot sign in, by a signed public link.

A link shows what its user may see at the moment when it is followed, and changes nothing; it ends with its day, with
the user, or when it is revoked. Must not know what a feed holds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from attrs import evolve
from sqlalchemy import select

from crmkit.core.access.models import User
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import Conflict, LinkClosed, NotFound, Refused
from crmkit.i18n import texts
from crmkit.security.public.links import MOST_DAYS, IssuedLink, path_of, row_of
from crmkit.security.public.tables import PublicLink

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

PAGE = "calendar"
"""What such a link leads to. It is no public page: nobody but its user can have one made."""
MOST_LINKS = 20
"""Links that a user may have at the same time."""
_SUBJECT = "user:"
_READING = ("*.read",)


@operation(
    "calendar.subscribe", title=_("Make a link to one's own calendar"), effect="create", permission="calendar.subscribe"
)
def subscribe(
    session: CrmSession,
    *,
    days: Annotated[
        int, Input(title=_("Days"), help=_("Days that it holds."), minimum=1, maximum=MOST_DAYS, classified="public")
    ] = 365,
) -> IssuedLink:
    """Make a link by which a calendar program reads the actor's own calendar. Raises Refused for an actor that is no
    user, Conflict where there are too many links."""
    user = _user_of(session)
    now = session.gate.clock.now()
    with region(session, "making a link to one's own calendar"):
        held = session.scalars(
            select(PublicLink.id).where(
                PublicLink.subject == f"{_SUBJECT}{user}", PublicLink.revoked_at.is_(None), PublicLink.expires_at > now
            )
        ).all()
        if len(held) >= MOST_LINKS:
            raise Conflict(_("You have {count} such links already."), fix=_("Revoke one first."), count=len(held))
        expires_at = now.replace(microsecond=0) + timedelta(days=days)
        link = PublicLink(page=PAGE, subject=f"{_SUBJECT}{user}", expires_at=expires_at, created_by=session.actor.id)
        session.add(link)
        session.flush()
    return IssuedLink(link_id=link.id, page=PAGE, path=path_of(session, link), expires_at=expires_at)


@operation(
    "calendar.unsubscribe",
    title=_("Revoke a link to one's own calendar"),
    effect="update",
    permission="calendar.subscribe",
)
def unsubscribe(session: CrmSession, *, link: Annotated[UUID, Input(title=_("Link"), classified="internal")]) -> None:
    """Let a link to the actor's own calendar open nothing any more. Raises NotFound for one that is not the actor's or
    is revoked already."""
    user = _user_of(session)
    with region(session, "revoking a link to one's own calendar"):
        found = session.scalar(
            select(PublicLink).where(
                PublicLink.id == link, PublicLink.subject == f"{_SUBJECT}{user}", PublicLink.revoked_at.is_(None)
            )
        )
        if found is None:
            raise NotFound(_("There is no such record: {id}."), id=link)
        found.revoked_at = session.gate.clock.now()
        session.flush()


def own_links(session: CrmSession) -> list[PublicLink]:
    """Return the links to the actor's own calendar that still hold, the newest first."""
    user = session.actor.user_id
    if user is None:
        return []
    with region(session, "reading the links to one's own calendar"):
        return list(
            session.scalars(
                select(PublicLink)
                .where(PublicLink.subject == f"{_SUBJECT}{user}", PublicLink.revoked_at.is_(None))
                .where(PublicLink.expires_at > session.gate.clock.now())
                .order_by(PublicLink.created_at.desc(), PublicLink.id.desc())
            )
        )


def follow_feed(crm: CRM, token: str, *, address: str | None = None) -> Actor:
    """Return the actor that a link stands for: its user, who can read what the user may read now, and no more. Raises
    LinkClosed, always the same, for a link that opens nothing."""
    row = row_of(crm, PAGE, token)
    if not row.subject.startswith(_SUBJECT):
        raise LinkClosed()
    identity = UUID(row.subject.removeprefix(_SUBJECT))
    with crm.session(Actor.system("whose calendar a link leads to")) as session:
        user = session.scalar(select(User).where(User.id == identity, User.active.is_(True)))
        if user is None:
            raise LinkClosed()
        actor = Actor.user(user.id, user.login, user.language, method="link", address=address)
    return evolve(actor, limits=_READING)


def _user_of(session: CrmSession) -> UUID:
    if session.actor.user_id is None or session.actor.kind not in ("user", "host", "token"):
        raise Refused(_("Only a user has a calendar."))
    return session.actor.user_id


OPERATIONS: list[Any] = [subscribe, unsubscribe]
