"""Erlang C against published figures, against exact fractions, and for hundreds of people."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import pytest
from crmkit_service.measures.staffing import (
    Demand,
    Goal,
    achieved,
    erlang_b,
    erlang_c,
    needed,
    plan,
    rostered,
)
from hypothesis import given, settings, strategies as st

from crmkit import InvalidInput


def exactly(agents: int, load: Fraction) -> Fraction:
    """Return the probability of waiting by the formula with factorials, in fractions."""
    term = load**agents / factorial(agents) * agents / (agents - load)
    return term / (sum(load**each / factorial(each) for each in range(agents)) + term)


@pytest.mark.parametrize(
    ("agents", "load"), [(1, 0.0101), (5, 1.361), (10, 4.461), (20, 12.03), (50, 37.90), (100, 84.06)]
)
def test_the_loss_formula_agrees_with_the_traffic_tables(agents: int, load: float) -> None:
    """The tables say which load so many trunks carry at a loss of one percent."""
    assert erlang_b(agents, load) == pytest.approx(0.01, rel=5e-3)


def test_a_published_call_centre_comes_out() -> None:
    """100 calls in half an hour of three minutes each: 14 people answer 88.8 percent within 20 seconds (Call Centre
    Helper)."""
    found = achieved(Demand(contacts=100, seconds=1800, handling=180), 14)
    assert found.load == pytest.approx(10)
    assert round(found.waiting, 3) == 0.174
    assert round(found.level, 3) == 0.888
    assert round(found.occupancy, 3) == 0.714
    assert found.answer is not None
    assert round(found.answer, 1) == 7.8


def test_a_second_published_call_centre_comes_out() -> None:
    """0.2 calls a second of four minutes each on 55 people: 23.9 percent wait, 84.6 percent at most 15 seconds (I.
    Angus)."""
    found = achieved(Demand(contacts=720, seconds=3600, handling=240), 55, within=15)
    assert found.answer is not None
    assert (round(found.waiting, 3), round(found.level, 3), round(found.occupancy, 3), round(found.answer, 2)) == (
        0.239,
        0.846,
        0.873,
        8.18,
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.fractions(0, 1, max_denominator=100))
def test_it_is_the_formula_in_fractions(agents: int, share: Fraction) -> None:
    """The recursion gives what the factorials give."""
    load = agents * share
    if 0 < load < agents:
        assert erlang_c(agents, float(load)) == pytest.approx(float(exactly(agents, load)), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 3000), st.integers(1, 5000))
def test_it_stays_a_probability_for_thousands(load: float, agents: int) -> None:
    """Nothing overflows, and one more person never makes anybody wait longer."""
    fewer, more = erlang_c(agents, load), erlang_c(agents + 1, load)
    assert 0 <= more <= fewer <= 1


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 500), st.floats(30, 1200), st.floats(0.5, 0.99), st.floats(0, 120))
def test_the_least_is_the_least(contacts: float, handling: float, level: float, within: float) -> None:
    """So many reach the goal, one fewer does not."""
    demand, goal = Demand(contacts=contacts, seconds=1800, handling=handling), Goal(level=level, within=within)
    found = needed(demand, goal)
    assert found.level >= level
    fewer = achieved(demand, found.agents - 1, within)
    assert fewer.level < level or fewer.occupancy > goal.occupancy


def test_the_least_of_the_published_call_centre() -> None:
    """13 people reach 79.6 percent, so 80 percent takes 14; with 30 percent shrinkage 20 are on the roster."""
    demand = Demand(contacts=100, seconds=1800, handling=180)
    assert round(achieved(demand, 13).level, 3) == 0.796
    (found,) = plan([(32_400, demand)], Goal(), 0.3)
    assert (found.start, found.staffing.agents, found.rostered) == (32_400, 14, 20)


def test_too_few_people_never_catch_up() -> None:
    """As many people as the load, or fewer: everybody waits, without an end."""
    found = achieved(Demand(contacts=100, seconds=1800, handling=180), 10)
    assert (found.waiting, found.level, found.occupancy, found.answer) == (1, 0, 1, None)


def test_where_nothing_comes_in_nobody_is_needed() -> None:
    """An empty night takes no people."""
    found = needed(Demand(contacts=0, seconds=1800, handling=180), Goal())
    assert (found.agents, found.level) == (0, 1)


def test_whole_numbers_are_not_rounded_up() -> None:
    """Seven of ten are there: 14 need 20 on the roster, not 21."""
    assert [rostered(14, 0.3), rostered(15, 0.3), rostered(7, 0), rostered(0, 0.5)] == [20, 22, 7, 0]


@pytest.mark.parametrize(
    ("demand", "goal"),
    [
        (Demand(contacts=-1, seconds=1800, handling=180), Goal()),
        (Demand(contacts=1, seconds=0, handling=180), Goal()),
        (Demand(contacts=1, seconds=1800, handling=float("nan")), Goal()),
        (Demand(contacts=1, seconds=1800, handling=180), Goal(level=1)),
        (Demand(contacts=1e9, seconds=1800, handling=180), Goal()),
    ],
)
def test_what_cannot_be_is_refused(demand: Demand, goal: Goal) -> None:
    """Nonsense gets an error, never a number."""
    with pytest.raises(InvalidInput):
        needed(demand, goal)
