"""The simulation against exact figures: every sum that some deals can come to, with its probability."""

from __future__ import annotations

import sys
from collections import defaultdict
from datetime import date, timedelta

import pytest
from crmkit_sales.forecasting.deals import Deal
from crmkit_sales.forecasting.learning import learn
from crmkit_sales.forecasting.simulation import outlook

from crmkit import InvalidInput, Period
from crmkit.errors import MissingExtra
from tests.plugins.sales.forecasting.deals import Q3, deal
from tests.plugins.sales.forecasting.test_learning import made_history

PERIOD = Period(first=Q3[0], last=Q3[1])
TODAY = date(2026, 7, 10)
DEALS = [
    deal(1, 100_000, probability=5000, close_on=date(2026, 7, 20)),
    deal(2, 250_000, probability=2000, close_on=date(2026, 8, 20)),
    deal(3, 40_000, probability=9000, close_on=date(2026, 9, 25)),
    deal(4, 500_000, probability=1000, close_on=date(2026, 10, 10)),
    deal(5, 75_000, probability=7000, close_on=date(2026, 6, 1)),
    deal(6, 30_000, kind="won", category="closed", close_on=date(2026, 7, 3)),
    deal(7, 999_999, kind="won", category="closed", close_on=date(2026, 6, 30)),
    deal(8, 999_999, category="omitted"),
    deal(9, 999_999, close_on=None),
]
SLIPS = [-20, -5, 0, 0, 0, 3, 10, 10, 30, 60, 90, 400]


def exact(deals: list[Deal], slips: list[int]) -> dict[int, float]:
    """Return the probability of each sum, by convolution."""
    sums: dict[int, float] = {0: 1.0}
    for each in deals:
        if each.kind == "won":
            inside = 1.0 if PERIOD.first <= each.close_on <= PERIOD.last else 0.0  # type: ignore[operator]
        elif each.category == "omitted" or each.close_on is None:
            continue
        else:
            days = [max(each.close_on + timedelta(days=slip), TODAY) for slip in slips]
            inside = each.probability / 10_000 * sum(PERIOD.first <= day <= PERIOD.last for day in days) / len(slips)
        after: dict[int, float] = defaultdict(float)
        for total, chance in sums.items():
            after[total] += chance * (1 - inside)
            after[total + each.counted] += chance * inside
        sums = after
    return dict(sorted(sums.items()))


@pytest.mark.parametrize("slips", [[], SLIPS])
def test_simulated_and_exact_figures_agree(slips: list[int]) -> None:
    """The chance of each sum to within 1.5 points, the mean to within 2 %, percentiles where the exact ones are."""
    chances = exact(DEALS, slips or [0])
    mean = sum(total * chance for total, chance in chances.items())
    found = outlook(DEALS, PERIOD, today=TODAY, slips=slips, runs=20_000)
    assert found.mean == pytest.approx(mean, rel=0.02)
    for quota in (50_000, 145_000, 250_000, 400_000):
        reached = sum(chance for total, chance in chances.items() if total >= quota)
        simulated = outlook(DEALS, PERIOD, today=TODAY, slips=slips, quota=quota, runs=20_000)
        assert simulated.chance == pytest.approx(reached, abs=0.015)
    for share, value in ((0.1, found.p10), (0.5, found.p50), (0.9, found.p90)):
        below = sum(chance for total, chance in chances.items() if total < value)
        up_to = sum(chance for total, chance in chances.items() if total <= value)
        assert below - 0.01 <= share <= up_to + 0.01


def test_the_same_seed_gives_the_same_figures() -> None:
    """In any order of the deals; another seed gives others; one more deal never lowers a figure."""
    found = outlook(DEALS, PERIOD, today=TODAY, slips=SLIPS, runs=500, seed=3)
    assert outlook(DEALS[::-1], PERIOD, today=TODAY, slips=SLIPS, runs=500, seed=3) == found
    assert outlook(DEALS, PERIOD, today=TODAY, slips=SLIPS, runs=500, seed=4).mean != found.mean
    more = outlook([*DEALS, deal(10, 80_000)], PERIOD, today=TODAY, slips=SLIPS, runs=500, seed=3)
    assert all(getattr(more, name) >= getattr(found, name) for name in ("p10", "p50", "p90", "mean"))


def test_the_course_rises_to_the_figures_of_the_period() -> None:
    """From what was closed in its first days to its end; each of the three never falls."""
    found = outlook(DEALS, PERIOD, today=TODAY, slips=SLIPS, runs=500)
    assert found.course[-1].day == PERIOD.last
    assert (found.course[-1].p10, found.course[-1].p50, found.course[-1].p90) == (found.p10, found.p50, found.p90)
    for name in ("p10", "p50", "p90"):
        line = [getattr(each, name) for each in found.course]
        assert line == sorted(line)
    assert (found.closed, found.undated, found.slips) == (30_000, 1, len(SLIPS))


def test_what_is_over_stays_as_it_is() -> None:
    """For a period that lies behind, nothing that is open can count any more."""
    found = outlook(DEALS, PERIOD, today=date(2026, 10, 1), slips=SLIPS, runs=50, quota=30_000)
    assert (found.p10, found.p90, found.deals, found.chance) == (30_000, 30_000, 0, 1.0)


def test_runs_are_limited() -> None:
    """Neither none nor more than a machine can hold."""
    for runs in (0, 1_000_001):
        with pytest.raises(InvalidInput):
            outlook(DEALS, PERIOD, today=TODAY, runs=runs)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither trying out nor learning gives a traceback where the extra is not installed."""
    for name in ("numpy", "sklearn.linear_model"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra) as caught:
        outlook(DEALS, PERIOD, today=TODAY)
    assert "Install crmkit[sales]." in str(caught.value.problems[0].hint)
    with pytest.raises(MissingExtra):
        learn(made_history(20), "logistic")
