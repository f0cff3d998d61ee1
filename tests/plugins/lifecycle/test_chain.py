"""The absorbing chain: published examples, estimation from visits, intervals that cover, what another share does."""

from __future__ import annotations

import random

import pytest
from crmkit_lifecycle.errors import TooFew
from crmkit_lifecycle.measuring.chain import Visit, absorption, estimate, what_if


def test_a_published_example() -> None:
    """The drunkard's walk on four streets: Grinstead & Snell, Introduction to Probability, examples 11.13 to 11.15."""
    q = [[0, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0]]
    r = [[0.5, 0], [0, 0], [0, 0.5]]
    n, b, days, _each = absorption(q, r, [1, 1, 1])
    assert n.round(12).tolist() == [[1.5, 1, 0.5], [1, 2, 1], [0.5, 1, 1.5]]
    assert days.round(12).tolist() == [3, 4, 3]
    assert b.round(12).tolist() == [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]]


def test_the_time_on_condition_of_an_end() -> None:
    """Of the gambler's ruin from 1 of 3: the duration given that all is lost, or all is won, by direct calculation."""
    q = [[0, 0.5], [0.5, 0]]
    r = [[0.5, 0], [0, 0.5]]
    _n, b, _days, each = absorption(q, r, [1, 1])
    # Lost from 1: after 1 step with 1/2, after 3 with 1/8, ...: the mean is (sum of k/2^k over odd k) / (2/3) = 5/3.
    assert b[0].round(12).tolist() == [round(2 / 3, 12), round(1 / 3, 12)]
    assert each[0].round(9).tolist() == [round(5 / 3, 9), round(8 / 3, 9)]


def visits(seed: int, customers: int = 300) -> list[Visit]:
    """Return visits of customers who go from a (60 % to b, 40 % lost) and b (50 % won, 30 % lost, 20 % back to a)."""
    chance = random.Random(seed)
    ways = {"a": (("b", 0.6), ("lost", 0.4)), "b": (("won", 0.5), ("lost", 0.3), ("a", 0.2))}
    means = {"a": 10.0, "b": 20.0}
    found: list[Visit] = []
    for who in range(customers):
        state = "a"
        while state in ways:
            targets, weights = zip(*ways[state], strict=True)
            to = chance.choices(targets, weights)[0]
            found.append(Visit(who=who, state=state, days=chance.expovariate(1 / means[state]), to=to))
            state = to
    return found


WON = 0.6 * 0.5 / (1 - 0.6 * 0.2)
"""The chance of a: to b, and from there to won, as often as it takes."""


def test_chances_and_times_are_estimated_with_intervals() -> None:
    """From 300 customers both are found about where they are, the interval around them, the same for the same seed."""
    found = estimate(visits(1), ["a", "b"], ["won", "lost"], resamples=200)
    chance = found.from_state["a"].chances["won"]
    assert chance.low is not None
    assert chance.high is not None
    assert chance.low < WON < chance.high
    assert found.from_state["a"].chances["won"].value == pytest.approx(WON, abs=0.06)
    days = (10 + 0.6 * 20) / (1 - 0.12)
    assert found.from_state["a"].days_to_end.value == pytest.approx(days, rel=0.12)
    again = estimate(visits(1), ["a", "b"], ["won", "lost"], resamples=200)
    assert again.from_state["a"].chances["won"] == chance


def test_intervals_cover_as_often_as_they_say() -> None:
    """Of 60 histories with a known chance the 95 % interval holds it in at least 52 (99.9 % of the time it would)."""
    held = 0
    for seed in range(60):
        chance = estimate(visits(seed, 120), ["a", "b"], ["won", "lost"], resamples=120).from_state["a"].chances["won"]
        held += int((chance.low or 0) <= WON <= (chance.high or 1))
    assert held >= 52


def test_who_is_still_there_counts_in_the_time_alone() -> None:
    """Visits that are not over lengthen the mean stay (all days by the moves) and change no chance."""
    over = [Visit(who=n, state="a", days=10, to="won" if n % 2 else "lost") for n in range(10)]
    still = [Visit(who=100 + n, state="a", days=30, to=None) for n in range(10)]
    found = estimate([*over, *still], ["a"], ["won", "lost"], resamples=0).from_state["a"]
    assert (found.days.value, found.chances["won"].value) == (40.0, 0.5)


def test_stages_from_which_no_end_was_seen_are_named() -> None:
    """They are left out by name; where there is no end at all, that is said."""
    seen = [Visit(who=1, state="a", days=1, to="won"), Visit(who=2, state="b", days=1, to=None)]
    assert estimate(seen, ["a", "b"], ["won"], resamples=0).unknown == ["b"]
    with pytest.raises(TooFew):
        estimate(seen[1:], ["a", "b"], ["won"], resamples=0)


def test_what_another_share_would_do() -> None:
    """When 80 % in place of 60 % go from a to b, the chance of a follows exactly; the rest keeps its proportions."""
    found = estimate(visits(3), ["a", "b"], ["won", "lost"], resamples=0)
    other = what_if(found, "a", "b", 0.8)
    shares = other.transitions
    assert sum(shares["a"].values()) == pytest.approx(1)
    expected = 0.8 * shares["b"]["won"] / (1 - 0.8 * shares["b"]["a"])
    assert other.from_state["a"].chances["won"].value == pytest.approx(expected)
