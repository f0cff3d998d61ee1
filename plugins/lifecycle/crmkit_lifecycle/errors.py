"""The errors of lifecycle: codes LIF101 to LIF199."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from crmkit import Conflict, Problem, texts

_ = texts("crmkit_lifecycle")


class ModelRefused(Conflict):
    """A draft of a lifecycle model cannot be published; its problems say what is wrong with it."""

    code: ClassVar[str] = "LIF101"
    summary = _("The model cannot be published like this.")

    def __init__(self, wrong: Sequence[Problem]) -> None:
        super().__init__(_("The model cannot be published like this: {wrong}"), wrong="")
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


class MoveRefused(Conflict):
    """Somebody may not go to a stage like this: it is back, ahead of the next, or its criteria are not met."""

    code: ClassVar[str] = "LIF102"
    summary = _("This move needs a reason.")


class TooFew(Conflict):
    """There is too little history to estimate from."""

    code: ClassVar[str] = "LIF103"
    summary = _("There is too little history to estimate from.")
