"""Looking at a test while it runs: always-valid inference, and boundaries for planned looks.

Whoever looks at a fixed test again and again finds a difference where there is none. Must not know what is tested.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from crmkit.engines.statistics.distributions import NORMAL, Estimate, Significance, quantile, two_sided
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

_STEPS = 120
"""Intervals of Simpson's rule: enough for five digits of a boundary."""


def always_valid(
    difference: float, variance: float, scale: float, n: int, confidence: float = 0.95
) -> tuple[Estimate, Significance]:
    """Return the interval and the p-value of a difference that hold however often one looks and whenever one stops.

    Mixture sequential probability ratio test with a normal mixture: Robbins (1970), Annals of Mathematical Statistics
    41, 1397-1409; Johari, Koomen, Pekelis & Walsh (2022), Operations Research 70, 1806-1821. ``variance`` is the
    squared standard error of the difference, ``scale`` the size of the differences that matter (the mixture's standard
    deviation, to be chosen before the test), ``n`` the number of observations. Raises InvalidInput for a scale of 0.
    """
    quantile(confidence)
    if scale <= 0:
        raise InvalidInput([Problem("CK500", _("The difference that matters has to be more than 0."))])
    if variance <= 0:
        unknown = Estimate(value=difference, low=None, high=None, n=n, confidence=confidence)
        return unknown, Significance(statistic=1.0, p_value=1.0)
    mixed = variance + scale * scale
    log_ratio = 0.5 * math.log(variance / mixed) + difference**2 * scale**2 / (2 * variance * mixed)
    reach = math.sqrt(variance * mixed / scale**2 * (math.log(mixed / variance) - 2 * math.log(1 - confidence)))
    return (
        Estimate(value=difference, low=difference - reach, high=difference + reach, n=n, confidence=confidence),
        Significance(statistic=math.exp(min(log_ratio, 700)), p_value=min(1.0, math.exp(-log_ratio))),
    )


def spending_bounds(fractions: Sequence[float], confidence: float = 0.95) -> list[float]:
    """Return the value that z has to exceed at each planned look, by the O'Brien-Fleming spending of the error.

    ``fractions`` are the ascending parts of the planned observations that there are at each look, the last at most 1.
    Lan & DeMets (1983), Biometrika 70, 659-663; the integration is that of Armitage, McPherson & Rowe (1969), JRSS A
    132, 235-244. Raises InvalidInput for parts that do not ascend between 0 and 1.
    """
    edges = [0.0, *fractions]
    if len(edges) < 2 or edges[-1] > 1 or any(first >= second for first, second in pairwise(edges)):
        raise InvalidInput([Problem("CK500", _("The looks have to ascend between 0 and 1."), field="looks")])
    # Each side spends half of the error, by the function 2 - 2 Phi(z / sqrt(t)) of its own.
    z = quantile((1 + confidence) / 2)
    bounds: list[float] = []
    spent = 0.0
    density = [(0.0, 1.0)]
    for before, fraction in pairwise(edges):
        target = 2 * two_sided(z / math.sqrt(fraction))
        step = math.sqrt(fraction - before)
        edge = _edge(density, step, target - spent, 40 * math.sqrt(fraction))
        bounds.append(edge / math.sqrt(fraction))
        spent, density = target, _carried(density, step, edge)
    return bounds


def _edge(density: Sequence[tuple[float, float]], step: float, spend: float, limit: float) -> float:
    """Return the distance from 0 beyond which the process gets at this look with the probability to be spent."""
    low, high = 0.0, limit
    for _round in range(60):
        edge = (low + high) / 2
        crossed = math.fsum(
            mass * 0.5 * (math.erfc((edge - at) / step / math.sqrt(2)) + math.erfc((edge + at) / step / math.sqrt(2)))
            for at, mass in density
        )
        low, high = (edge, high) if crossed > spend else (low, edge)
    return high


def _carried(density: Sequence[tuple[float, float]], step: float, edge: float) -> list[tuple[float, float]]:
    """Return the masses of the process within its boundaries after the next look, on the points of Simpson's rule."""
    width = 2 * edge / _STEPS
    weights = [1, *([4, 2] * (_STEPS // 2))[:-1], 1]
    points = [-edge + width * index for index in range(_STEPS + 1)]
    return [
        (x, weight * width / 3 * math.fsum(mass * NORMAL.pdf((x - at) / step) / step for at, mass in density))
        for x, weight in zip(points, weights, strict=True)
    ]
