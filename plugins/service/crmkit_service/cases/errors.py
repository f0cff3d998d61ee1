"""The errors of cases: codes SVC101 to SVC199."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from crmkit import Conflict, Problem, texts
from crmkit_service.cases.words import STATES

_ = texts("crmkit_service")


class MoveRefused(Conflict):
    """A case does not go from its state to another one; says to which it does."""

    code: ClassVar[str] = "SVC101"
    summary = _("The case does not go from its state to that one.")

    def __init__(self, number: int, state: str, wanted: str, allowed: Sequence[str]) -> None:
        super().__init__(
            _('Case {number} does not go from "{state}" to "{wanted}".'),
            fix=_("From there it goes to: {allowed}."),
            number=number,
            state=STATES[state],
            wanted=STATES.get(wanted, wanted),
            allowed=", ".join(allowed) or "–",
        )


class NotResolvable(Conflict):
    """A case lacks what its type needs to be resolved; its problems name each field."""

    code: ClassVar[str] = "SVC102"
    summary = _("The case lacks what it needs to be resolved.")

    def __init__(self, number: int, missing: Sequence[Problem]) -> None:
        super().__init__(_("Case {number} cannot be resolved yet: {missing}"), number=number, missing="")
        self._missing = tuple(missing)
        self.render()

    def render(self, language: str = "en") -> str:
        """Return what is missing, in a language."""
        self.values["missing"] = "; ".join(each.render(language) for each in self._missing)
        return super().render(language)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return a problem for each field that is missing."""
        return self._missing


class MergeRefused(Conflict):
    """A case is not merged into another one, or that is not undone; says why."""

    code: ClassVar[str] = "SVC103"
    summary = _("The cases cannot be merged, or that cannot be undone.")


class LinkRefused(Conflict):
    """A case is not linked to another one as was asked; says why."""

    code: ClassVar[str] = "SVC104"
    summary = _("The cases cannot be linked like this.")


class GoneElsewhere(Conflict):
    """A case was merged into another one, where everything goes on."""

    code: ClassVar[str] = "SVC105"
    summary = _("The case was merged into another one.")

    def __init__(self, number: int, into: int) -> None:
        super().__init__(
            _("Case {number} was merged into case {into}."),
            fix=_("Go on with case {into}."),
            number=number,
            into=into,
        )


class TypeNotUsable(Conflict):
    """A type of case cannot be like this; its problems say what is wrong."""

    code: ClassVar[str] = "SVC106"
    summary = _("A type of case cannot be like this.")

    def __init__(self, wrong: Sequence[Problem]) -> None:
        super().__init__(_("A type of case cannot be like this: {wrong}"), wrong="")
        self._wrong = tuple(wrong)
        self.render()

    def render(self, language: str = "en") -> str:
        """Return what is wrong, in a language."""
        self.values["wrong"] = "; ".join(each.render(language) for each in self._wrong)
        return super().render(language)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the type."""
        return self._wrong


class NoComplaint(Conflict):
    """What is noted of complaints alone was to be noted of a case of another kind."""

    code: ClassVar[str] = "SVC107"
    summary = _("The case is no complaint.")


class AfterSaleRefused(Conflict):
    """Something after a sale does not go from its state to another one."""

    code: ClassVar[str] = "SVC108"
    summary = _("The after-sale record does not go from its state to that one.")
