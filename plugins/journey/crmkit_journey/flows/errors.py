"""The errors of journeys: codes JRN101 to JRN199."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from crmkit import Conflict, InvalidInput, Problem, texts
from crmkit_journey.flows.checking import Finding
from crmkit_journey.flows.words import STATES

_ = texts("crmkit_journey")


class FlowInState(Conflict):
    """Something was asked of a flow that its state does not allow."""

    code: ClassVar[str] = "JRN101"
    summary = _("The flow is in another state.")

    def __init__(self, name: str, state: str) -> None:
        super().__init__(
            _('The flow {name} is in the state "{state}".'),
            fix=_("Look at what can be done with it there."),
            name=name,
            state=STATES[state],
        )


class DraftChanged(Conflict):
    """Somebody else has saved the draft since it was read."""

    code: ClassVar[str] = "JRN102"
    summary = _("Somebody else has saved the draft meanwhile.")

    def __init__(self, name: str, number: int) -> None:
        super().__init__(
            _("Somebody else has saved draft {number} of the flow {name} meanwhile."),
            fix=_("Open it again; nothing was overwritten."),
            name=name,
            number=number,
        )


class FlowNotSound(InvalidInput):
    """A flow that cannot be carried out was to be published; names each place."""

    code: ClassVar[str] = "JRN103"
    summary = _("The flow has faults and cannot be published.")

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__([Problem(self.code, each.text, field=each.place, **each.values) for each in findings])


class PassageInState(Conflict):
    """Something was asked of a passage that its state does not allow."""

    code: ClassVar[str] = "JRN104"
    summary = _("The passage is in another state.")

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text, fix=_("Look at where it is."), **values)


class NotAgain(Conflict):
    """A customer was to come into a flow that lets nobody in again who was in before."""

    code: ClassVar[str] = "JRN105"
    summary = _("The customer may not come in again yet.")

    def __init__(self, name: str) -> None:
        super().__init__(
            _("The customer was in the flow {name} before and may not come in again yet."),
            fix=_("Its entry says who may come in again, and when."),
            name=name,
        )


def problem(field: str, message: Any, **values: Any) -> InvalidInput:
    """Return the refusal of one input."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])
