"""Confidence intervals: of a share, of a difference of shares, of a net share, a mean, a median, and by bootstrap.

Must not know what the numbers stand for.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any, Literal

from attrs import frozen

from crmkit.engines.statistics.distributions import (
    Estimate,
    check_counts,
    check_sizes,
    library,
    quantile,
    student_quantile,
)


@frozen(kw_only=True)
class Sample:
    """What a mean and its tests need to know of numbers: how many, their mean, their variance (n - 1)."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Sample:
        """Return the summary of numbers, summed without loss. A single number has variance 0."""
        n = len(values)
        mean = math.fsum(values) / n if n else 0.0
        spread = math.fsum((value - mean) ** 2 for value in values)
        return cls(n=n, mean=mean, variance=spread / (n - 1) if n > 1 else 0.0)

    @classmethod
    def of_sums(cls, n: int, total: float, squares: float) -> Sample:
        """Return the summary of numbers known by their count, their sum and the sum of their squares."""
        mean = total / n if n else 0.0
        return cls(n=n, mean=mean, variance=max(0.0, squares - total * mean) / (n - 1) if n > 1 else 0.0)

    @property
    def error(self) -> float:
        """Return the squared standard error of the mean."""
        return self.variance / self.n if self.n else math.inf


def wilson(successes: float, n: int, confidence: float = 0.95) -> Estimate:
    """Estimate a share by the score interval; 0 to 1 when there are no observations.

    Wilson (1927), JASA 22, 209-212. Recommended for all sizes by Brown, Cai & DasGupta (2001), Statistical Science 16.
    Raises InvalidInput for more successes than observations.
    """
    check_counts((successes, n))
    z = quantile(confidence)
    if not n:
        return Estimate(value=None, low=0.0, high=1.0, n=0, confidence=confidence)
    share, square = successes / n, z * z
    centre = (share + square / (2 * n)) / (1 + square / n)
    reach = z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # At the ends the interval begins at the end itself, which rounding misses by the last digit.
    low, high = 0.0 if not successes else centre - reach, 1.0 if successes == n else centre + reach
    return Estimate(value=share, low=low, high=high, n=n, confidence=confidence)


def adjusted_wald(successes: float, n: int, confidence: float = 0.95) -> Estimate:
    """Estimate a share by the Wald interval around an adjusted share, cut to 0 to 1.

    Agresti & Coull (1998), The American Statistician 52, 119-126: half of z² is added to successes and failures.
    Raises InvalidInput for more successes than observations.
    """
    check_counts((successes, n))
    z = quantile(confidence)
    size = n + z * z
    centre = (successes + z * z / 2) / size
    reach = z * math.sqrt(centre * (1 - centre) / size)
    value = successes / n if n else None
    return Estimate(
        value=value, low=max(0.0, centre - reach), high=min(1.0, centre + reach), n=n, confidence=confidence
    )


def newcombe(successes: float, n: int, base: float, base_n: int, confidence: float = 0.95) -> Estimate:
    """Estimate how much larger a share (``successes`` of ``n``) is than an independent one (``base`` of ``base_n``).

    Newcombe (1998), Statistics in Medicine 17, 873-890, method 10: from both score intervals. ``n`` of the result is
    that of both. Raises InvalidInput for more successes than observations.
    """
    one, two = wilson(successes, n, confidence), wilson(base, base_n, confidence)
    if one.value is None or two.value is None:
        return Estimate(value=None, low=-1.0, high=1.0, n=n + base_n, confidence=confidence)
    difference = one.value - two.value
    below = math.hypot(one.value - (one.low or 0), (two.high or 0) - two.value)
    above = math.hypot((one.high or 0) - one.value, two.value - (two.low or 0))
    low, high = max(-1.0, difference - below), min(1.0, difference + above)
    return Estimate(value=difference, low=low, high=high, n=n + base_n, confidence=confidence)


