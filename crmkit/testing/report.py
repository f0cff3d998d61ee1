"""How a check says what it found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import Finding
from crmkit.i18n import Text
from crmkit.testing.codes import CODES


def broken(code: str, message: str, hint: str = "", **values: object) -> Finding:
    """Return the finding that something does not hold. Raises KeyError for a code that is not listed."""
    assert CODES[code]
    return Finding(level="error", code=code, message=message, hint=hint, values=values)


def doubtful(code: str, message: str, hint: str = "", **values: object) -> Finding:
    """Return the finding that something deserves a look."""
    assert CODES[code]
    return Finding(level="warning", code=code, message=message, hint=hint, values=values)


def noted(code: str, message: str, hint: str = "", **values: object) -> Finding:
    """Return something that is worth knowing and counts for nothing."""
    assert CODES[code]
    return Finding(level="info", code=code, message=message, hint=hint, values=values)


def from_error(error: BaseException, code: str, *, always: bool = False) -> Finding:
    """Return the finding for an error: with its own code where that is listed, else, or ``always``, with ``code``."""
    if isinstance(error, CrmkitError):
        own = error.code if error.code in CODES and not always else code
        return Finding(level="error", code=own, message=error.render().replace("{", "{{").replace("}", "}}"))
    text = reason_of(error)
    return Finding(level="error", code=code, message=text.replace("{", "{{").replace("}", "}}"))


def reason_of(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def held(findings: Iterable[Finding], asked: Iterable[str]) -> list[Finding]:
    """Return a finding "ok" for each code that was asked about and has nothing against it, by code."""
    against = {item.code for item in findings if item.level == "error"}
    return [Finding(level="ok", code=code, message=CODES[code]) for code in sorted(set(asked) - against)]


def sentence(finding: Finding, language: str = "en") -> str:
    """Return a finding as one line: its code, what it says, and what to do."""
    from crmkit.i18n import translate

    text = translate(finding.message, language, **finding.values)
    hint = translate(finding.hint, language, **finding.values) if finding.hint else ""
    return f"{finding.code} {text} {hint}".strip()


def named(names: Iterable[Any]) -> str | Text:
    """Return names as one text."""
    return ", ".join(sorted(str(name) for name in names))
