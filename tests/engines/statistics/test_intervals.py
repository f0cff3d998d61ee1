"""Confidence intervals, held to what was published."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.engines.statistics.distributions import Estimate, chi_square_tail
from crmkit.engines.statistics.intervals import (
    Sample,
    adjusted_wald,
    bootstrap,
    mean_interval,
    median_interval,
    net_share,
    newcombe,
    wilson,
)
from crmkit.errors import InvalidInput, MissingExtra

# Student's sleep data, as R ships them: extra hours of sleep by two drugs.
SLEEP = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# Efron & Tibshirani (1993), table 14.1: spatial perception, test A.
SPATIAL = [
    *(48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6),
    *(0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41),
]


def ends(estimate: Estimate, digits: int = 4) -> tuple[float, float]:
    """Return both ends, rounded."""
    assert estimate.low is not None
    assert estimate.high is not None
    return round(estimate.low, digits), round(estimate.high, digits)


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_wilson_agrees_with_newcombe_1998_table_i(successes: int, n: int, expected: tuple[float, float]) -> None:
    """The score intervals of Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    assert expected == ends(wilson(successes, n))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_agrees_with_his_table_ii(counts: tuple[int, int, int, int], expected: tuple[float, float]) -> None:
    """The eight differences of Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    assert expected == ends(newcombe(*counts))


@given(st.integers(0, 200), st.integers(1, 200), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
@settings(max_examples=60, deadline=None)
def test_agresti_and_coull_contain_wilson(successes: int, n: int, confidence: float) -> None:
    """The adjusted Wald interval contains the score interval, as its authors prove."""
    part = min(successes, n)
    inner, outer = wilson(part, n, confidence), adjusted_wald(part, n, confidence)
    assert inner.low is not None
    assert inner.high is not None
    assert outer.low is not None
    assert outer.high is not None
    assert outer.low <= inner.low + 1e-9
    assert inner.high <= outer.high + 1e-9


def test_the_two_that_succeed_and_two_that_fail() -> None:
    """At 95 % the adjustment is about two successes and two failures (Agresti & Coull): 0 of 10 as 2 of 14."""
    wald = 2 / 14 + 1.96 * (2 / 14 * 12 / 14 / 14) ** 0.5
    assert abs(ends(adjusted_wald(0, 10))[1] - wald) < 0.006


def test_wilson_covers_as_it_says() -> None:
    """Over all outcomes of 40 draws the interval contains a share of 0.1 to 0.9 in about 95 of 100 cases."""
    from math import comb

    covered = []
    for tenth in range(1, 10):
        share = tenth / 10
        hits = [k for k in range(41) if not wilson(k, 40).excludes(share)]
        covered.append(sum(comb(40, k) * share**k * (1 - share) ** (40 - k) for k in hits))
    assert abs(sum(covered) / 9 - 0.95) < 0.01
    assert min(covered) > 0.92


# Figures computed from the data of the R package NPS (Rocks 2016): promoters, detractors, all, and what it gives.
NET = [
    (462, 362, 1000, 0.1, (0.044081, 0.155919), (0.043897, 0.155505)),
    (120, 83, 250, 0.148, (0.037816, 0.258184), (0.036937, 0.255553)),
    (38, 37, 95, 0.010526, (-0.168133, 0.189185), (-0.16471, 0.185118)),
    (10, 0, 10, 1.0, (1.0, 1.0), (0.475036, 1.063426)),
]


@pytest.mark.parametrize(("plus", "minus", "n", "value", "wald", "adjusted"), NET)
def test_net_shares_agree_with_the_package_nps(
    plus: int, minus: int, n: int, value: float, wald: tuple[float, float], adjusted: tuple[float, float]
) -> None:
    """A Net Promoter Score and both its intervals are those of the R package NPS."""
    found, plain = net_share(plus, minus, n), net_share(plus, minus, n, adjusted=False)
    assert found.value is not None
    assert (value, wald, adjusted) == (round(found.value, 6), ends(plain, 6), ends(found, 6))


def test_student_agrees_with_r() -> None:
    """The mean extra sleep by the second drug and its interval are those of R's t.test: 2.33, 0.8976 to 3.7624."""
    found = mean_interval(SLEEP[1])
    assert (2.33, (0.8977, 3.7623)) == (round(found.value or 0, 4), ends(found))


def test_sums_and_values_give_the_same_sample() -> None:
    """A sample known by its sums is the sample of its values."""
    values = SLEEP[0]
    sums = Sample.of_sums(len(values), sum(values), sum(value**2 for value in values))
    exact = Sample.of(values)
    assert (exact.n, round(exact.mean, 9), round(exact.variance, 9)) == (
        sums.n,
        round(sums.mean, 9),
        round(sums.variance, 9),
    )


@pytest.mark.parametrize(("n", "rank"), [(6, 1), (8, 1), (9, 2), (15, 4), (20, 6), (25, 8), (50, 18), (100, 40)])
def test_median_ranks_are_those_of_the_sign_test_table(n: int, rank: int) -> None:
    """The order statistics of a 95 % interval of the median are those of the published tables of the sign test."""
    found = median_interval(range(1, n + 1))
    assert (rank, n + 1 - rank) == (found.low, found.high)


