"""The errors of votes: codes KNO311 to KNO319."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts
from crmkit_knowledge.helpful.words import STATES

_ = texts("crmkit_knowledge")


class CommentInState(Conflict):
    """Something was asked of a comment that its state does not allow; says in which it is."""

    code: ClassVar[str] = "KNO311"
    summary = _("The comment is in another state.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _('This comment is in the state "{state}".'),
            fix=_("Look at it again: somebody may have been quicker."),
            state=STATES[state],
        )
