"""Settling comments: somebody has done something about what a reader wrote, or it is to be looked at again."""

from __future__ import annotations

from crmkit import CrmSession, operation, texts
from crmkit_knowledge.helpful.errors import CommentInState
from crmkit_knowledge.helpful.models import Vote
from crmkit_knowledge.helpful.watching import MANAGE

_ = texts("crmkit_knowledge")


@operation("knowledge.vote.settle", title=_("The comment is done"), permission=MANAGE, effect="update")
def settle_comment(session: CrmSession, vote: Vote) -> Vote:
    """Say that a comment has been dealt with. Raises CommentInState."""
    return _to(vote, "open", "done")


@operation("knowledge.vote.reopen", title=_("Look at the comment again"), permission=MANAGE, effect="update")
def reopen_comment(session: CrmSession, vote: Vote) -> Vote:
    """Say that a comment has to be looked at again. Raises CommentInState."""
    return _to(vote, "done", "open")


def _to(vote: Vote, before: str, after: str) -> Vote:
    if vote.state != before:
        raise CommentInState(vote.state)
    vote.state = after
    return vote


OPERATIONS = [settle_comment, reopen_comment]
