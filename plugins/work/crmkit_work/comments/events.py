"""What happens to comments. What they say is not told: who may read them reads them there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event


@event("work.comment.added")
class CommentAdded:
    """Somebody has said something about a record."""

    comment_id: UUID
    ref: Annotated[str, Input(classified="internal")]
    author_id: UUID | None = None
    customer_id: UUID | None = None
    mentioned: tuple[UUID, ...] = ()


EVENTS = [CommentAdded]
