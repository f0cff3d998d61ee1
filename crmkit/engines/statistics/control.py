"""What is unusual: control limits of shares, rates and single values over time, and robust distances from the median.

Must not know what is watched.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

from attrs import field, frozen

from crmkit.engines.statistics.distributions import check_counts, check_sizes


@frozen(kw_only=True)
class ControlPoint:
    """A value with the limits within which chance alone keeps it."""

    value: float
    low: float
    high: float

    @property
    def signals(self) -> bool:
        """Say whether the value lies outside its limits."""
        return not self.low <= self.value <= self.high


@frozen(kw_only=True)
class ControlChart:
    """The centre line and the points of a control chart, in the order of time."""

    centre: float
    points: tuple[ControlPoint, ...] = field(converter=tuple)

    @property
    def signals(self) -> tuple[int, ...]:
        """Return the positions of the values that lie outside their limits, from 0."""
        return tuple(index for index, point in enumerate(self.points) if point.signals)


def p_chart(counts: Sequence[float], sizes: Sequence[int]) -> ControlChart:
    """Return the chart of shares (``counts`` of ``sizes``), with limits of three standard errors.

    Shewhart (1931); Montgomery (2013), Introduction to Statistical Quality Control, 7th ed., section 7.2. Samples
    without observations are left out. Raises InvalidInput for counts that exceed their sizes, and for no observations.
    """
    check_counts(*zip(counts, sizes, strict=True))
    return _attributes(counts, sizes, bounded=True)


def u_chart(counts: Sequence[float], sizes: Sequence[float]) -> ControlChart:
    """Return the chart of rates (``counts`` of events in ``sizes`` units), with limits of three standard errors.

    Montgomery (2013), section 7.3. Samples without units are left out. Raises InvalidInput for negative counts, and for
    no units at all.
    """
    check_counts(*((0, value) for value in (*counts, *sizes)))
    return _attributes(counts, sizes, bounded=False)


def _attributes(counts: Sequence[float], sizes: Sequence[float], *, bounded: bool) -> ControlChart:
    pairs = [(count, size) for count, size in zip(counts, sizes, strict=True) if size]
    check_sizes(pairs, 1)
    centre = math.fsum(count for count, _size in pairs) / math.fsum(size for _count, size in pairs)
    variance = centre * (1 - centre) if bounded else centre
    points: list[ControlPoint] = []
    for count, size in pairs:
        reach = 3 * math.sqrt(variance / size)
        high = centre + reach
        points.append(
            ControlPoint(value=count / size, low=max(0.0, centre - reach), high=min(1.0, high) if bounded else high)
        )
    return ControlChart(centre=centre, points=points)


def xmr_chart(values: Sequence[float]) -> ControlChart:
    """Return the chart of single values, with limits by the mean moving range of two (divided by d2 = 1.128).

    Shewhart (1931); Wheeler (1993), Understanding Variation. Raises InvalidInput for fewer than two values.
    """
    check_sizes(values, 2)
    centre = statistics.fmean(values)
    moved = statistics.fmean(abs(second - first) for first, second in pairwise(values))
    reach = 3 * moved / 1.128
    points = [ControlPoint(value=value, low=centre - reach, high=centre + reach) for value in values]
    return ControlChart(centre=centre, points=points)


def robust_z(values: Sequence[float]) -> list[float]:
    """Return how far each value lies from the median, in robust standard deviations; more than 3.5 is unusual.

    0.6745 (x - median) / MAD: Iglewicz & Hoaglin (1993), How to Detect and Handle Outliers, section 3.2. Where more
    than half of the values are equal, MAD is 0 and the mean absolute deviation from the median (times 1.2533) takes its
    place; where all are, every distance is 0.
    """
    if not values:
        return []
    middle = statistics.median(values)
    away = [abs(value - middle) for value in values]
    scale = statistics.median(away) / 0.6745 or 1.253314 * statistics.fmean(away)
    return [(value - middle) / scale if scale else 0.0 for value in values]
