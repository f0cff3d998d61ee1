"""Exponentially weighted means over time with their limits, for groups of unequal size. Knows not what is watched."""

from __future__ import annotations

import math
from collections.abc import Sequence

from crmkit.engines.statistics.control import ControlChart, ControlPoint
from crmkit.engines.statistics.distributions import check_sizes

WEIGHT = 0.2
WIDTH = 2.962
"""With these a process that does not change signals once in 500 points: Lucas & Saccucci (1990), Technometrics 32."""


def ewma_chart(
    values: Sequence[float],
    errors: Sequence[float],
    *,
    centre: float,
    weight: float = WEIGHT,
    width: float = WIDTH,
) -> ControlChart:
    """Return the weighted means of values with standard errors, beginning at the centre, with exact limits.

    z_t = λ x_t + (1 - λ) z_(t-1), with variance λ² σ_t² + (1 - λ)² Var z_(t-1): Montgomery (2013), Introduction to
    Statistical Quality Control, 7th ed., section 9.2; for equal errors that is equations 9.25 and 9.26. Raises
    InvalidInput for no values.
    """
    check_sizes(values, 1)
    mean, variance = centre, 0.0
    points: list[ControlPoint] = []
    for value, error in zip(values, errors, strict=True):
        mean = weight * value + (1 - weight) * mean
        variance = (weight * error) ** 2 + (1 - weight) ** 2 * variance
        reach = width * math.sqrt(variance)
        points.append(ControlPoint(value=mean, low=centre - reach, high=centre + reach))
    return ControlChart(centre=centre, points=points)
