"""NPS, CSAT and CES with their intervals: the figures of the R package NPS 1.1, and laws that hold for all counts.

The sample data of that package is GPL: only counts by band stand here. ``python -m benchmarks feedback --data FOLDER``
checks the answers themselves.
"""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_feedback.measuring.comparing import bowker, gap, gaps, mcnemar
from crmkit_feedback.measuring.scores import SCALES, Figure, Scale, figure_of
from crmkit_feedback.measuring.weighting import effective, post_stratified
from hypothesis import given, settings, strategies as st

from tests.plugins.feedback.measuring.poll import COUNTS, REGIONS

NPS, CSAT, CES = SCALES["nps"], SCALES["csat"], SCALES["ces"]
# nps, variance, standard error, Wald, centre and interval of the adjusted Wald
EXPECTED: dict[str, tuple[float, float, float, list[float], float, list[float]]] = {
    "Apples": (0.148, 0.790096, 0.056217, [0.037816, 0.258184], 0.146245, [0.036937, 0.255553]),
    "Bananas": (0.096, 0.814784, 0.057089, [-0.015892, 0.207892], 0.094862, [-0.016117, 0.205841]),
    "Berries": (0.08, 0.8496, 0.058296, [-0.034258, 0.194258], 0.079051, [-0.034254, 0.192357]),
    "Oranges": (0.076, 0.798224, 0.056506, [-0.034749, 0.186749], 0.075099, [-0.034752, 0.18495]),
    "APAC": (0.230216, 0.781533, 0.074984, [0.083251, 0.377181], 0.225352, [0.0804, 0.370304]),
    "EMEA": (0.042471, 0.805146, 0.055755, [-0.066808, 0.15175], 0.041985, [-0.066432, 0.150401]),
    "LATAM": (0.010526, 0.789363, 0.091154, [-0.168133, 0.189185], 0.010204, [-0.16471, 0.185118]),
    "NAM": (0.110454, 0.824092, 0.040317, [0.031435, 0.189473], 0.109804, [0.031105, 0.188502]),
}


def nps(promoters: int, passives: int, detractors: int, key: str = "") -> Figure:
    """Return the figure of so many of each band."""
    return figure_of({10: promoters, 8: passives, 0: detractors}, NPS, key=key)


@pytest.mark.parametrize("name", EXPECTED)
def test_groups_of_the_sample_to_every_digit(name: str) -> None:
    """Each group has the score, variance, error and both intervals of the reference."""
    bands = {**COUNTS, **REGIONS}[name]
    found = nps(*bands).document()
    value, variance, error, wald, centre, adjusted = EXPECTED[name]
    assert (found["promoters"], found["passives"], found["detractors"]) == bands
    assert (found["n"], found["nps"], found["nps_100"]) == (
        sum(bands),
        value,
        round(100 * (bands[0] - bands[2]) / sum(bands), 4),
    )
    assert (found["variance"], found["standard_error"]) == (variance, error)
    assert (found["wald"], found["adjusted_wald_centre"], found["adjusted_wald"]) == (wald, centre, adjusted)


def test_whole_sample_to_every_digit() -> None:
    """All thousand answers, and the test of no difference from nought that the package prints."""
    whole = nps(462, 176, 362)
    found = whole.document()
    assert (found["n"], found["nps"], found["nps_100"], found["variance"]) == (1000, 0.1, 10.0, 0.814)
    assert (found["standard_error"], found["wald"]) == (0.028531, [0.044081, 0.155919])
    assert (found["adjusted_wald_centre"], found["adjusted_wald"]) == (0.099701, [0.043897, 0.155505])
    assert found["confidence"] == 0.95
    nothing = figure_of({}, NPS)
    assert nothing.value is None
    assert whole.value is not None
    assert whole.error is not None
    from crmkit.engines.statistics.distributions import two_sided

    assert two_sided(whole.value / whole.error) == pytest.approx(0.0004566104, rel=1e-6)


def test_two_regions_differ() -> None:
    """The difference of two groups, its error, interval and p-value are those of the reference."""
    found = gap(nps(*REGIONS["APAC"], key="APAC"), nps(*REGIONS["EMEA"], key="EMEA"))
    assert found is not None
    assert found.document() == {
        "groups": ["APAC", "EMEA"],
        "delta": 0.187745,
        "standard_error": 0.093441,
        "interval": [0.004604, 0.370886],
        "p_value": 0.044512,
        "p_holm": None,
    }


def test_holm_spares_what_chance_explains() -> None:
    """Among six comparisons one with p = 0.04 is no finding any more."""
    found = gaps([nps(*bands, key=name) for name, bands in REGIONS.items()])
    assert len(found) == 6
    by = {(each.one, each.other): each for each in found}
    assert by["APAC", "EMEA"].p_value < 0.05
    assert (by["APAC", "EMEA"].adjusted or 0) > 0.05


def test_one_answer() -> None:
    """A single promoter: the plain interval has no length, the adjusted one says how little that is."""
    found = figure_of({10: 1}, NPS).document()
    assert (found["nps"], found["variance"], found["wald"]) == (1.0, 0.0, [1.0, 1.0])
    assert (found["adjusted_wald_centre"], found["adjusted_wald"]) == (0.25, [-0.484986, 0.984986])


