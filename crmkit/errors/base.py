"""What every error is made of: a code, what is wrong, whose it is and what would be right.

A door shows an error with `CrmkitError.render`; ``str(error)`` is the English form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from crmkit.i18n import Text, texts, translate

_ = texts("crmkit")


class Plain(str):
    """A value of an error that nobody typed and that is about nobody, such as a table's name: logs may show it."""


class Problem:
    """One thing that is wrong with an input: which field, what value, what would be right.

    ``field`` is a dotted path (``contact_points.0.value``) or None when it concerns the whole; ``hint`` says what would
    be right. ``value`` is what was given; it is shown only to the person who gave it, never logged.
    """

    __slots__ = ("code", "field", "hint", "message", "value", "values")

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        value: object = None,
        hint: str | None = None,
        **values: object,
    ) -> None:
        self.code = code
        self.message = message
        self.field = field
        self.value = value
        self.hint = hint
        self.values = values

    def render(self, language: str = "en") -> str:
        """Return the problem as one sentence or two in a language, without its code."""
        values = {"value": self.value, "field": self.field, **self.values}
        text = translate(self.message, language, **values)
        if self.hint:
            text = f"{text} {translate(self.hint, language, **values)}"
        return f"{self.field}: {text}" if self.field else text

    def __repr__(self) -> str:
        return f"Problem({self.code!r}, {self.render()!r})"


def problem_of(code: str, message: str, hint: str | None, values: Mapping[str, Any]) -> Problem:
    """Return the problem that an error's message and values make; ``field`` and ``value`` among them are its own."""
    rest = {name: value for name, value in values.items() if name not in ("field", "value")}
    return Problem(code, message, field=values.get("field"), value=values.get("value"), hint=hint, **rest)


class CrmkitError(Exception):
    """The root of the tree. ``code`` is stable; ``message`` may be reworded at any time."""

    code: ClassVar[str] = "CK000"
    summary: ClassVar[Text] = _("Something went wrong.")
    raised_by: str | None = None
    """The plugin whose hook raised the error, if one did; set by the dispatcher."""

    def __init__(self, message: str | None = None, *, fix: str | None = None, **values: object) -> None:
        super().__init__(message or self.summary)
        self.message: str = message or self.summary
        self.fix = fix
        self.values = values

    def render(self, language: str = "en") -> str:
        """Return what is wrong and what to do, in a language, without the code."""
        text = translate(self.message, language, **self.values)
        return f"{text} {translate(self.fix, language, **self.values)}" if self.fix else text

    def __str__(self) -> str:
        return f"{self.code} {self.render()}"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the single problems that the error is made of; at least one."""
        return (problem_of(self.code, self.message, self.fix, self.values),)
