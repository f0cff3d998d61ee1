"""Tells whoever is mentioned in a comment or follows its record; nobody who does not see the record.

In jobs, after the comment is committed, so that each person's sight of the record is as everybody will find it. What a
comment says is in no notice. Must not know how comments are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, User, texts
from crmkit_work.comments.models import Comment, CommentVersion, Watch
from crmkit_work.comments.topics import Topic, page_of, ref_of
from crmkit_work.notices.telling import NewNotice, notify
from crmkit_work.refs import is_seen_by, kind_of

_ = texts("crmkit_work")

FOLLOWERS = 500


def tell_of_comment(session: CrmSession, comment_id: str, anew: Sequence[str], edited: bool = False) -> None:
    """Tell of a comment: the job."""
    comment = session.get(Comment, UUID(comment_id))
    if comment is None or comment.removed_at is not None:
        return
    ref = ref_of(comment.topic, comment.customer_id)
    mentioned = [UUID(each) for each in anew]
    followers = [] if edited else _followers(session, comment)
    author = session.get(User, comment.author_id) if comment.author_id is not None else None
    who = author.name if author is not None else _("Somebody")
    sees = {
        each: is_seen_by(session, each, ref)
        for each in dict.fromkeys([*mentioned, *followers])
        if each != comment.author_id
    }
    told = [each for each in mentioned if sees.get(each)]
    _tell(session, comment, ref, "mention", _("{who} mentions you: {what}, {customer}"), who, told)
    rest = [each for each in followers if sees.get(each) and each not in told]
    _tell(session, comment, ref, "comment", _("{who} has commented: {what}, {customer}"), who, rest)
    blind = [each for each in mentioned if sees.get(each) is False]
    if blind and author is not None:
        names = session.scalars(select(User.name).where(User.id.in_(blind)).order_by(User.name)).all()
        title = _("Mentioned, and not told, as the record is not for them to see: {names}")
        notice = NewNotice(
            kind="mention",
            title=title,
            values={"names": ", ".join(names)},
            ref=ref,
            path=page_of(ref),
            customer_id=comment.customer_id,
        )
        notify(session, [author.id], notice)


def _tell(
    session: CrmSession, comment: Comment, ref: str, kind: str, title: str, who: str, users: Sequence[UUID]
) -> None:
    if comment.customer_id is None:
        title = {
            "mention": _("{who} mentions you: {what}"),
            "comment": _("{who} has commented: {what}"),
        }[kind]
    notify(
        session,
        users,
        NewNotice(
            kind=kind,
            title=title,
            values={"who": who, "what": kind_of(session, ref)},
            ref=ref,
            path=page_of(ref),
            customer_id=comment.customer_id,
        ),
    )


def _followers(session: CrmSession, comment: Comment) -> list[UUID]:
    topic = Topic(name=comment.topic, customer_id=comment.customer_id, ref=ref_of(comment.topic, comment.customer_id))
    return list(session.scalars(select(Watch.user_id).where(topic.of(Watch)).distinct().limit(FOLLOWERS)))


def forget_comment(session: CrmSession, comment_id: str) -> None:
    """Delete what a comment said before it was removed: the job."""
    session.run("work.comment.forget", {"comment_id": comment_id})


def versions_of(session: CrmSession, comment_ids: Sequence[UUID]) -> dict[UUID, list[CommentVersion]]:
    """Return what comments said before, the oldest first; for system scope."""
    found: dict[UUID, list[CommentVersion]] = {}
    query = select(CommentVersion).where(CommentVersion.comment_id.in_(comment_ids))
    for each in session.scalars(query.order_by(CommentVersion.comment_id, CommentVersion.number)):
        found.setdefault(each.comment_id, []).append(each)
    return found
