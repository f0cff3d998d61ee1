"""Tails and quantiles that the other modules share, and the way to the libraries of the extra.

The normal and the chi-square distribution are plain Python; Student's t and resampling ask for the extra. Must not
know what is estimated.
"""

from __future__ import annotations

import math
from importlib import import_module
from statistics import NormalDist
from typing import Any

from attrs import frozen

from crmkit.errors import InvalidInput, MissingExtra, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

NORMAL = NormalDist()


@frozen(kw_only=True)
class Estimate:
    """A value with its confidence interval, from how many observations, at which confidence (0 to 1).

    ``value`` is None where there is nothing to estimate from; ``low`` and ``high`` are None where a side is unbounded.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    confidence: float = 0.95

    def excludes(self, value: float) -> bool:
        """Say whether a value lies outside the interval."""
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)


@frozen(kw_only=True)
class Significance:
    """What a test found: its statistic, its two-sided p-value, and the degrees of freedom if it has any."""

    statistic: float
    p_value: float
    degrees: float | None = None


def quantile(confidence: float) -> float:
    """Return how many standard errors an interval of a confidence reaches to each side (1.96 for 0.95).

    Raises InvalidInput for a confidence that does not lie between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InvalidInput([Problem("CK500", _("A confidence lies between 0 and 1."), field="confidence")])
    return NORMAL.inv_cdf((1 + confidence) / 2)


def two_sided(z: float) -> float:
    """Return the probability that a standard normal variable lies farther from 0 than ``z``, to the last digit."""
    return math.erfc(abs(z) / math.sqrt(2))


def chi_square_tail(value: float, degrees: int) -> float:
    """Return the probability that a chi-square variable exceeds a value.

    Exact finite sum for whole degrees of freedom: Abramowitz & Stegun (1964), 26.4.4 and 26.4.5.
    """
    if value <= 0 or degrees < 1:
        return 1.0
    half, power = value / 2, 0.5 if degrees % 2 else 0.0
    total = math.erfc(math.sqrt(half)) if degrees % 2 else 0.0
    while power < degrees / 2:
        total += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
        power += 1
    return min(total, 1.0)


def library(name: str) -> Any:
    """Return a module of the extra, such as ``scipy.stats``. Raises MissingExtra when it is not installed."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtra(
            _("The library for this statistic is not installed."), fix=_("Install crmkit[statistics].")
        ) from error


def student_quantile(probability: float, degrees: float) -> float:
    """Return the quantile of Student's t. Raises MissingExtra."""
    return float(library("scipy.special").stdtrit(degrees, probability))


def student_two_sided(t: float, degrees: float) -> float:
    """Return the probability that Student's t lies farther from 0 than ``t``. Raises MissingExtra."""
    return min(1.0, 2 * float(library("scipy.special").stdtr(degrees, -abs(t))))


def check_counts(*pairs: tuple[float, float]) -> None:
    """Raise InvalidInput unless each pair (part, whole) has 0 ≤ part ≤ whole."""
    if not all(0 <= part <= whole for part, whole in pairs):
        raise InvalidInput([Problem("CK500", _("A part is neither negative nor more than the whole."))])


def check_sizes(values: Any, least: int) -> None:
    """Raise InvalidInput when there are fewer observations than a statistic needs."""
    if len(values) < least:
        raise InvalidInput([Problem("CK500", _("At least {count} observations are needed."), count=least)])
