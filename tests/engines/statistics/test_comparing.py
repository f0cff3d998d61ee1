"""Tests of differences, held to what was published."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.engines.statistics.comparing import (
    benjamini_hochberg,
    goodness_of_fit,
    holm,
    independence,
    mann_whitney,
    two_proportions,
    welch,
)
from crmkit.engines.statistics.intervals import Sample
from crmkit.errors import InvalidInput
from tests.engines.statistics.test_intervals import SLEEP, ends

# The counts of the MineThatData e-mail test (Hillstrom 2008).
MENS, WOMENS, NONE = (3894, 267, 21307), (3238, 189, 21387), (2262, 122, 21306)


@pytest.mark.parametrize(
    ("arm", "outcome", "z", "p_value", "interval"),
    [
        (MENS, 0, 22.486, 5.68517e-112, (0.069954, 0.083226)),
        (MENS, 1, 7.3851, 1.52322e-13, (0.005, 0.00861)),
        (WOMENS, 0, 13.9492, 3.1824e-44, (0.038894, 0.051572)),
        (WOMENS, 1, 3.7796, 0.000157105, (0.001499, 0.004723)),
    ],
)
def test_the_email_test_of_2008(
    arm: tuple[int, int, int], outcome: int, z: float, p_value: float, interval: tuple[float, float]
) -> None:
    """Visits and conversions of both mails against none: z, p-value and interval as computed elsewhere."""
    found = two_proportions(arm[outcome], arm[2], NONE[outcome], NONE[2])
    assert (round(z, 3), interval) == (round(found.test.statistic, 3), ends(found.estimate, 6))
    assert abs(found.test.p_value / p_value - 1) < 1e-4


def test_the_arms_of_the_email_test_have_their_shares() -> None:
    """The three arms of 2008 are as equal as chance makes them."""
    assert goodness_of_fit([21307, 21306, 21387], [1, 1, 1]).p_value > 0.5


def test_mendels_peas() -> None:
    """Mendel's 315, 101, 108 and 32 peas against 9:3:3:1: chi-square 0.470 with 3 degrees, p 0.925."""
    found = goodness_of_fit([315, 101, 108, 32], [9, 3, 3, 1])
    assert (0.470, 3, 0.925) == (round(found.statistic, 3), found.degrees, round(found.p_value, 3))


def test_agresti_gender_and_party() -> None:
    """Agresti (2007), table 2.5, as in R's chisq.test: 30.07 with 2 degrees, p 2.954e-07."""
    found = independence([[762, 327, 468], [484, 239, 477]])
    assert (30.07, 2, 2.954) == (round(found.statistic, 2), found.degrees, round(found.p_value * 1e7, 3))


def test_empty_rows_and_columns_do_not_count() -> None:
    """A row and a column without counts change nothing."""
    assert independence([[5, 10], [10, 5]]) == independence([[5, 0, 10], [0, 0, 0], [10, 0, 5]])


def test_welch_agrees_with_r() -> None:
    """R's t.test of the sleep data: t -1.8608, 17.776 degrees, p 0.07939, -3.3655 to 0.2055."""
    found = welch(*SLEEP)
    assert found.test.degrees is not None
    assert (-1.8608, 17.776, 0.07939, (-3.3655, 0.2055)) == (
        round(found.test.statistic, 4),
        round(found.test.degrees, 3),
        round(found.test.p_value, 5),
        ends(found.estimate),
    )


def test_groups_that_do_not_vary() -> None:
    """Two constant groups differ surely or not at all."""
    assert (1.0, 0.0) == (welch([2, 2], [2, 2]).test.p_value, welch([3, 3], [2, 2]).test.p_value)


def test_a_group_known_by_sums_is_enough() -> None:
    """The spend per customer of 2008, known by sums alone: 1.4226 against 0.6528, a difference of 0.7698."""
    men, none = Sample.of_sums(21307, 30311.69, 6759024.4973), Sample.of_sums(21306, 13908.33, 2870050.3621)
    found = welch(men, none)
    assert found.estimate.value is not None
    assert (1.4226, 0.6528, 0.7698) == (round(men.mean, 4), round(none.mean, 4), round(found.estimate.value, 4))
    assert found.test.p_value < 1e-6


def test_hollander_and_wolfe() -> None:
    """Hollander & Wolfe (1973), p. 69, as in R's wilcox.test: W 35, one-sided p 0.1272."""
    one = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    found = mann_whitney(one, [1.15, 0.88, 0.90, 0.74, 1.21])
    assert (35.0, 0.1272) == (found.statistic, round(found.p_value / 2, 4))


def test_groups_that_are_all_alike_do_not_differ() -> None:
    """Ties only: no difference and no warning."""
    assert 1.0 == mann_whitney([1, 1], [1, 1, 1]).p_value


# Benjamini & Hochberg (1995), section 4.1: fifteen p-values of a thrombolysis trial.
FIFTEEN = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298),
    *(0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]


def test_benjamini_and_hochberg_reject_four_and_holm_three() -> None:
    """The authors' example: four findings by the rate of false ones, three by the chance of any, at 0.05."""
    counts = [sum(p <= 0.05 for p in adjusted) for adjusted in (benjamini_hochberg(FIFTEEN), holm(FIFTEEN))]
    assert [4, 3] == counts


@given(st.lists(st.floats(0, 1), max_size=30))
@settings(max_examples=60, deadline=None)
def test_adjusted_p_values_keep_order_and_never_shrink(p_values: list[float]) -> None:
    """Adjusting keeps the order of p-values; Holm is at least as strict as Benjamini and Hochberg, and as none."""
    strict, mild = holm(p_values), benjamini_hochberg(p_values)
    assert all(p <= b + 1e-12 and b <= h + 1e-12 for p, b, h in zip(p_values, mild, strict, strict=True))
    for adjusted in (strict, mild):
        pairs = sorted(zip(p_values, adjusted, strict=True))
        assert all(first[1] <= second[1] for first, second in pairwise(pairs) if first[0] < second[0])


def test_benjamini_and_hochberg_are_scipys() -> None:
    """The adjusted values are those of another implementation."""
    from scipy.stats import false_discovery_control

    expected = [round(float(p), 12) for p in false_discovery_control(FIFTEEN)]
    assert expected == [round(p, 12) for p in benjamini_hochberg(FIFTEEN)]


@pytest.mark.parametrize(
    "call",
    [
        lambda: two_proportions(0, 0, 1, 2),
        lambda: goodness_of_fit([1, 2], [1]),
        lambda: goodness_of_fit([0, 0], [1, 1]),
        lambda: goodness_of_fit([], []),
        lambda: goodness_of_fit([1, 2], [1, 0]),
        lambda: independence([[1, 2]]),
        lambda: welch([1], [1, 2]),
        lambda: mann_whitney([], [1]),
        lambda: holm([1.5]),
    ],
)
def test_what_cannot_be_tested_is_refused(call: Any) -> None:
    """Groups that are empty or too small, and counts without shares, are refused in words."""
    with pytest.raises(InvalidInput):
        call()
