"""Tests: of two shares, of counts against expectations, of two means, of two orders; and what to do about many of them.

All p-values are two-sided. Must not know what is compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from crmkit.engines.statistics.distributions import (
    Estimate,
    Significance,
    check_counts,
    check_sizes,
    chi_square_tail,
    library,
    quantile,
    student_quantile,
    student_two_sided,
    two_sided,
)
from crmkit.engines.statistics.intervals import Sample
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


@frozen(kw_only=True)
class Difference:
    """How much more one group has than another, with its interval, and the test of no difference."""

    estimate: Estimate
    test: Significance


def two_proportions(successes: float, n: int, base: float, base_n: int, confidence: float = 0.95) -> Difference:
    """Test whether two independent shares differ; the estimate is the first minus the second by the Wald interval.

    Pooled variance for the test, unpooled for the interval: Fleiss, Levin & Paik (2003), Statistical Methods for Rates
    and Proportions, 3rd ed., sections 3.2 and 3.3. For small groups `newcombe` has the better interval. Raises
    InvalidInput for an empty group.
    """
    check_counts((successes, n), (base, base_n))
    check_sizes(range(min(n, base_n)), 1)
    one, two, pooled = successes / n, base / base_n, (successes + base) / (n + base_n)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / base_n))
    z = (one - two) / spread if spread else 0.0
    reach = quantile(confidence) * math.sqrt(one * (1 - one) / n + two * (1 - two) / base_n)
    return Difference(
        estimate=Estimate(
            value=one - two, low=one - two - reach, high=one - two + reach, n=n + base_n, confidence=confidence
        ),
        test=Significance(statistic=z, p_value=two_sided(z)),
    )


def goodness_of_fit(counts: Sequence[float], shares: Sequence[float]) -> Significance:
    """Test whether counts follow expected shares (any positive weights), by Pearson's chi-square.

    Pearson (1900), Philosophical Magazine 50, 157-175. Raises InvalidInput for shares that do not fit the counts.
    """
    total, weight = sum(counts), sum(shares)
    if len(counts) != len(shares) or not total or min(shares) <= 0:
        raise InvalidInput([Problem("CK500", _("Every count needs a positive share, and one count at least."))])
    expected = [total * share / weight for share in shares]
    value = math.fsum((count - mean) ** 2 / mean for count, mean in zip(counts, expected, strict=True))
    return Significance(statistic=value, p_value=chi_square_tail(value, len(counts) - 1), degrees=len(counts) - 1)


def independence(table: Sequence[Sequence[float]]) -> Significance:
    """Test whether rows and columns of a table of counts are independent, by Pearson's chi-square without correction.

    Agresti (2007), An Introduction to Categorical Data Analysis, 2nd ed., section 2.4. Empty rows and columns do not
    count. Raises InvalidInput when fewer than two of either are left.
    """
    rows = [row for row in table if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)]
    if len(rows) < 2 or len(columns) < 2:
        raise InvalidInput([Problem("CK500", _("A table of counts needs two rows and two columns."))])
    sums, total = [sum(row) for row in zip(*columns, strict=True)], sum(map(sum, columns))
    value = math.fsum(
        (count - (mean := whole * sum(column) / total)) ** 2 / mean
        for column in columns
        for count, whole in zip(column, sums, strict=True)
    )
    degrees = (len(sums) - 1) * (len(columns) - 1)
    return Significance(statistic=value, p_value=chi_square_tail(value, degrees), degrees=degrees)


def welch(values: Sequence[float] | Sample, base: Sequence[float] | Sample, confidence: float = 0.95) -> Difference:
    """Test whether two means differ, without assuming equal variances; the estimate is the first minus the second.

    Welch (1947), Biometrika 34, 28-35. Raises MissingExtra, InvalidInput for a group of fewer than two.
    """
    one, two = (item if isinstance(item, Sample) else Sample.of(item) for item in (values, base))
    check_sizes(range(min(one.n, two.n)), 2)
    difference, error = one.mean - two.mean, one.error + two.error
    if not error:
        t, degrees = (0.0 if not difference else math.copysign(math.inf, difference)), float(one.n + two.n - 2)
    else:
        t = difference / math.sqrt(error)
        degrees = error**2 / (one.error**2 / (one.n - 1) + two.error**2 / (two.n - 1))
    reach = student_quantile((1 + confidence) / 2, degrees) * math.sqrt(error)
    quantile(confidence)
    return Difference(
        estimate=Estimate(
            value=difference,
            low=difference - reach,
            high=difference + reach,
            n=one.n + two.n,
            confidence=confidence,
        ),
        test=Significance(statistic=t, p_value=student_two_sided(t, degrees), degrees=degrees),
    )


def mann_whitney(values: Sequence[float], base: Sequence[float]) -> Significance:
    """Test whether one group tends to have larger values than another; the statistic is U of the first.

    Mann & Whitney (1947), Annals of Mathematical Statistics 18, 50-60: exact for small groups without ties, else by
    the normal approximation with corrections for ties and continuity. Raises MissingExtra, InvalidInput for an empty
    group.
    """
    check_sizes(values, 1)
    check_sizes(base, 1)
    if len({*values, *base}) == 1:
        return Significance(statistic=len(values) * len(base) / 2, p_value=1.0)
    result = library("scipy.stats").mannwhitneyu(values, base, alternative="two-sided")
    return Significance(statistic=float(result.statistic), p_value=float(result.pvalue))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that the chance of any false finding among them keeps the level.

    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    m = len(p_values)
    return _stepped(p_values, range(m), lambda rank, p: (m - rank) * p, max)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that the expected share of false findings among the findings keeps the level.

    Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    """
    m = len(p_values)
    return _stepped(p_values, reversed(range(m)), lambda rank, p: p * m / (rank + 1), min)


def _stepped(
    p_values: Sequence[float],
    ranks: Iterable[int],
    scaled: Callable[[int, float], float],
    kept: Callable[[float, float], float],
) -> list[float]:
    check_counts(*((p, 1) for p in p_values))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, last = [0.0] * len(p_values), None
    for rank in ranks:
        value = min(1.0, scaled(rank, p_values[order[rank]]))
        last = value if last is None else kept(last, value)
        adjusted[order[rank]] = last
    return adjusted
