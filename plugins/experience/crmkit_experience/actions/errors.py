"""The errors of improvement actions: codes EXP701 to EXP799."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from crmkit import Conflict, InvalidInput, Problem, texts
from crmkit_experience.actions.words import STATES

_ = texts("crmkit_experience")


class ActionInState(Conflict):
    """Something was asked of an action that its state does not allow; says in which it is."""

    code: ClassVar[str] = "EXP701"
    summary = _("The action is in another state.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _('This action is in the state "{state}".'),
            fix=_("Actions are planned, then started, then ended."),
            state=STATES[state],
        )


class EffectTooEarly(Conflict):
    """The effect of an action was asked for before the days after its start were over; says from when it is known."""

    code: ClassVar[str] = "EXP702"
    summary = _("The effect is not known yet.")

    def __init__(self, first: date | None) -> None:
        if first is None:
            super().__init__(_("The action has not started yet."), fix=_("Start it first."))
        else:
            super().__init__(
                _("The effect is known from {day} on."), fix=_("Wait, or compare fewer days."), day=first.isoformat()
            )


class NobodyCompared(Conflict):
    """There are too few customers to compare."""

    code: ClassVar[str] = "EXP703"
    summary = _("There are too few customers to compare.")

    def __init__(self) -> None:
        super().__init__(
            _("There are fewer than two customers to compare."),
            fix=_("Look at the expressions that say who it is for."),
        )


class ExperimentUnknown(Conflict):
    """An action takes the verdict of an experiment whose result cannot be had."""

    code: ClassVar[str] = "EXP704"
    summary = _("The experiment has no result here.")

    def __init__(self, name: str) -> None:
        super().__init__(
            _('The experiment "{name}" has no result that can be taken over.'),
            fix=_("Look at it with crmkit experiment result."),
            name=name,
        )


def problem(field: str, message: Any, **values: Any) -> InvalidInput:
    """Return the refusal of one input."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])
