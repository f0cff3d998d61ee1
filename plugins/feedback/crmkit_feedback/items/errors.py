"""The errors of feedback: codes FBK401 to FBK499."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts
from crmkit_feedback.items.words import MOVES, STATES

_ = texts("crmkit_feedback")


class MoveNotPossible(Conflict):
    """Feedback does not go from its state to another one; says to which it does."""

    code: ClassVar[str] = "FBK401"
    summary = _("Feedback does not go from its state to that one.")

    def __init__(self, number: int, state: str, wanted: str) -> None:
        super().__init__(
            _('Feedback {number} does not go from "{state}" to "{wanted}".'),
            fix=_("From there it goes to: {allowed}."),
            number=number,
            state=STATES[state],
            wanted=STATES.get(wanted, wanted),
            allowed=", ".join(MOVES[state]),
        )


class NotAskable(Conflict):
    """The customer cannot be asked whether it is solved."""

    code: ClassVar[str] = "FBK402"
    summary = _("The customer cannot be asked whether it is solved.")
