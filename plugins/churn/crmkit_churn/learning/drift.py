"""Whether customers are still like those whom a model has learnt from: the population stability index.

Must not know models nor the database.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

Standing = Literal["stable", "watch", "act"]
WATCH, ACT = 0.1, 0.25
"""Below the first nothing has changed, above the second something has to be done (Siddiqi 2006)."""
_LEAST = 1e-4
OTHER = "…"
NOTHING = ""


@frozen(kw_only=True)
class Reference:
    """How a feature, or a score, was spread when the model learnt: shares by bins of numbers (``cuts`` ascend; a value
    equal to a cut is above it) or by values of texts; ``missing`` is the share without any."""

    cuts: tuple[float, ...] = field(default=(), converter=tuple)
    values: tuple[str, ...] = field(default=(), converter=tuple)
    shares: tuple[float, ...] = field(converter=tuple)
    missing: float = 0.0

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers."""
        return {
            "cuts": list(self.cuts),
            "values": list(self.values),
            "shares": list(self.shares),
            "missing": self.missing,
        }


def reference_of(document: Mapping[str, Any]) -> Reference:
    """Return the reference that was kept as a document."""
    return Reference(**document)


def reference(values: Sequence[float | str | None], bins: int = 10) -> Reference:
    """Return how values are spread: numbers by quantiles in at most so many bins, texts by their values."""
    known = [each for each in values if each is not None]
    if any(isinstance(each, str) for each in known):
        names = [name for name, _count in Counter(map(str, known)).most_common(bins * 2)]
        made = Reference(values=tuple(names), shares=())
    else:
        ordered = sorted(float(each) for each in known)
        cuts = sorted({ordered[len(ordered) * place // bins] for place in range(1, bins)}) if ordered else []
        made = Reference(cuts=tuple(cuts[1:] if ordered and cuts and cuts[0] == ordered[0] else cuts), shares=())
    shares, missing = spread(values, made)
    return Reference(cuts=made.cuts, values=made.values, shares=shares, missing=missing)


def spread(values: Sequence[float | str | None], by: Reference) -> tuple[list[float], float]:
    """Return the shares of values in the bins of a reference, and the share that is missing."""
    from bisect import bisect_right

    size = len(by.values) + 1 if by.values else len(by.cuts) + 1
    counts, missing = [0] * size, 0
    places = {name: place for place, name in enumerate(by.values)}
    for each in values:
        if each is None:
            missing += 1
        elif by.values:
            counts[places.get(str(each), size - 1)] += 1
        else:
            counts[bisect_right(by.cuts, float(each))] += 1
    total = max(len(values), 1)
    return [count / total for count in counts], missing / total


def psi(values: Sequence[float | str | None], by: Reference) -> float:
    """Return the population stability index of values against a reference: Σ (now − then)·ln(now ÷ then), the missing
    ones being a bin. A share of nothing counts as 1 in 10,000."""
    now, missing = spread(values, by)
    pairs = [*zip(now, by.shares, strict=True), (missing, by.missing)]
    kept = [(max(a, _LEAST), max(b, _LEAST)) for a, b in pairs if a or b]
    return math.fsum((a - b) * math.log(a / b) for a, b in kept)


def standing(index: float) -> Standing:
    """Return what an index says."""
    return "stable" if index < WATCH else "watch" if index <= ACT else "act"
