"""What the evidence for a pair says, in words that people understand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from crmkit import texts
from crmkit.i18n import Text

_ = texts("crmkit_quality")

COMPARISONS: Mapping[str, Text] = {
    "family name": _("Family name"),
    "given name": _("Given name"),
    "middle name": _("Middle name"),
    "name": _("Name"),
    "birth date": _("Date of birth"),
    "gender": _("Gender"),
    "household": _("Household or office"),
    "employer": _("Employer"),
    "registration": _("Registration number"),
    "identity": _("Identity number"),
    "identifier": _("Id of another system"),
    "domain": _("Website and domain of e-mail"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "street": _("Street"),
    "locality": _("Place"),
}
LEVELS: Mapping[str, Text] = {
    "exact": _("the same"),
    "same": _("the same"),
    "same reading": _("read the same"),
    "short form": _("a short form of the other"),
    "close": _("nearly the same"),
    "part": _("one is part of the other"),
    "exchanged": _("exchanged"),
    "near": _("similar"),
    "different": _("different"),
    "initial": _("the same initial"),
    "one digit": _("one digit is another"),
    "two parts": _("two of day, month and year agree"),
    "same year": _("the same year"),
    "possible": _("may be two of one household"),
    "form missing": _("the same, one without its legal form"),
    "other form": _("the same with another legal form"),
    "other place": _("the same at another place"),
    "one character": _("one character is another"),
    "two characters": _("two characters are others"),
    "other provider": _("the same name at another provider"),
    "no number": _("the same road, one without a number"),
    "other number": _("the same road, another number"),
    "postal code and city": _("postal code and city agree"),
    "postal code": _("the postal code agrees"),
    "city and close postal code": _("the city agrees, the postal code nearly"),
    "city": _("the city agrees"),
    "close postal code": _("the postal code nearly agrees"),
    "province": _("the province agrees"),
}
STRONG = 6.0
"""Bits from which a comparison says much: 64 times likelier in one of the two cases."""


@frozen(kw_only=True)
class Line:
    """What one comparison says: what was compared, how it agrees, and how much that speaks for or against, from -3 to
    3. ``weight`` is in bits."""

    title: str
    level: str
    weight: float
    strength: int

    @property
    def said(self) -> Text:
        """Return the strength in words."""
        return _STRENGTHS[self.strength]


_STRENGTHS: Mapping[int, Text] = {
    3: _("speaks strongly for it"),
    2: _("speaks for it"),
    1: _("speaks a little for it"),
    0: _("says nothing"),
    -1: _("speaks a little against it"),
    -2: _("speaks against it"),
    -3: _("speaks strongly against it"),
}


def lines_of(evidence: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Return what the evidence of a pair says, what says most first."""
    found = [
        Line(
            title=title_of(str(each["comparison"])),
            level=level_of(str(each["level"])),
            weight=float(each["weight"]),
            strength=strength_of(float(each["weight"])),
        )
        for each in evidence
    ]
    return sorted(found, key=lambda line: -abs(line.weight))


def title_of(comparison: str) -> str:
    """Return the title of what is compared; of a custom field its name."""
    return COMPARISONS.get(comparison) or comparison.removeprefix("custom.")


def level_of(level: str) -> str:
    """Return in words how far two values agree."""
    return LEVELS.get(level) or level


def strength_of(weight: float) -> int:
    """Return from -3 to 3 how strongly a weight in bits speaks for two records being one."""
    size = abs(weight)
    step = 3 if size >= STRONG else 2 if size >= STRONG / 2 else 1 if size >= 0.5 else 0
    return step if weight > 0 else -step


def reason_of_lines(lines: Iterable[Line]) -> str:
    """Return what speaks most for a pair, of lines that say most first."""
    best = next((line for line in lines if line.weight > 0), None)
    return best.title if best is not None else ""


_REASONS: Mapping[str, Text] = {
    "family name": _("The name is alike"),
    "given name": _("The name is alike"),
    "name": _("The name is alike"),
    "birth date": _("The date of birth is alike"),
    "email": _("The e-mail address is alike"),
    "phone": _("The phone number is alike"),
    "street": _("The address is alike"),
    "locality": _("The address is alike"),
}


def reason_of(evidence: Iterable[Any]) -> str:
    """Return in a few words what speaks most for a pair."""
    best = max(evidence, key=lambda each: each.weight, default=None)
    if best is None or best.weight <= 0:
        return _("Much of it is alike")
    return _REASONS.get(best.comparison) or _("Much of it is alike")
