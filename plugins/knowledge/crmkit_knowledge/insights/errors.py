"""The errors of insights: codes KNO501 to KNO599."""

from __future__ import annotations

from typing import Any, ClassVar

from crmkit import Conflict, InvalidInput, Problem, texts
from crmkit_knowledge.insights.words import STATES

_ = texts("crmkit_knowledge")


class InsightInState(Conflict):
    """Something was asked of an insight that its state does not allow; says in which it is."""

    code: ClassVar[str] = "KNO501"
    summary = _("The insight is in another state.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _('This insight is in the state "{state}".'),
            fix=_("Note a new one instead, or look at the one that holds."),
            state=STATES[state],
        )


class NoPromise(Conflict):
    """Something was asked of an insight that can be asked of promises alone."""

    code: ClassVar[str] = "KNO502"
    summary = _("The insight is no promise.")

    def __init__(self) -> None:
        super().__init__(_("This insight is no promise."), fix=_("Withdraw it, or note what holds now."))


class InsightReplaced(Conflict):
    """An insight was to hold again, but a newer one of its topic does."""

    code: ClassVar[str] = "KNO503"
    summary = _("A newer insight of this topic holds.")

    def __init__(self, topic: str) -> None:
        super().__init__(
            _('A newer insight on "{topic}" holds for this customer.'),
            fix=_("Withdraw that one first, or confirm it."),
            topic=topic,
        )


def problem(field: str, message: Any, **values: Any) -> InvalidInput:
    """Return the refusal of one input."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])
