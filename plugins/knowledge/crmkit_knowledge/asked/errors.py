"""The errors of questions: codes KNO301 to KNO309."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts
from crmkit_knowledge.asked.words import STATES

_ = texts("crmkit_knowledge")


class QuestionInState(Conflict):
    """Something was asked of a question that its state does not allow; says in which it is."""

    code: ClassVar[str] = "KNO301"
    summary = _("The question is in another state.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _('This question is in the state "{state}".'),
            fix=_("Reopen it first, or look who was quicker."),
            state=STATES[state],
        )
