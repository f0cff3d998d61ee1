"""What is wrong with an expression, and at which column. Must not know what expressions mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from crmkit.errors import ExpressionError, Problem
from crmkit.i18n import texts, translate

_ = texts("crmkit")


class Mistake(Problem):
    """A problem at a place: ``line`` and ``column`` count from 1; ``suggestion`` is what was probably meant."""

    __slots__ = ("column", "line", "suggestion")

    def __init__(self, message: str, *, line: int, column: int, suggestion: str | None, **more: object) -> None:
        super().__init__(ExpressionError.code, message, **more)  # type: ignore[arg-type]
        self.line = line
        self.column = column
        self.suggestion = suggestion

    def render(self, language: str = "en") -> str:
        """Return the problem in a language, beginning with its place."""
        place = _("Line {line}, column {column}") if self.line > 1 else _("Column {column}")
        rest = super().render(language)
        shown = f"{translate(place, language, line=self.line, column=self.column)}: {rest}"
        if self.suggestion is not None and not self.hint:
            shown += " " + translate(_("Did you mean {suggestion}?"), language, suggestion=self.suggestion)
        return shown


def mistake(
    text: str, at: int, message: str, *, fix: str | None = None, suggestion: str | None = None, **values: object
) -> ExpressionError:
    """Return the error for a mistake in ``text`` at the offset ``at``."""
    before = text[: max(at, 0)]
    return ExpressionError(
        [
            Mistake(
                message,
                line=before.count("\n") + 1,
                column=len(before) - before.rfind("\n"),
                suggestion=suggestion,
                hint=fix,
                **values,
            )
        ]
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return which of the known names was probably meant, or None."""
    names = {candidate.casefold(): candidate for candidate in known}
    wanted = name.casefold()[:100]
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=0.6)
    if not close:
        # Often the last part is right and what comes before the dot is not.
        close = [known for known in names if known.rpartition(".")[2] == wanted.rpartition(".")[2]][:1]
    return names[close[0]] if close else None
