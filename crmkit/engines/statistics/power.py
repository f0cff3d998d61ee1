"""How many observations a test needs, and what a number of them can show. Must not know what is tested."""

from __future__ import annotations

import math

from crmkit.engines.statistics.distributions import NORMAL, quantile
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


def size_for_shares(
    base: float, expected: float, *, power: float = 0.8, confidence: float = 0.95, ratio: float = 1.0
) -> int:
    """Return how many a control group needs so that a test of two shares shows the difference with a power.

    The other group has ``ratio`` times as many. Fleiss, Levin & Paik (2003), Statistical Methods for Rates and
    Proportions, 3rd ed., section 4.2, without continuity correction. Raises InvalidInput for shares outside 0 to 1 or
    without a difference.
    """
    _check(base != expected and 0 <= base <= 1 and 0 <= expected <= 1, power, ratio)
    pooled = (base + ratio * expected) / (1 + ratio)
    chance = quantile(confidence) * math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    reached = NORMAL.inv_cdf(power) * math.sqrt(base * (1 - base) + expected * (1 - expected) / ratio)
    return math.ceil(((chance + reached) / (base - expected)) ** 2)


def size_for_means(
    difference: float, deviation: float, *, power: float = 0.8, confidence: float = 0.95, ratio: float = 1.0
) -> int:
    """Return how many a control group needs so that a test of two means shows a difference with a power.

    ``deviation`` is the standard deviation within a group. Normal approximation with the correction of Guenther (1981),
    The American Statistician 35, 243-244. Raises InvalidInput as `size_for_shares` does.
    """
    _check(difference != 0 and deviation > 0, power, ratio)
    z = quantile(confidence)
    size = (1 + 1 / ratio) * ((z + NORMAL.inv_cdf(power)) * deviation / difference) ** 2
    return math.ceil(size + z * z / 4)


def power_of_shares(base: float, expected: float, n: int, *, confidence: float = 0.95, ratio: float = 1.0) -> float:
    """Return the power of a test of two shares with ``n`` in the control group; the inverse of `size_for_shares`.

    Raises InvalidInput as that does.
    """
    _check(base != expected and 0 <= base <= 1 and 0 <= expected <= 1 and n > 0, 0.5, ratio)
    pooled = (base + ratio * expected) / (1 + ratio)
    chance = quantile(confidence) * math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    spread = math.sqrt(base * (1 - base) + expected * (1 - expected) / ratio)
    return NORMAL.cdf((abs(base - expected) * math.sqrt(n) - chance) / spread) if spread else 1.0


def _check(sound: bool, power: float, ratio: float) -> None:
    if not (sound and 0 < power < 1 and ratio > 0):
        raise InvalidInput([Problem("CK500", _("A plan needs a difference, a spread and a power between 0 and 1."))])
