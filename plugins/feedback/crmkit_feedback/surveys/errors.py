"""The errors of surveys: codes FBK101 to FBK199."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from crmkit import Conflict, Problem, texts
from crmkit_feedback.surveys.words import SURVEY_STATES

_ = texts("crmkit_feedback")


class SurveyRefused(Conflict):
    """A draft cannot be published; its problems say what is wrong with it, and where."""

    code: ClassVar[str] = "FBK101"
    summary = _("The survey cannot be published like this.")

    def __init__(self, wrong: Sequence[Problem]) -> None:
        super().__init__(_("The survey cannot be published like this: {wrong}"), wrong="")
        self._wrong = tuple(wrong)
        self.render()

    def render(self, language: str = "en") -> str:
        """Return what is wrong, in a language."""
        self.values["wrong"] = "; ".join(each.render(language) for each in self._wrong)
        return super().render(language)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, each with its place."""
        return self._wrong


class SurveyNotOpen(Conflict):
    """Something needs a survey that is open."""

    code: ClassVar[str] = "FBK102"
    summary = _("The survey is not open.")

    def __init__(self, name: str, state: str) -> None:
        super().__init__(
            _('Survey "{name}" is not open: it is "{state}".'),
            fix=_("Publish it, or open it again."),
            name=name,
            state=SURVEY_STATES.get(state, state),
        )


class SurveyInState(Conflict):
    """A survey is in a state in which something cannot be done with it."""

    code: ClassVar[str] = "FBK103"
    summary = _("This cannot be done with the survey in its state.")

    def __init__(self, name: str, state: str) -> None:
        super().__init__(
            _('This cannot be done with survey "{name}": it is "{state}".'),
            name=name,
            state=SURVEY_STATES.get(state, state),
        )


class SurveyNameTaken(Conflict):
    """There is a survey of that name already."""

    code: ClassVar[str] = "FBK104"
    summary = _("There is a survey of that name already.")

    def __init__(self, name: str) -> None:
        super().__init__(_('There is a survey "{name}" already.'), fix=_("Choose another name."), name=name)
