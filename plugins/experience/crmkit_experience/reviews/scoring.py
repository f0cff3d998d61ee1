"""What a review comes to: the scores of its categories, weighted. Pure; must not know where reviews are kept.

Formula: a category's score is (s - low) / (high - low); a review's is the mean of those that apply, weighted, in per
cent; a critical category below half makes it 0. The quality of several reviews (IQS) is their mean. This is how Zendesk
QA documents its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

HALF = 0.5
MOST = 40
"""Categories that a scorecard has at most."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@frozen(kw_only=True)
class Category:
    """A category of a scorecard: its ``weight`` (0 to 100), its scale from ``low`` to ``high``, whether it is
    ``critical``, whether it may be left out as not applying, and a hint for the reviewer."""

    key: str
    title: str
    weight: int = 10
    low: int = 0
    high: int = 4
    critical: bool = False
    optional: bool = True
    hint: str = ""


@frozen(kw_only=True)
class Result:
    """What a review comes to: ``score`` (0 to 100, None where nothing with a weight applies), the share (0 to 1) of
    each category that applies, and the critical ones that failed."""

    score: float | None
    shares: Mapping[str, float]
    failed: tuple[str, ...]


def categories_of(content: Mapping[str, Any]) -> list[Category]:
    """Return the categories of a scorecard's content."""
    return [
        Category(
            key=each["key"],
            title=each["title"],
            weight=each.get("weight", 10),
            low=each.get("low", 0),
            high=each.get("high", 4),
            critical=each.get("critical", False),
            optional=each.get("optional", True),
            hint=each.get("hint", ""),
        )
        for each in content.get("categories", ())
    ]


def share_of(category: Category, given: int) -> float:
    """Return what a category reaches of its scale, 0 to 1. Raises ValueError for what is not on the scale."""
    if not category.low <= given <= category.high:
        raise ValueError(category.key)
    return (given - category.low) / (category.high - category.low)


def result_of(categories: Sequence[Category], scores: Mapping[str, int | None]) -> Result:
    """Return what scores come to; a category without one does not apply. Raises ValueError for what is not on the
    scale."""
    shares: dict[str, float] = {}
    for each in categories:
        given = scores.get(each.key)
        if given is not None:
            shares[each.key] = share_of(each, given)
    failed = tuple(each.key for each in categories if each.critical and shares.get(each.key, 1.0) < HALF)
    counted = [(each.weight, shares[each.key]) for each in categories if each.key in shares]
    whole = sum(weight for weight, _share in counted)
    score = 100 * math.fsum(weight * share for weight, share in counted) / whole if whole else None
    return Result(score=0.0 if failed else score, shares=shares, failed=failed)


def iqs(scores: Sequence[float]) -> float | None:
    """Return the quality of several reviews: their mean; None without any."""
    return math.fsum(scores) / len(scores) if scores else None


def faults(categories: Sequence[Category]) -> list[tuple[str, str]]:
    """Return what is wrong with the categories of a scorecard: the field, and a word of `crmkit_experience.reviews`
    that says what."""
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    for place, each in enumerate(categories):
        at = f"categories.{place}"
        if not _KEY.fullmatch(each.key):
            found.append((f"{at}.key", "key"))
        if each.key in seen:
            found.append((f"{at}.key", "twice"))
        seen.add(each.key)
        if not each.title.strip():
            found.append((f"{at}.title", "title"))
        if not 0 <= each.weight <= 100:
            found.append((f"{at}.weight", "weight"))
        if each.low >= each.high:
            found.append((f"{at}.high", "scale"))
    if not categories or not any(each.weight for each in categories):
        found.append(("categories", "none"))
    if len(categories) > MOST:
        found.append(("categories", "many"))
    return found
