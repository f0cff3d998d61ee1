"""What retention changed: intervals that cover, savings by hand, and whom it persuades."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from crmkit_churn.retention.effects import Tried, effect, learn_persuadable

SEEDS = 200


def history(seed: int, n: int = 600, uplift: float = 0.12) -> list[Tried]:
    """Return a simulated history in which treating keeps a known share of customers more."""
    chance = random.Random(seed)
    found: list[Tried] = []
    for _each in range(n):
        treated = chance.random() < 0.7
        risk = 0.2 + 0.4 * chance.random()
        left = chance.random() < risk - (uplift if treated else 0.0)
        found.append(Tried(treated=treated, left=left, probability=risk, worth_minor=10_000, cost_minor=500))
    return found


def test_the_interval_covers_a_known_effect() -> None:
    """Over many simulated histories the 95 % interval covers the effect as often as it says, within chance."""
    covered = 0
    for seed in range(SEEDS):
        uplift = effect(history(seed, 400)).uplift
        covered += bool(uplift.low is not None and uplift.high is not None and uplift.low <= 0.12 <= uplift.high)
    assert 0.91 <= covered / SEEDS <= 0.985


def test_savings_by_hand() -> None:
    """50 of 100 stay untreated, 70 of 100 treated: 20 points × 100 × 100.00 less 100 × 5.00."""
    tried = [Tried(treated=True, left=n >= 70, worth_minor=10_000, cost_minor=500) for n in range(100)]
    tried += [Tried(treated=False, left=n >= 50) for n in range(100)]
    found = effect(tried)
    assert found.uplift.value == pytest.approx(0.2)
    assert found.savings is not None
    assert found.savings.value == pytest.approx(0.2 * 100 * 10_000 - 50_000)
    assert found.savings.low < found.savings.value < found.savings.high
    assert found.certain


def test_without_a_control_group_nothing_is_claimed() -> None:
    """Those who were all treated show no effect, however many stayed."""
    found = effect([Tried(treated=True, left=False)] * 20)
    assert (found.uplift.value, found.savings, found.qini) == (None, None, None)


def by_persuasion(seed: int, n: int = 4000) -> list[Tried]:
    """Return a history in which only those of middling risk can be persuaded."""
    chance = random.Random(seed)
    found: list[Tried] = []
    for _each in range(n):
        treated, risk = chance.random() < 0.5, chance.random()
        helps = 0.35 if 0.4 <= risk < 0.6 else 0.0
        found.append(
            Tried(treated=treated, left=chance.random() < max(risk - (helps if treated else 0), 0), probability=risk)
        )
    return found


def uplift_of_first(tried: Sequence[Tried], scores: Sequence[float]) -> float:
    """Return the uplift among the fifth with the highest scores."""
    found = effect(tried, scores)
    return next(each.uplift.value or 0.0 for each in found.at if each.share == 0.2)


def test_the_persuadable_go_before_the_riskiest() -> None:
    """Learnt from one history, choosing in another finds those whom treating keeps; choosing the riskiest does not."""
    able = learn_persuadable(by_persuasion(1))
    other = by_persuasion(2)
    chosen = [able.score(each.probability) for each in other]
    riskiest = [each.probability for each in other]
    assert uplift_of_first(other, chosen) > 0.2
    assert uplift_of_first(other, riskiest) < 0.12
    first, second = effect(other, chosen).qini, effect(other, riskiest).qini
    assert first is not None
    assert second is not None
    assert first.coefficient > second.coefficient


def test_before_anything_was_tried_the_undecided_go_first() -> None:
    """Without a history the score is highest in the middle, and nothing is learnt from a few."""
    able = learn_persuadable(history(1, 12))
    assert able.score(0.5) > able.score(0.95)
    assert able.score(0.5) > able.score(0.05)
