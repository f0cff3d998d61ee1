"""How far raters agree beyond chance: Cohen's and Fleiss' kappa, Krippendorff's alpha. Pure; plain Python.

Intervals are percentiles of resampled conversations: each draw takes as many conversations as there are, with
replacement, and all of their ratings (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). A draw
in which the coefficient is not defined is left out. Must not know what is rated.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal

from crmkit.engines.statistics.distributions import Estimate

Level = Literal["nominal", "ordinal", "interval"]
RESAMPLES = 1000
_FEW = 5
"""Fewer draws in which the coefficient is defined give no interval."""


def cohen(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Return Cohen's kappa of two raters, None where chance alone would have them always agree.

    Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960.
    """
    n = len(pairs)
    if not n:
        return None
    same = sum(first == second for first, second in pairs) / n
    one, two = Counter(first for first, _other in pairs), Counter(second for _other, second in pairs)
    chance = sum(one[each] * two[each] for each in one) / n**2
    return (same - chance) / (1 - chance) if chance < 1 else None


def fleiss(units: Sequence[Sequence[Hashable]]) -> float | None:
    """Return Fleiss' kappa of units that were rated equally often, None where there is nothing to tell.

    Fleiss, Measuring nominal scale agreement among many raters, Psychological Bulletin 76, 1971. Raises ValueError for
    units with unequal numbers of ratings.
    """
    if not units:
        return None
    raters = len(units[0])
    if any(len(each) != raters for each in units):
        raise ValueError("every unit needs as many ratings as the others")
    if raters < 2:
        return None
    counts = [Counter(each) for each in units]
    within = [(sum(n * n for n in each.values()) - raters) / (raters * (raters - 1)) for each in counts]
    whole = sum(counts, Counter[Hashable]())
    size = len(units) * raters
    chance = sum((n / size) ** 2 for n in whole.values())
    return (sum(within) / len(units) - chance) / (1 - chance) if chance < 1 else None


def alpha(units: Sequence[Sequence[float | None]], level: Level = "nominal") -> float | None:
    """Return Krippendorff's alpha of units, each with the ratings it has (None is none), None where nothing varies.

    Krippendorff, Computing Krippendorff's alpha-reliability, 2011. Nominal values are the same or not, ordinal ones
    differ by the ranks between them, interval ones by their squared difference.
    """
    return _alpha([_coincidences(each) for each in units], level)


def _coincidences(unit: Sequence[float | None]) -> Counter[tuple[float, float]]:
    """Return how often each pair of values occurs in a unit, shared out over its raters less one."""
    there = Counter(each for each in unit if each is not None)
    size = sum(there.values())
    found: Counter[tuple[float, float]] = Counter()
    if size < 2:
        return found
    for one, first in there.items():
        for two, second in there.items():
            pairs = first * (second - (one == two))
            if pairs:
                found[one, two] = pairs / (size - 1)  # type: ignore[assignment]
    return found


def _alpha(units: Sequence[Counter[tuple[float, float]]], level: Level) -> float | None:
    cells: dict[tuple[float, float], float] = {}
    for unit in units:
        for pair, count in unit.items():
            cells[pair] = cells.get(pair, 0.0) + count
    sums: dict[float, float] = {}
    for (one, _two), count in cells.items():
        sums[one] = sums.get(one, 0.0) + count
    size = sum(sums.values())
    if size <= 1:
        return None
    far = _distances(sums, level)
    observed = sum(count * far(one, two) for (one, two), count in cells.items())
    expected = sum(sums[one] * sums[two] * far(one, two) for one in sums for two in sums)
    return 1 - (size - 1) * observed / expected if expected else None


def _distances(sums: dict[float, float], level: Level) -> Callable[[float, float], float]:
    if level == "nominal":
        return lambda one, two: float(one != two)
    if level == "interval":
        return lambda one, two: (one - two) ** 2
    before: dict[float, float] = {}
    running = 0.0
    for value in sorted(sums):
        before[value] = running + sums[value] / 2
        running += sums[value]
    # The ranks from the middle of the one to the middle of the other.
    return lambda one, two: (before[one] - before[two]) ** 2


def with_interval(
    units: Sequence[Any],
    coefficient: Callable[[Sequence[Any]], float | None],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return a coefficient with its 95% interval; ``seed`` makes the answer repeatable."""
    value, n = coefficient(units), len(units)
    if value is None or n < 2:
        return Estimate(value=value, low=None, high=None, n=n)
    chance = random.Random(seed)  # noqa: S311
    drawn = [coefficient([units[chance.randrange(n)] for _each in range(n)]) for _time in range(resamples)]
    found = sorted(each for each in drawn if each is not None)
    if len(found) < _FEW:
        return Estimate(value=value, low=None, high=None, n=n)
    last = len(found) - 1
    low, high = found[round(0.025 * last)], found[round(0.975 * last)]
    return Estimate(value=value, low=low, high=high, n=n)


def alpha_with_interval(
    units: Sequence[Sequence[float | None]], level: Level = "nominal", *, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """Return Krippendorff's alpha with its 95% interval, of the units that two raters or more have rated."""
    paired = [pairs for each in units if (pairs := _coincidences(each))]
    return with_interval(paired, lambda drawn: _alpha(drawn, level), seed=seed, resamples=resamples)
