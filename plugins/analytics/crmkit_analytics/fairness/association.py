"""How closely two attributes of the same customers go together, whatever they are. Must not know the database."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

PARTS = 5
"""Numbers are taken in so many parts of equal size."""
MOST = 20
"""Of texts with more different values the rarer ones are taken together."""


def cramers_v(first: Sequence[Any], second: Sequence[Any]) -> float | None:
    """Return Cramér's V, 0 to 1, with the correction for chance of Bergsma (2013); None where one does not vary."""
    n = len(first)
    a, b = Counter(first), Counter(second)
    if n < 2 or len(a) < 2 or len(b) < 2:
        return None
    both = Counter(zip(first, second, strict=True))
    square = n * (sum(number * number / (a[x] * b[y]) for (x, y), number in both.items()) - 1)
    r, k = len(a), len(b)
    excess = max(square / n - (r - 1) * (k - 1) / (n - 1), 0.0)
    rows, columns = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    least = min(rows - 1, columns - 1)
    return math.sqrt(excess / least) if least > 0 else None


def classes_of(values: Sequence[Any]) -> list[str]:
    """Return values as classes: numbers and instants by fifths, texts as they are, nothing as such."""
    numbers = sorted(
        float(each) for each in values if isinstance(each, (int, float, Decimal)) and not isinstance(each, bool)
    )
    if numbers:
        cuts = sorted({numbers[len(numbers) * part // PARTS] for part in range(1, PARTS)})
        return ["–" if each is None else str(bisect_right(cuts, float(each))) for each in values]
    texts = ["–" if each is None else str(each) for each in values]
    kept = {name for name, _number in Counter(texts).most_common(MOST)}
    return [each if each in kept else "…" for each in texts]
