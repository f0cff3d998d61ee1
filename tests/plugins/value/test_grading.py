"""Grades by share, part and amount; a margin against flapping; concentration; migration."""

from __future__ import annotations

from decimal import Decimal

import pytest
from crmkit_value.grades.grading import (
    GRADES,
    checked_cuts,
    curve,
    gini,
    grade,
    graded,
    migration,
    next_value,
    thresholds,
    top_share,
)
from hypothesis import given, strategies as st

from crmkit import InvalidInput

ABC = (Decimal(80), Decimal(95))


def test_abc_goes_by_cumulative_share() -> None:
    """Of 100 in all 80 come from two customers, 95 from four."""
    values = [50, 30, 10, 5, 3, 2]
    limits = thresholds(values, "abc", ABC)
    assert [grade(each, limits) for each in values] == ["A", "A", "B", "B", "C", "C"]


def test_quantile_goes_by_customers() -> None:
    """The best fifth, then up to the half."""
    values = list(range(1, 11))
    limits = thresholds(values, "quantile", (Decimal(20), Decimal(50)))
    assert "".join(grade(each, limits) for each in reversed(values)) == "AABBBCCCCC"


def test_equal_values_get_one_grade() -> None:
    """Whoever is worth the same is graded the same, whatever the order."""
    limits = thresholds([5, 5, 5, 5], "quantile", (Decimal(20), Decimal(50)))
    assert {grade(5, limits)} == {"A"}


def test_margin_keeps_customers_from_flapping() -> None:
    """Within five percent of the boundary a customer keeps the former grade, beyond it the new one counts."""
    values = {"down": 96, "far": 94, "up": 104, "over": 106, "new": 96}
    was = {"down": "A", "far": "A", "up": "B", "over": "B"}
    found = graded(values, (100, 50), was, Decimal(5))
    assert found == {"down": "A", "far": "B", "up": "B", "over": "A", "new": "B"}


def test_margin_stops_at_the_next_boundary() -> None:
    """Who falls from A to just below B is B and not A: only the boundary that is near holds."""
    assert graded({"who": 49}, (100, 50), {"who": "A"}, Decimal(5)) == {"who": "B"}


@given(st.dictionaries(st.integers(0, 30), st.integers(-100, 10_000), max_size=20))
def test_grading_twice_changes_nothing(values: dict[int, int]) -> None:
    """With the same values and boundaries everybody keeps the grade."""
    limits = thresholds(list(values.values()), "abc", ABC)
    once = graded(values, limits, {}, Decimal(5))
    assert graded(values, limits, once, Decimal(5)) == once
    assert set(once.values()) <= set(GRADES)


def test_boundaries_are_checked() -> None:
    """Percent ascend and lie between 0 and 100, amounts descend."""
    assert checked_cuts([], "abc") == ABC
    assert checked_cuts(["500", "100"], "absolute") == (Decimal(500), Decimal(100))
    for cuts, how in ((["95", "80"], "abc"), (["80"], "abc"), (["100", "500"], "absolute"), (["a", "b"], "quantile")):
        with pytest.raises(InvalidInput):
            checked_cuts(cuts, how)


def test_gini_is_nought_for_equals_and_high_for_one() -> None:
    """Four equals; one of four who has all (1 - 1/4); nothing to share."""
    assert gini([5, 5, 5, 5]) == pytest.approx(0)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([]) is None


def test_top_share_and_curve_agree() -> None:
    """The best fifth of ten customers have what the curve says at a fifth."""
    values = [100, 50, 20, 10, 5, 5, 4, 3, 2, 1]
    assert top_share(values, 0.2) == pytest.approx(0.75)
    assert dict(curve(values))[0.2] == pytest.approx(0.75)
    assert curve(values)[-1] == (1.0, 1.0)


def test_migration_counts_moves_and_expects_values() -> None:
    """Who went from where to where; what a grade is expected to be worth next time, who left counting nought."""
    moves = migration({1: "A", 2: "A", 3: "B"}, {1: "A", 2: "B", 4: "C"}, GRADES)
    assert moves == {("A", "A"): 1, ("A", "B"): 1, ("B", ""): 1, ("", "C"): 1}
    assert next_value(moves, {"A": 100.0, "B": 40.0}, GRADES) == {"A": 70.0, "B": 0.0}
