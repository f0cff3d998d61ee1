"""Before and after, against published numbers and simulated interventions whose effect is known."""

from __future__ import annotations

import numpy as np
import pytest
from crmkit_experience.actions.comparing import Share, of_numbers, of_shares, verdict_of
from hypothesis import given, strategies as st

from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import newcombe


def test_the_sleep_of_student_is_as_published() -> None:
    """Student (1908), Biometrika 6, 1-25: additional hours of sleep by two drugs; the paired interval as in R's
    ``t.test(extra ~ group, data = sleep, paired = TRUE)``: 0.7001142 to 2.4598858."""
    one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = of_numbers([after - before for before, after in zip(one, two, strict=True)])
    assert (found.value, found.low, found.high) == pytest.approx((1.58, 0.7001142, 2.4598858), abs=1e-6)


def test_without_change_of_the_others_shares_are_newcombes() -> None:
    """Newcombe (1998), example (a): 56 of 70 against 48 of 80, method 10: 0.0524 to 0.3339."""
    found = of_shares(Share(hit=48, known=80), Share(hit=56, known=70))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize("effect", [0.0, 0.5, -0.4])
def test_the_interval_covers_a_known_effect_as_often_as_it_says(effect: float) -> None:
    """Of 400 simulated interventions with a trend that both groups share, the difference in differences covers the
    effect 95 times of a hundred, and before and after alone does not."""
    rng = np.random.default_rng(20270301)
    covered = naive = 0
    for _number in range(400):
        own = rng.poisson(3 + 0.6 + effect, 80) - rng.poisson(3, 80)
        others = rng.poisson(3 + 0.6, 120) - rng.poisson(3, 120)
        found = of_numbers(own.tolist(), others.tolist())
        covered += not found.excludes(effect)
        naive += not of_numbers(own.tolist()).excludes(effect)
    assert 0.92 <= covered / 400 <= 0.98
    assert naive / 400 < 0.6


def test_the_interval_of_a_difference_of_shares_covers_too() -> None:
    rng = np.random.default_rng(20270302)
    covered = 0
    for _number in range(400):
        draws = [Share(hit=int(rng.binomial(150, share)), known=150) for share in (0.4, 0.2, 0.35, 0.3)]
        covered += not of_shares(*draws).excludes(-0.15)
    assert covered / 400 >= 0.93


counts = st.tuples(st.integers(1, 300), st.floats(0, 1)).map(lambda x: Share(hit=round(x[0] * x[1]), known=x[0]))


@given(counts, counts, counts, counts)
def test_estimates_lie_in_their_intervals_and_turn_with_the_groups(a: Share, b: Share, c: Share, d: Share) -> None:
    found, turned = of_shares(a, b, c, d), of_shares(c, d, a, b)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    assert turned.value == pytest.approx(-found.value)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    right = newcombe(b.hit, b.known, a.hit, a.known)
    assert of_shares(a, b) == right


def test_a_verdict_needs_the_whole_interval() -> None:
    def estimate(low: float, high: float) -> Estimate:
        return Estimate(value=(low + high) / 2, low=low, high=high, n=9)

    assert verdict_of(estimate(0.1, 0.3), "up") == "better"
    assert verdict_of(estimate(0.1, 0.3), "down") == "worse"
    assert verdict_of(estimate(-0.3, -0.1), "down") == "better"
    assert verdict_of(estimate(-0.1, 0.3), "up") == "unclear"
