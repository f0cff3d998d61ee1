"""What orders refuse: one class, one code."""

from __future__ import annotations

from collections.abc import Iterable

from crmkit import Conflict, Problem, texts

_ = texts("crmkit_sales")


class OrderHeld(Conflict):
    """An order cannot go on; ``problems`` names each condition that is not met."""

    code = "SAL501"
    summary = _("Something keeps the order back.")

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = tuple(problems)
        super().__init__("; ".join(each.render() for each in self._problems).replace("{", "{{").replace("}", "}}"))

    def render(self, language: str = "en") -> str:
        """Return every condition that is not met, in a language."""
        return "; ".join(each.render(language) for each in self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return one problem for each condition."""
        return self._problems


class OrderState(Conflict):
    """An order is not in the state that is needed."""

    code = "SAL502"
    summary = _("The order is in another state.")


class ReturnTooLarge(Conflict):
    """More is to come back than was bought and has not come back yet."""

    code = "SAL503"
    summary = _("More is to come back than was bought.")
