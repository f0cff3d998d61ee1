"""How far two people agree beyond chance: Cohen's kappa of any categories. Pure; must not know where codings are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence

from attrs import frozen

Z = 1.959963984540054
"""The quantile of the normal distribution for an interval of 95%."""


@frozen(kw_only=True)
class Kappa:
    """Cohen's kappa with the ends of its 95% interval, the part in which both said the same, and of how many."""

    value: float
    low: float
    high: float
    same: float
    count: int


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Kappa | None:
    """Return how far two raters agree beyond chance, None where chance alone would have them always agree.

    Cohen, A coefficient of agreement for nominal scales, 1960; the standard error is that for large samples of Fleiss,
    Cohen and Everitt, Large sample standard errors of kappa and weighted kappa, 1969.
    """
    n = len(pairs)
    if not n:
        return None
    cells = Counter(pairs)
    rows, columns = Counter(first for first, _second in pairs), Counter(second for _first, second in pairs)
    same = sum(count for (first, second), count in cells.items() if first == second) / n
    chance = sum(rows[each] * columns[each] for each in rows) / n**2
    if chance >= 1:
        return None
    value = (same - chance) / (1 - chance)
    spread = 0.0
    for (first, second), count in cells.items():
        if first == second:
            spread += count / n * (1 - (rows[first] + columns[first]) / n * (1 - value)) ** 2
        else:
            spread += count / n * ((columns[first] + rows[second]) / n * (1 - value)) ** 2
    spread -= (value - chance * (1 - value)) ** 2
    reach = Z * math.sqrt(max(spread, 0.0) / n) / (1 - chance)
    return Kappa(value=value, low=max(-1.0, value - reach), high=min(1.0, value + reach), same=same, count=n)
