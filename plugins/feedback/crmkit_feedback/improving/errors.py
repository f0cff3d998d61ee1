"""The errors of improving: codes FBK701 to FBK799."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts
from crmkit_feedback.improving.models import ACTION_STATES

_ = texts("crmkit_feedback")


class ImprovementInState(Conflict):
    """Something cannot be done with an improvement in its state."""

    code: ClassVar[str] = "FBK701"
    summary = _("This cannot be done with an improvement in that state.")

    def __init__(self, number: int, state: str, allowed: tuple[str, ...]) -> None:
        super().__init__(
            _('Improvement {number} is in the state "{state}".'),
            fix=_("This can be done with one that is: {allowed}."),
            number=number,
            state=ACTION_STATES[state],
            allowed=", ".join(allowed),
        )


class NotYetJudged(Conflict):
    """There are not enough answers yet to say whether an improvement has helped."""

    code: ClassVar[str] = "FBK702"
    summary = _("There are not enough answers yet to say whether it has helped.")

    def __init__(self, number: int, after: int, needed: int, before: int, least: int) -> None:
        super().__init__(
            _("Whether improvement {number} has helped cannot be said yet: {after} of {needed} answers afterwards."),
            fix=_("It needs {least} answers before as well (there are {before}). Wait, or say yourself if it helped."),
            number=number,
            after=after,
            needed=needed,
            before=before,
            least=least,
        )
