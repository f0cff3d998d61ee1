"""Looking while a test runs, planning one, and what a treatment added."""

from __future__ import annotations

import random

import pytest

from crmkit.engines.statistics.comparing import welch
from crmkit.engines.statistics.distributions import two_sided
from crmkit.engines.statistics.power import power_of_shares, size_for_means, size_for_shares
from crmkit.engines.statistics.sequential import always_valid, spending_bounds
from crmkit.engines.statistics.uplift import adjusted_by, qini
from crmkit.errors import InvalidInput


@pytest.mark.parametrize(
    "expected",
    [[1.96], [2.963, 1.969], [3.710, 2.511, 1.993], [4.333, 2.963, 2.359, 2.014], [4.877, 3.357, 2.680, 2.290, 2.031]],
)
def test_boundaries_are_those_of_lan_and_demets(expected: list[float]) -> None:
    """The published boundaries of O'Brien-Fleming spending for one to five equal looks at 0.05, two-sided."""
    looks = [(number + 1) / len(expected) for number in range(len(expected))]
    assert expected == [round(bound, 3) for bound in spending_bounds(looks)]


def test_looks_need_not_be_equal() -> None:
    """Boundaries at uneven looks keep the error of 5 % over 20,000 simulated tests without a difference."""
    fractions = [0.15, 0.5, 0.6, 1.0]
    bounds, draw, crossed = spending_bounds(fractions), random.Random(3), 0
    for _round in range(20_000):
        at, before = 0.0, 0.0
        for fraction, bound in zip(fractions, bounds, strict=True):
            at += draw.gauss(0, (fraction - before) ** 0.5)
            before = fraction
            if abs(at) > bound * fraction**0.5:
                crossed += 1
                break
    assert 0.045 < crossed / 20_000 < 0.055


def test_always_valid_keeps_the_error_where_a_fixed_test_does_not() -> None:
    """Looked at after each of 400 observations, a fixed test finds what is not there in far more than 5 % of tests."""
    draw, always, fixed, rounds = random.Random(11), 0, 0, 400
    for _round in range(rounds):
        total, found, wrong = 0.0, False, False
        for n in range(1, 401):
            total += draw.gauss(0, 1)
            found = found or always_valid(total / n, 1 / n, 0.2, n)[1].p_value <= 0.05
            wrong = wrong or two_sided(total / n**0.5) <= 0.05
        always, fixed = always + found, fixed + wrong
    assert always / rounds <= 0.05
    assert fixed / rounds > 0.3


def test_the_always_valid_interval_and_its_p_value_say_the_same() -> None:
    """The interval excludes 0 exactly where the p-value is below its level, and a real difference is found."""
    draw = random.Random(5)
    for _round in range(200):
        difference, variance = draw.gauss(0, 0.2), draw.uniform(0.0001, 0.02)
        estimate, test = always_valid(difference, variance, 0.1, 100)
        assert estimate.excludes(0) == (test.p_value < 0.05)
    assert always_valid(0.3, 0.001, 0.1, 100)[1].p_value < 1e-6


def test_nothing_varies_nothing_is_known() -> None:
    """Without variance there is no bound and no evidence."""
    estimate, test = always_valid(0.5, 0, 0.1, 2)
    assert (None, None, 1.0) == (estimate.low, estimate.high, test.p_value)


def test_sizes_are_those_of_r() -> None:
    """R's power.prop.test: 76.7 each for 0.5 against 0.75 at 90 %, and a power of 0.740 with 50 each."""
    assert 77 == size_for_shares(0.5, 0.75, power=0.9)
    assert 0.740 == round(power_of_shares(0.5, 0.75, 50), 3)


def test_sizes_for_means_are_those_of_r() -> None:
    """R's power.t.test: 22.02 each for one standard deviation at 90 %, 16.71 at 80 %; here to the nearest whole."""
    assert [22, 17] == [size_for_means(1, 1, power=power) for power in (0.9, 0.8)]


def test_unequal_groups_need_more_in_all() -> None:
    """A control group a quarter as large costs more people in all than equal groups; the power is as asked."""
    equal, uneven = size_for_shares(0.1, 0.12), size_for_shares(0.1, 0.12, ratio=4)
    assert 5 * uneven > 2 * equal
    assert 0.8 <= power_of_shares(0.1, 0.12, uneven, ratio=4) < 0.801


def test_what_was_known_before_is_taken_out() -> None:
    """CUPED keeps the difference and takes out the part of the variance that the covariate explains (1 - r²)."""
    draw = random.Random(2)
    before = [draw.gauss(100, 30) for _number in range(4000)]
    values = [x + draw.gauss(0, 15) + (5 if index % 2 else 0) for index, x in enumerate(before)]
    plain, adjusted = (welch(each[1::2], each[0::2]).estimate for each in (values, adjusted_by(values, before)))
    assert plain.low is not None
    assert plain.high is not None
    assert adjusted.low is not None
    assert adjusted.high is not None
    assert not adjusted.excludes(5)
    assert (adjusted.high - adjusted.low) / (plain.high - plain.low) == pytest.approx(0.2**0.5, rel=0.1)
    assert sum(values) == pytest.approx(sum(adjusted_by(values, before)))


def test_a_covariate_that_says_nothing_changes_nothing() -> None:
    """A constant covariate leaves the outcomes as they are."""
    assert [1.0, 2.0, 4.0] == adjusted_by([1, 2, 4], [7, 7, 7])


def test_the_qini_curve_by_hand() -> None:
    """Eight customers by hand: the two best are persuaded, the others buy or do not whatever is done."""
    scores = [4, 4, 3, 3, 2, 2, 1, 1]
    treated = [True, False] * 4
    bought = [1, 0, 1, 0, 1, 1, 0, 0]
    found = qini(scores, treated, bought)
    assert ((0.0, 0.0), (0.25, 1.0), (0.5, 2.0), (0.75, 2.0), (1.0, 2.0)) == found.points
    assert 0.0625 == found.coefficient


def test_a_score_by_chance_adds_nothing() -> None:
    """A score of no meaning has a coefficient near 0, the true one a clearly larger one, the reverse one its mirror."""
    draw = random.Random(9)
    worth = [draw.random() for _number in range(6000)]
    treated = [draw.random() < 0.5 for _number in worth]
    bought = [
        float(draw.random() < 0.1 + (0.4 * value if got else 0)) for value, got in zip(worth, treated, strict=True)
    ]
    good, bad = (qini([sign * value for value in worth], treated, bought).coefficient for sign in (1, -1))
    chance = qini([draw.random() for _number in worth], treated, bought).coefficient
    assert good > 0.01
    assert bad < -0.01
    assert abs(chance) < 0.006


def test_what_cannot_be_planned_is_refused() -> None:
    """No difference, looks that do not ascend, a scale of nothing, a score without a control group."""
    for call in (
        lambda: size_for_shares(0.1, 0.1),
        lambda: size_for_means(0, 1),
        lambda: spending_bounds([0.5, 0.5]),
        lambda: spending_bounds([]),
        lambda: spending_bounds([0.5, 1.1]),
        lambda: always_valid(0.1, 0.1, 0, 10),
        lambda: qini([1, 2], [True, True], [1, 0]),
    ):
        with pytest.raises(InvalidInput):
            call()