def net_share(positive: float, negative: float, n: int, confidence: float = 0.95, *, adjusted: bool = True) -> Estimate:
    """Estimate the share of the positive minus that of the negative (a Net Promoter Score, as -1 to 1).

    Rocks (2016), The American Statistician 70, 365-372: Wald after adding 3/4 to both and 3 to the size, or plain Wald.
    The interval is not cut to -1 to 1. Raises InvalidInput when the two are more than all.
    """
    check_counts((positive, n), (negative, n), (positive + negative, n))
    z, extra = quantile(confidence), 3 if adjusted else 0
    value = (positive - negative) / n if n else None
    size = n + extra
    if not size:
        return Estimate(value=None, low=None, high=None, n=0, confidence=confidence)
    plus, minus = (positive + extra / 4) / size, (negative + extra / 4) / size
    reach = z * math.sqrt((plus + minus - (plus - minus) ** 2) / size)
    return Estimate(value=value, low=plus - minus - reach, high=plus - minus + reach, n=n, confidence=confidence)


def mean_interval(values: Sequence[float] | Sample, confidence: float = 0.95) -> Estimate:
    """Estimate a mean by Student's t; unbounded when there are fewer than two observations.

    Student (1908), Biometrika 6, 1-25. Raises MissingExtra.
    """
    sample = values if isinstance(values, Sample) else Sample.of(values)
    quantile(confidence)
    if sample.n < 2:
        value = sample.mean if sample.n else None
        return Estimate(value=value, low=None, high=None, n=sample.n, confidence=confidence)
    reach = student_quantile((1 + confidence) / 2, sample.n - 1) * math.sqrt(sample.error)
    return Estimate(
        value=sample.mean, low=sample.mean - reach, high=sample.mean + reach, n=sample.n, confidence=confidence
    )


def median_interval(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Estimate a median by order statistics; unbounded when there are too few observations for the confidence.

    Exact for every distribution: Conover (1999), Practical Nonparametric Statistics, 3rd ed., section 3.2.
    """
    quantile(confidence)
    ordered, n = sorted(values), len(values)
    if not n:
        return Estimate(value=None, low=None, high=None, n=0, confidence=confidence)
    tail, rank = math.exp(-n * math.log(2)), 0
    while tail <= (1 - confidence) / 2:
        rank += 1
        tail += math.exp(math.lgamma(n + 1) - math.lgamma(rank + 1) - math.lgamma(n - rank + 1) - n * math.log(2))
    low, high = (ordered[rank - 1], ordered[n - rank]) if rank else (None, None)
    return Estimate(value=statistics.median(ordered), low=low, high=high, n=n, confidence=confidence)


def bootstrap(
    *samples: Sequence[float],
    statistic: Callable[..., Any] | None = None,
    method: Literal["percentile", "bca"] = "bca",
    confidence: float = 0.95,
    resamples: int = 9999,
    seed: int = 0,
) -> Estimate:
    """Estimate any statistic by resampling: of one sample (its mean by default), or of two (difference of means).

    ``statistic`` takes the samples and ``axis`` as numpy's functions do; ``seed`` makes the answer repeatable. Efron &
    Tibshirani (1993), An Introduction to the Bootstrap: chapter 13 (percentile) and section 14.3 (BCa). A statistic
    that no resample changes has an interval of no length. Raises MissingExtra, InvalidInput for too few observations.
    """
    numpy, stats = library("numpy"), library("scipy.stats")
    quantile(confidence)
    for sample in samples:
        check_sizes(sample, 2)
    arrays = [numpy.asarray(sample, dtype=float) for sample in samples]

    def mean(*parts: Any, axis: int = -1) -> Any:
        return parts[0].mean(axis=axis) - (parts[1].mean(axis=axis) if len(parts) > 1 else 0)

    found, n = statistic or mean, sum(map(len, samples))
    value = float(found(*arrays, axis=-1))
    if all((array == array[0]).all() for array in arrays):
        return Estimate(value=value, low=value, high=value, n=n, confidence=confidence)
    result = stats.bootstrap(
        arrays,
        found,
        vectorized=True,
        n_resamples=resamples,
        batch=max(1, 5_000_000 // n),
        confidence_level=confidence,
        method="BCa" if method == "bca" else "percentile",
        rng=numpy.random.default_rng(seed),
    )
    low, high = map(float, result.confidence_interval)
    return Estimate(value=value, low=low, high=high, n=n, confidence=confidence)