def test_only_promoters() -> None:
    """Ten answers of ten."""
    found = figure_of({10: 10}, NPS).document()
    assert (found["adjusted_wald_centre"], found["adjusted_wald"]) == (0.769231, [0.475036, 1.063426])


def test_scores_off_the_scale_are_left_out() -> None:
    """11 and -1 count for nothing, and are counted apart."""
    found = figure_of({11: 1, -1: 1, 10: 1, 0: 1}, NPS)
    assert (found.n, found.value, found.outside) == (2, 0.0, 2)


def test_csat_is_the_two_best() -> None:
    """Four and five of five, with Wilson's interval; the mean stands beside it."""
    found = figure_of({5: 50, 4: 31, 3: 9, 2: 6, 1: 4}, CSAT).document()
    assert (found["satisfied"], found["neutral"], found["dissatisfied"]) == (81, 9, 10)
    # Wilson's interval of 81 of 100, as in Newcombe (1998), Statistics in Medicine 17, 857-872: 0.7222 to 0.8749.
    assert (found["csat"], found["mean"]) == (0.81, 4.17)
    assert found["wilson"] == [pytest.approx(0.7222, abs=1e-4), pytest.approx(0.8749, abs=1e-4)]


def test_ces_and_its_reversed_scale() -> None:
    """Five to seven of seven found it easy; where one is the best, one to three did."""
    counts = {1: 5, 2: 5, 3: 5, 4: 10, 5: 20, 6: 30, 7: 25}
    assert figure_of(counts, CES).value == pytest.approx(0.75)
    turned = figure_of(counts, Scale(metric="ces", low=1, high=7, reversed=True))
    assert (turned.value, turned.detractors) == (pytest.approx(0.15), 75)
    assert turned.mean == pytest.approx(5.25)


counts = st.dictionaries(st.integers(0, 10), st.integers(1, 400), min_size=1)


@settings(deadline=None)
@given(counts)
def test_value_lies_within_bounds_and_intervals_around_it(given_counts: dict[int, int]) -> None:
    """-1 to 1, the variance at most 1, the plain interval around the value."""
    found = figure_of(given_counts, NPS)
    assert found.value is not None
    assert found.wald is not None
    assert found.variance is not None
    assert -1 <= found.value <= 1
    assert 0 <= found.variance <= 1
    assert found.wald[0] <= found.value <= found.wald[1]
    assert found.promoters + found.passives + found.detractors == found.n


@settings(deadline=None)
@given(counts, st.floats(0.1, 9))
def test_equal_weights_change_nothing(given_counts: dict[int, int], weight: float) -> None:
    """With one weight for all, the value and the effective number are those without weights."""
    plain = figure_of(given_counts, NPS)
    n = sum(given_counts.values())
    weighted: dict[int, float] = {score: weight * number for score, number in given_counts.items()}
    found = figure_of(weighted, NPS, answers=n, squares=weight * weight * n)
    assert (found.n, found.size) == (n, pytest.approx(n))
    assert found.value == pytest.approx(plain.value)
    assert found.low == pytest.approx(plain.low)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abcde"), st.tuples(st.integers(1, 500), st.integers(0, 300)), min_size=1))
def test_weights_restore_the_parts(parts: dict[str, tuple[int, int]]) -> None:
    """Weighted, each part counts as it does among those asked; the mean weight is 1, the effective number no more."""
    asked = {key: each[0] for key, each in parts.items()}
    answered = {key: each[1] for key, each in parts.items()}
    found = post_stratified("label.value", asked, answered)
    n = sum(answered.values())
    known = {key: number for key, number in answered.items() if number}
    assert set(found.missing) == {key for key in asked if not answered[key]}
    assert sum(found.of[key] * number for key, number in known.items()) == pytest.approx(n)
    whole = sum(asked[key] for key in known)
    for key, number in known.items():
        assert found.of[key] * number / n == pytest.approx(asked[key] / whole)
    assert effective((found.of[key], number) for key, number in known.items()) <= n + 1e-6


def test_effective_number() -> None:
    """Of weights 1, 1, 2 (by hand): 16 / 6."""
    assert effective([(1, 2), (2, 1)]) == pytest.approx(16 / 6)


def test_mcnemar_and_bowker() -> None:
    """Against Agresti (2007), table 8.1 (86 and 150 changes: 17.36), and no change at all."""
    found = mcnemar(150, 86)
    assert found.statistic == pytest.approx(17.356, abs=1e-3)
    assert found.p_value < 0.0001
    assert mcnemar(0, 0).p_value == 1.0
    assert mcnemar(1, 9).p_value == pytest.approx(2 * 11 / 1024)
    square: Any = [[10, 150], [86, 20]]
    assert bowker(square).statistic == pytest.approx(found.statistic)
    assert bowker([[5, 1, 2], [1, 5, 3], [2, 3, 5]]).p_value == 1.0
