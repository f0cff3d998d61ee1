"""The errors of pipelines: codes SAL101 to SAL199."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from crmkit import Conflict, Problem, texts

_ = texts("crmkit_sales")


class StageRefused(Conflict):
    """An opportunity may not go to a stage yet; its problems name each criterion that is not met."""

    code: ClassVar[str] = "SAL101"
    summary = _("The opportunity may not go to this stage yet.")

    def __init__(self, stage: str, unmet: Sequence[Problem]) -> None:
        words = "; ".join(each.render() for each in unmet)
        super().__init__(_('Not ready for "{stage}": {unmet}'), stage=stage, unmet=words)
        self._unmet = tuple(unmet)

    def render(self, language: str = "en") -> str:
        """Return which stage it is not ready for and why, in a language."""
        self.values["unmet"] = "; ".join(each.render(language) for each in self._unmet)
        return super().render(language)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return a problem for each criterion that is not met."""
        return self._unmet


class NotPublishable(Conflict):
    """A draft of a pipeline cannot be published; its problems say what is wrong with it."""

    code: ClassVar[str] = "SAL102"
    summary = _("The pipeline cannot be published like this.")

    def __init__(self, wrong: Sequence[Problem]) -> None:
        super().__init__(_("The pipeline cannot be published like this: {wrong}"), wrong="")
        self._wrong = tuple(wrong)
        self.render()

    def render(self, language: str = "en") -> str:
        """Return what is wrong, in a language."""
        self.values["wrong"] = "; ".join(each.render(language) for each in self._wrong)
        return super().render(language)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the draft."""
        return self._wrong