def test_a_median_of_few_has_no_bounds() -> None:
    """Five values can't bound a median at 95 %: 2 · 0.5⁵ is more than 5 %."""
    found = median_interval([3, 1, 2, 5, 4])
    assert (3, None, None) == (found.value, found.low, found.high)


def test_a_large_median_does_not_underflow() -> None:
    """A median of 20,000 values has the ranks of the normal approximation: 10,000 minus 138.6."""
    found = median_interval(range(1, 20_001))
    assert 9861 <= (found.low or 0) <= 9863


@pytest.mark.parametrize(("method", "expected"), [("percentile", (100.8, 233.9)), ("bca", (115.8, 259.6))])
def test_bootstrap_agrees_with_efron_and_tibshirani(method: str, expected: tuple[float, float]) -> None:
    """The 90 % intervals of the variance of the spatial data are those of table 14.2, to the noise of resampling."""
    import numpy

    found = bootstrap(SPATIAL, statistic=numpy.var, method=method, confidence=0.9)  # type: ignore[arg-type]
    assert abs((found.value or 0) - 171.5) < 0.05
    low, high = ends(found, 1)
    assert (abs(low - expected[0]) < 4, abs(high - expected[1]) < 6) == (True, True)


def test_a_bootstrap_can_be_repeated() -> None:
    """The same seed gives the same interval, another seed another."""
    one, two, three = (bootstrap(*SLEEP, seed=seed) for seed in (1, 1, 2))
    assert one == two
    assert one != three


def test_nothing_to_resample_has_no_length() -> None:
    """Values that are all alike have an interval of no length, and no warning."""
    assert (3.0, 3.0) == ends(bootstrap([3, 3, 3]))


def test_nothing_observed_is_everything_possible() -> None:
    """Without observations there is no value, and the interval is all that could be."""
    for found, bounds in (
        (wilson(0, 0), (0.0, 1.0)),
        (newcombe(0, 0, 1, 2), (-1.0, 1.0)),
        (mean_interval([]), (None, None)),
        (median_interval([]), (None, None)),
    ):
        assert (None, *bounds) == (found.value, found.low, found.high)


@pytest.mark.parametrize("confidence", [0, 1, -1, 2])
def test_a_confidence_outside_its_range_is_refused(confidence: float) -> None:
    """A confidence of 0 or 1, or beyond, is refused with the field named."""
    with pytest.raises(InvalidInput) as caught:
        wilson(1, 2, confidence)
    assert ["confidence"] == [problem.field for problem in caught.value.problems]


@pytest.mark.parametrize("counts", [(3, 2), (-1, 2), (1, -1)])
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int]) -> None:
    """More successes than observations, or negative ones, are refused."""
    with pytest.raises(InvalidInput):
        wilson(*counts)


@pytest.mark.parametrize(
    ("value", "degrees", "expected"),
    [
        (3.841, 1, 0.05),
        (5.991, 2, 0.05),
        (11.345, 3, 0.01),
        (16.919, 9, 0.05),
        (43.773, 30, 0.05),
        (124.342, 100, 0.05),
    ],
)
def test_the_chi_square_table(value: float, degrees: int, expected: float) -> None:
    """The tail is that of every printed table of chi-square."""
    assert abs(chi_square_tail(value, degrees) - expected) < 2e-5


@given(st.floats(0.001, 3000), st.integers(1, 400))
@settings(max_examples=100, deadline=None)
def test_the_chi_square_tail_is_that_of_scipy(value: float, degrees: int) -> None:
    """The finite sum agrees with the incomplete gamma function to nine digits, far out, too."""
    from scipy.special import chdtrc

    expected = float(chdtrc(degrees, value))
    assert abs(chi_square_tail(value, degrees) - expected) <= 1e-9 * expected + 1e-300


def test_resampling_covers_what_it_should() -> None:
    """A bootstrap of skewed samples contains the true mean in about nine of ten cases at 90 %."""
    draw = random.Random(7)
    hits = 0
    for _round in range(60):
        values = [draw.expovariate(1) for _number in range(60)]
        hits += not bootstrap(values, confidence=0.9, resamples=400).excludes(1.0)
    assert 47 <= hits <= 60


def test_without_the_extra_what_needs_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without numpy and scipy Student's t names the extra, and a share is estimated all the same."""
    for name in ("numpy", "scipy", "scipy.special", "scipy.stats"):
        monkeypatch.setitem(sys.modules, name, None)
    for call in (lambda: mean_interval([1, 2, 3]), lambda: bootstrap([1, 2, 3])):
        with pytest.raises(MissingExtra, match=r"crmkit\[statistics\]"):
            call()
    assert (0.2553, 0.3662) == ends(wilson(81, 263))


def test_loading_statistics_loads_nothing_heavy() -> None:
    """All modules of statistics are imported without numpy and scipy."""
    code = (
        "import sys, pkgutil, importlib, crmkit.engines.statistics as s\n"
        "[importlib.import_module(f'{s.__name__}.{m.name}') for m in pkgutil.iter_modules(s.__path__)]\n"
        "print(sorted({'numpy', 'scipy', 'sqlalchemy'} & set(sys.modules)))"
    )
    assert (
        "[]" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    )
