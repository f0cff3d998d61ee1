"""How two figures of the same customers go together: rank correlation with its interval. Must not know the database."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen

Z = 1.959964


@frozen(kw_only=True)
class Correlation:
    """Spearman's rank correlation (−1 to 1) with the ends of its 95% interval, None where there are too few values.

    The interval is Fisher's, with the standard error of Bonett & Wright (2000) for ranks.
    """

    n: int
    value: float | None
    low: float | None
    high: float | None


def spearman(first: Sequence[float], second: Sequence[float]) -> Correlation:
    """Return how the orders of two figures of the same customers go together; ties share their mean rank."""
    n = len(first)
    if n < 4:
        return Correlation(n=n, value=None, low=None, high=None)
    a, b = ranks(first), ranks(second)
    middle = (n + 1) / 2
    top = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    bottom = math.sqrt(sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b))
    if not bottom:
        return Correlation(n=n, value=None, low=None, high=None)
    value = max(-1.0, min(1.0, top / bottom))
    reach = Z * math.sqrt((1 + value * value / 2) / (n - 3))
    place = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, value)))
    return Correlation(n=n, value=value, low=math.tanh(place - reach), high=math.tanh(place + reach))


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value from 1 on; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            found[place] = (start + end) / 2 + 1
        start = end + 1
    return found
