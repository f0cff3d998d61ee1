"""The errors of promises: codes EXP501 to EXP599."""

from __future__ import annotations

from typing import Any, ClassVar

from crmkit import Conflict, InvalidInput, Problem, texts
from crmkit_experience.promises.words import STATES, SUGGESTION_STATES

_ = texts("crmkit_experience")


class PromiseInState(Conflict):
    """Something was asked of a promise that its state does not allow; says in which it is."""

    code: ClassVar[str] = "EXP501"
    summary = _("The promise is in another state.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _('This promise is in the state "{state}".'),
            fix=_("Look at what became of it, or note a new promise."),
            state=STATES[state],
        )


class SuggestionDecided(Conflict):
    """A suggestion was decided before."""

    code: ClassVar[str] = "EXP502"
    summary = _("The suggestion is decided already.")

    def __init__(self, state: str) -> None:
        super().__init__(
            _('This suggestion is decided: "{state}".'),
            fix=_("Note a promise by hand where one is missing."),
            state=SUGGESTION_STATES[state],
        )


def problem(field: str, message: Any, **values: Any) -> InvalidInput:
    """Return the refusal of one input."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])
