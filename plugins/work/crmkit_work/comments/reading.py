"""Reading what is said about a record: whoever sees the record reads it, nobody else.

The comments themselves are read in system scope, once the record has been found in the reader's own session. Must not
change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Customer, User, texts
from crmkit_work.comments.models import Comment, Watch
from crmkit_work.comments.telling import versions_of
from crmkit_work.comments.topics import CUSTOMER, topic_of

_ = texts("crmkit_work")

WHY = "comments on a record that the reader sees"
MOST = 500


@frozen(kw_only=True)
class Version:
    """What a comment said until an instant (UTC)."""

    text: str
    until: datetime


@frozen(kw_only=True)
class Said:
    """A comment as its reader sees it. ``text`` is None where it was removed, or where the reader reads no texts."""

    id: UUID
    author_id: UUID | None
    author: str
    text: str | None
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    version: int
    versions: tuple[Version, ...]
    mine: bool


def comments_of(session: CrmSession, ref: str, limit: int = MOST) -> Sequence[Said]:
    """Return what is said about a record, the oldest first; of more than ``limit`` the newest. Raises NotFound for a
    record that the session's actor does not see."""
    topic = topic_of(session, ref)
    reader = session.guarding.rights.user_id
    legible = session.level(Comment, "text") == "full"
    with session.crm.session(session.crm.system(WHY)) as system:
        query = select(Comment).where(topic.of(Comment)).order_by(Comment.created_at.desc(), Comment.id.desc())
        found = list(reversed(system.scalars(query.limit(min(limit, MOST))).all()))
        earlier = versions_of(system, [each.id for each in found if each.edits and each.removed_at is None])
        names = _names(system, found)
        return [
            Said(
                id=each.id,
                author_id=each.author_id,
                author=names.get(each.author_id, "") if each.author_id is not None else "",
                text=each.text if legible and each.removed_at is None else None,
                created_at=each.created_at,
                edited_at=each.edited_at,
                removed_at=each.removed_at,
                version=each.version,
                versions=tuple(
                    Version(text=one.text or "", until=one.until) for one in earlier.get(each.id, ()) if legible
                ),
                mine=reader is not None and each.author_id == reader,
            )
            for each in found
        ]


def _names(system: CrmSession, comments: Sequence[Comment]) -> dict[UUID, str]:
    ids = {each.author_id for each in comments if each.author_id is not None}
    return {each.id: each.name for each in system.scalars(select(User).where(User.id.in_(ids)))}


def is_followed(session: CrmSession, ref: str) -> bool:
    """Say whether the session's actor follows a record."""
    topic = topic_of(session, ref)
    query = select(Watch.id).where(topic.of(Watch), Watch.user_id == session.guarding.rights.user_id)
    return session.scalar(query.limit(1)) is not None


def counts_of(session: CrmSession, customer_ids: Sequence[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """Return how many comments there are on customers, and when the last one was made; of customers alone whom the
    session's actor sees."""
    visible = list(session.scalars(select(Customer.id).where(Customer.id.in_(customer_ids))))
    with session.crm.session(session.crm.system(WHY)) as system:
        query = (
            select(
                Comment.customer_id, func.count(Comment.id), func.max(Comment.created_at, type_=Comment.created_at.type)
            )
            .where(Comment.topic == CUSTOMER, Comment.customer_id.in_(visible), Comment.removed_at.is_(None))
            .group_by(Comment.customer_id)
        )
        return {row[0]: (row[1], row[2]) for row in system.execute(query) if row[0] is not None}
