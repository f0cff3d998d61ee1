"""Forgetting what a comment said before it was removed. Must not know why it was."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import CrmSession, Input, Refused, operation, texts
from crmkit_work.comments.telling import versions_of

_ = texts("crmkit_work")


@operation("work.comment.forget", title=_("Forget a comment"), permission="work.comment.update", hidden=True)
def forget(
    session: CrmSession, *, comment_id: Annotated[UUID, Input(title=_("Comment"), classified="internal")]
) -> None:
    """Delete what a comment said before. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    for each in versions_of(session, [comment_id]).get(comment_id, ()):
        session.delete(each)


OPERATIONS = [forget]
