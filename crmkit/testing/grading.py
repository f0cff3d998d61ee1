"""The grade of a plugin: how much of what the checks ask holds.

Must not know how anything is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import field, frozen

from crmkit.hooks.contributions import Finding
from crmkit.testing.codes import CODES

Grade = Literal["none", "bronze", "silver", "gold"]
GRADES: tuple[Grade, ...] = ("bronze", "silver", "gold")
"""The grades from the lowest to the highest. Each needs what the one before it needs."""

_BEGINNINGS: Mapping[Grade, tuple[str, ...]] = {
    "bronze": ("CK1", "CK2", "CK3", "CK4", "CK901", "CK902"),
    "silver": ("CK5", "CK6", "CK903"),
    "gold": ("CK7", "CK8", "CK904", "CK905", "CK906"),
}
"""What each grade needs besides: the beginnings of codes."""


@frozen(kw_only=True)
class Graded:
    """What came of the checks: the grade, and what keeps the plugin from the next one, by code."""

    grade: Grade
    next: Grade | None
    missing: tuple[str, ...] = field(default=(), converter=tuple)


def needed_for(code: str) -> Grade:
    """Return the lowest grade that needs what a code stands for; a code that is not listed is that of an error of
    crmkit's own, with which a plugin has no grade at all."""
    if code not in CODES:
        return "bronze"
    return next(grade for grade, beginnings in _BEGINNINGS.items() if code.startswith(beginnings))


def graded(findings: Iterable[Finding]) -> Graded:
    """Return the grade for what the checks found: errors and warnings stand in its way, and what was not asked."""
    found = list(findings)
    wrong = {item.code for item in found if item.level in ("error", "warning")}
    asked = {item.code for item in found}
    reached: Grade = "none"
    for grade in GRADES:
        needed = [code for code in CODES if needed_for(code) == grade and code not in NEVER_ASKED]
        missing = tuple(code for code in needed if code in wrong or code not in asked)
        if missing:
            return Graded(grade=reached, next=grade, missing=missing)
        reached = grade
    return Graded(grade=reached, next=None)


NEVER_ASKED = frozenset(("CK803",))
"""Codes that only measure."""


def reaches(grade: Grade, wanted: Grade) -> bool:
    """Say whether a grade is another one, or better."""
    order: tuple[Grade, ...] = ("none", *GRADES)
    return order.index(grade) >= order.index(wanted)
