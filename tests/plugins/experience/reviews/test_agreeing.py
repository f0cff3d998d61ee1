"""Agreement held to published tables, and what has to hold of it whatever the ratings."""

from __future__ import annotations

import pytest
from crmkit_experience.reviews.agreeing import alpha, alpha_with_interval, cohen, fleiss, with_interval
from hypothesis import given, strategies as st

FLEISS_ROWS = (
    # 30 patients, 6 psychiatrists each, 5 diagnoses: table 1 of Fleiss (1971).
    (0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0), (2, 0, 4, 0, 0),
    (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6), (1, 0, 0, 5, 0), (1, 1, 0, 4, 0),
    (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1), (0, 0, 5, 0, 1), (3, 0, 0, 1, 2), (5, 1, 0, 0, 0),
    (0, 2, 0, 4, 0), (1, 0, 2, 0, 3), (0, 0, 0, 0, 6), (0, 1, 0, 5, 0), (0, 2, 0, 1, 3), (2, 0, 0, 4, 0),
    (1, 0, 0, 4, 1), (0, 5, 0, 1, 0), (4, 0, 0, 0, 2), (0, 2, 0, 4, 0), (1, 0, 5, 0, 0), (0, 0, 0, 0, 6),
)  # fmt: skip

N = None
KRIPPENDORFF_2011 = (
    # Four observers, twelve units: section D of Krippendorff (2011).
    (1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3),
    (N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N),
)
UNITS = tuple(zip(*KRIPPENDORFF_2011, strict=True))


def test_fleiss_kappa_is_that_of_fleiss_1971() -> None:
    units = [[which for which, count in enumerate(row) for _each in range(count)] for row in FLEISS_ROWS]
    assert fleiss(units) == pytest.approx(0.430, abs=5e-4)


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_krippendorff_2011(level: str, expected: float) -> None:
    assert alpha(UNITS, level) == pytest.approx(expected, abs=5e-4)


def test_cohens_kappa_is_that_of_cohen_1960() -> None:
    # The table of two psychiatrists and three diagnoses, as counts of 200: .70 the same, .41 by chance.
    table = ((88, 10, 2), (14, 40, 6), (18, 10, 12))
    pairs = [(one, two) for one, row in enumerate(table) for two, count in enumerate(row) for _each in range(count)]
    assert cohen(pairs) == pytest.approx(0.492, abs=5e-4)


def test_the_same_seed_gives_the_same_interval_around_the_value() -> None:
    one, two = alpha_with_interval(UNITS, "nominal", seed=1), alpha_with_interval(UNITS, "nominal", seed=1)
    assert one == two
    assert one.value == pytest.approx(0.743, abs=5e-4)
    assert one.low is not None
    assert one.high is not None
    assert one.low < 0.743 < one.high
    assert one.n == 11  # one unit has a single rating


def test_where_nothing_varies_there_is_nothing_to_tell() -> None:
    assert alpha([[1, 1], [1, 1]]) is None
    assert cohen([(1, 1), (1, 1)]) is None
    assert fleiss([[1, 1], [1, 1]]) is None
    assert cohen([]) is None
    assert fleiss([]) is None
    assert alpha([]) is None
    assert with_interval([[1, 1]], alpha).low is None
    with pytest.raises(ValueError, match="as many"):
        fleiss([[1, 2], [1]])


ratings = st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=5), min_size=2, max_size=12)


@given(ratings)
def test_agreement_is_never_above_one_and_does_not_depend_on_order(units: list[list[int]]) -> None:
    for level in ("nominal", "ordinal", "interval"):
        found = alpha(units, level)
        if found is not None:
            assert found <= 1 + 1e-9
            again = alpha([list(reversed(each)) for each in reversed(units)], level)
            assert again == pytest.approx(found)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=12).filter(lambda each: len(set(each)) > 1))
def test_who_always_agrees_agrees_wholly(values: list[int]) -> None:
    units = [[each] * 3 for each in values]
    assert alpha(units, "ordinal") == pytest.approx(1)
    assert fleiss(units) == pytest.approx(1)
    assert cohen([(each, each) for each in values]) == pytest.approx(1)


@given(ratings, st.integers(1, 9), st.integers(-5, 5))
def test_intervals_do_not_depend_on_unit_and_origin(units: list[list[int]], scale: int, shift: int) -> None:
    moved = [[each * scale + shift for each in unit] for unit in units]
    found = alpha(units, "interval")
    assert (alpha(moved, "interval") is None) == (found is None)
    if found is not None:
        assert alpha(moved, "interval") == pytest.approx(found)
