"""The draw of the control group, and the arithmetic of deflection against counts by hand."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from crmkit_knowledge.suggesting.drawing import Visited, arm_for, deflection_of
from hypothesis import given, strategies as st

from tests.plugins.knowledge.base import START

WINDOW = timedelta(hours=72)
LATER = START + timedelta(days=30)


@given(st.text(max_size=80), st.floats(0, 1))
def test_the_draw_is_stable_and_grows_with_its_share(key: str, share: float) -> None:
    assert arm_for(key, share) == arm_for(key, share)
    assert arm_for(key, 0) == "shown"
    assert arm_for(key, 1) == "control"
    if arm_for(key, share) == "control":
        assert arm_for(key, min(1.0, share + 0.1)) == "control"


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3, 0.5])
def test_the_draw_has_the_share_that_was_set(share: float) -> None:
    """Within four standard errors over ten thousand keys."""
    number = 10_000
    found = sum(arm_for(f"visitor {each}", share) == "control" for each in range(number)) / number
    assert abs(found - share) < 4 * math.sqrt(share * (1 - share) / number)


def visit(arm: str, *, viewed: bool = False, case: float | None = None) -> Visited:
    """Return a visit, with a case so many hours after it began."""
    at = START + timedelta(hours=case) if case is not None else None
    return Visited(arm=arm, started_at=START, viewed=viewed, case_at=at)


VISITS = [
    *[visit("shown", viewed=True)] * 50,
    *[visit("shown", viewed=True, case=1)] * 10,
    *[visit("shown")] * 6,
    *[visit("shown", case=71)] * 24,
    *[visit("control")] * 3,
    *[visit("control", case=1)] * 7,
]
"""Of 90 with articles 56 end without a case, 50 of them after one was opened; of 10 without, 3."""


def test_deflection_is_what_was_counted_by_hand() -> None:
    found = deflection_of(VISITS, LATER, WINDOW)
    assert (found.shown.sessions, found.shown.viewed, found.shown.without_case, found.shown.deflected) == (
        90,
        60,
        56,
        50,
    )
    assert (found.control.sessions, found.control.without_case) == (10, 3)
    assert found.rate is not None
    assert found.rate.value == pytest.approx(50 / 90)
    assert found.difference is not None
    assert found.difference.value == pytest.approx(56 / 90 - 3 / 10)


def test_the_interval_of_the_difference_is_newcombe_s() -> None:
    """56 of 90 and 3 of 10: Wilson's intervals are 0.5191 to 0.7154 and 0.1078 to 0.6032."""
    found = deflection_of(VISITS, LATER, WINDOW).difference
    assert found is not None
    one, two = 56 / 90, 3 / 10
    assert found.low == pytest.approx(one - two - math.hypot(one - wilson(56, 90)[0], wilson(3, 10)[1] - two))
    assert found.high == pytest.approx(one - two + math.hypot(wilson(56, 90)[1] - one, two - wilson(3, 10)[0]))


def wilson(successes: int, number: int) -> tuple[float, float]:
    """Return Wilson's interval by its formula."""
    z, share = 1.959963984540054, successes / number
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    reach = z / (1 + z * z / number) * math.sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    return middle - reach, middle + reach


@pytest.mark.parametrize("arm", ["shown", "control"])
def test_there_is_no_figure_without_both_arms(arm: str) -> None:
    found = deflection_of([visit(arm, viewed=arm == "shown")] * 5, LATER, WINDOW)
    assert found.rate is None
    assert found.difference is None


def test_a_case_that_comes_later_does_not_count() -> None:
    found = deflection_of([visit("shown", case=73), visit("shown", case=72), visit("control")], LATER, WINDOW)
    assert found.shown.without_case == 1


def test_a_visit_that_is_not_over_counts_in_neither_arm() -> None:
    found = deflection_of([visit("shown"), visit("control")], START + timedelta(hours=71), WINDOW)
    assert (found.running, found.shown.sessions, found.control.sessions) == (2, 0, 0)
