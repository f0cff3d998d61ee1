"""The tables of comments: what people say about a record, what they said before, and who follows it.

A record of any kind can be talked about, so no policy of a table can say who reads a comment: it is who reads the
record. Comments are therefore read by `crmkit_work.comments.reading` alone, which asks for the record first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, User, field, json_type, kernel_key, texts

_ = texts("crmkit_work")


def _customer() -> Any:
    return field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )


class Comment(Record):
    """What somebody said about a record.

    ``topic`` is the record, as `crmkit_work.comments.topics` has it. ``mentioned`` are the ids of users; ``edits``
    counts the versions before this one. Of a comment that was removed the text is gone, and that there was one stays.
    """

    __tablename__ = "work_comment"
    __access__ = Access.system()
    __history__ = False

    topic: Mapped[str] = field(String(160), title=_("About"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = _customer()
    author_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("By"), classified="internal", index=True, editable=False
    )
    text: Mapped[str | None] = field(String, title=_("Text"), classified="text", editable=False)
    mentioned: Mapped[list[str]] = field(
        json_type(), title=_("Mentioned"), classified="internal", default=list, editable=False
    )
    edits: Mapped[int] = field(Integer, title=_("Edits"), classified="internal", default=0, editable=False)
    edited_at: Mapped[datetime | None] = field(title=_("Edited at"), classified="internal", editable=False)
    removed_at: Mapped[datetime | None] = field(title=_("Removed at"), classified="internal", editable=False)

    __table_args__ = (Index("ix_work_comment_topic", "topic", "customer_id", "created_at"),)


class CommentVersion(Record):
    """What a comment said before it was edited."""

    __tablename__ = "work_comment_version"
    __access__ = Access.system()
    __history__ = False

    comment_id: Mapped[UUID] = field(
        ForeignKey(Comment.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID | None] = _customer()
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    text: Mapped[str | None] = field(String, title=_("Text"), classified="text", editable=False)
    until: Mapped[datetime] = field(title=_("Until"), classified="internal", editable=False)


class Watch(Record):
    """That somebody follows what is said about a record."""

    __tablename__ = "work_watch"
    __access__ = Access.open()
    __history__ = False

    topic: Mapped[str] = field(String(160), title=_("About"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = _customer()
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("User"), classified="internal", editable=False
    )

    # Not unique: customers whom somebody follows both may be merged.
    __table_args__ = (Index("ix_work_watch_user", "user_id", "topic"), Index("ix_work_watch_topic", "topic"))


MODELS = [Comment, CommentVersion, Watch]
