"""What can be done with comments: saying something about a record that one sees, putting it right, following it."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from crmkit import Conflict, CrmSession, Input, InvalidInput, NotFound, Problem, Refused, User, operation, texts
from crmkit_work.comments.events import CommentAdded
from crmkit_work.comments.models import Comment, CommentVersion, Watch
from crmkit_work.comments.topics import Topic, ref_of, topic_of
from crmkit_work.refs import seen

_ = texts("crmkit_work")

MENTION = re.compile(r"(?<![\w@.])@([A-Za-z0-9][A-Za-z0-9._+-]*(?:@[A-Za-z0-9.-]+)?)")
"""A mention: the login of a user after ``@``, which may be an address. An address alone mentions nobody."""
MOST_MENTIONED = 50
UPDATE = "work.comment.update"
TELL = "work.tell_of_comment"

Ref = Annotated[
    str, Input(title=_("About"), max_length=160, classified="internal", help=_("A record, as in customer:0197a1b2-…."))
]
Words = Annotated[
    str,
    Input(
        title=_("Comment"),
        max_length=10_000,
        multiline=True,
        help=_("Write @ and a login to call somebody's attention."),
    ),
]


@operation("work.comment.add", title=_("Comment"), permission="work.comment.create", effect="create")
def add_comment(session: CrmSession, *, ref: Ref, text: Words) -> Comment:
    """Say something about a record; whoever is mentioned or follows the record, and may see it, is told.

    Raises NotFound for a record that whoever acts does not see, InvalidInput for nothing.
    """
    topic = topic_of(session, ref)
    author = session.guarding.rights.user_id
    mentioned = _mentioned(session, _said(text))
    comment = Comment(
        topic=topic.name,
        customer_id=topic.customer_id,
        author_id=author,
        text=_said(text),
        mentioned=[str(each) for each in mentioned],
    )
    session.add(comment)
    session.flush()
    if author is not None:
        _follow(session, topic, author)
    session.defer(TELL, comment_id=str(comment.id), anew=[str(each) for each in mentioned])
    session.emit(
        CommentAdded(
            comment_id=comment.id,
            ref=topic.ref,
            author_id=author,
            customer_id=topic.customer_id,
            mentioned=tuple(mentioned),
        )
    )
    return comment


CommentId = Annotated[UUID, Input(title=_("Comment"), classified="internal")]


@operation("work.comment.edit", title=_("Edit the comment"), permission=UPDATE)
def edit_comment(session: CrmSession, *, comment_id: CommentId, text: Words) -> None:
    """Put right what one has said; what it said before is kept. Only those who are mentioned anew are told.

    Raises NotFound where the record is not seen, Refused for what others have said, Conflict for what was removed.
    """
    session.run("work.comment.rewrite", {"text": text}, target=comment_id)


@operation("work.comment.remove", title=_("Remove the comment"), permission=UPDATE)
def remove_comment(session: CrmSession, *, comment_id: CommentId) -> None:
    """Take back what one has said: its text goes, with all that it said before. Raises as editing does."""
    session.run("work.comment.erase", target=comment_id)


# A comment is read by nobody by right, so these find it as their target, and ask for its record themselves.


@operation("work.comment.rewrite", title=_("Edit the comment"), permission=UPDATE, effect="update", hidden=True)
def rewrite(session: CrmSession, comment: Comment, *, text: Words) -> None:
    """Put a comment right. Raises as editing does."""
    _own(session, comment)
    said = _said(text)
    session.add(
        CommentVersion(
            comment_id=comment.id,
            customer_id=comment.customer_id,
            number=comment.edits + 1,
            text=comment.text,
            until=session.gate.clock.now(),
        )
    )
    before = set(comment.mentioned)
    mentioned = _mentioned(session, said)
    comment.text, comment.edits, comment.edited_at = said, comment.edits + 1, session.gate.clock.now()
    comment.mentioned = [str(each) for each in mentioned]
    anew = [str(each) for each in mentioned if str(each) not in before]
    if anew:
        session.defer(TELL, comment_id=str(comment.id), anew=anew, edited=True)


@operation("work.comment.erase", title=_("Remove the comment"), permission=UPDATE, effect="update", hidden=True)
def erase(session: CrmSession, comment: Comment) -> None:
    """Take a comment back. Raises as editing does."""
    _own(session, comment)
    comment.text, comment.mentioned, comment.removed_at = None, [], session.gate.clock.now()
    session.defer("work.forget_comment", comment_id=str(comment.id))


@operation("work.comment.watch", title=_("Follow"), permission="work.comment.watch")
def watch(session: CrmSession, *, ref: Ref) -> None:
    """Be told of what is said about a record. Raises NotFound for one that whoever acts does not see."""
    _follow(session, topic_of(session, ref), _acting(session))


@operation("work.comment.unwatch", title=_("Do not follow any more"), permission="work.comment.watch")
def unwatch(session: CrmSession, *, ref: Ref) -> None:
    """Be told no more of what is said about a record, unless one is mentioned."""
    topic = topic_of(session, ref)
    for each in session.scalars(select(Watch).where(topic.of(Watch), Watch.user_id == _acting(session))).all():
        session.delete(each)


def _follow(session: CrmSession, topic: Topic, user_id: UUID) -> None:
    known = session.scalar(select(Watch.id).where(topic.of(Watch), Watch.user_id == user_id).limit(1))
    if known is None:
        session.add(Watch(topic=topic.name, customer_id=topic.customer_id, user_id=user_id))


def _mentioned(session: CrmSession, text: str) -> list[UUID]:
    """Return the active users whom a text mentions, in its order."""
    names = list(dict.fromkeys(match[1].rstrip(".-_+").casefold() for match in MENTION.finditer(text)))
    if len(names) > MOST_MENTIONED:
        raise _problem(_("At most {most} people can be mentioned at once."), most=MOST_MENTIONED)
    query = select(func.lower(User.login), User.id).where(func.lower(User.login).in_(names), User.active)
    found: dict[str, UUID] = {row[0]: row[1] for row in session.execute(query)}
    return [found[name] for name in names if name in found]


def _own(session: CrmSession, comment: Comment) -> None:
    if seen(session, ref_of(comment.topic, comment.customer_id)) is None:
        raise NotFound(_("There is no such record: {id}."), id=comment.id)
    if comment.author_id is None or comment.author_id != session.guarding.rights.user_id:
        raise Refused(_("Only who has said it changes it."))
    if comment.removed_at is not None:
        raise Conflict(_("The comment was removed."))


def _said(text: str) -> str:
    found = text.strip()
    if not found:
        raise _problem(_("Say something."))
    return found


def _acting(session: CrmSession) -> UUID:
    user_id = session.guarding.rights.user_id
    if user_id is None:
        raise Refused(_("Only a user follows records."))
    return user_id


def _problem(message: str, **values: object) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field="text", **values)])


OPERATIONS = [add_comment, edit_comment, remove_comment, rewrite, erase, watch, unwatch]
