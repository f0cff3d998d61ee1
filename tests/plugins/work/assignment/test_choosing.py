"""The strategies as pure computation: shares under smooth weighting, turns, loads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pytest
from attrs import evolve
from crmkit_work.assignment.choosing import Contender, Strategy, choose
from hypothesis import given, settings, strategies as st

WEIGHTS = st.lists(st.sampled_from([1, 1, 1, 2, 3, 5, 7, 10, 20, 50]), min_size=1, max_size=10)


def contenders(weights: Sequence[int]) -> list[Contender]:
    """Return people with weights, none of whom had a turn."""
    return [Contender(user_id=UUID(int=index + 1), weight=each, order=index) for index, each in enumerate(weights)]


def play(strategy: Strategy, people: list[Contender], rounds: int) -> list[int]:
    """Return whose turn it was in each of some rounds, by place."""
    found: list[int] = []
    for number in range(1, rounds + 1):
        choice = choose(strategy, people)
        people[:] = [
            evolve(
                each,
                current=choice.currents[each.user_id],
                served=number if each.user_id == choice.user_id else each.served,
            )
            for each in people
        ]
        found.append(choice.user_id.int - 1)
    return found


def shares(turns: Sequence[int], weights: Sequence[int]) -> float:
    """Return how far anybody ever was from their share of the turns so far, at most."""
    total, worst = sum(weights), 0
    had: Counter[int] = Counter()
    for number, each in enumerate(turns, start=1):
        had[each] += 1
        worst = max(worst, *(abs(number * weight - had[place] * total) for place, weight in enumerate(weights)))
    return worst / total


@pytest.mark.parametrize(
    ("weights", "expected"),
    [((5, 1, 1), "aabacaa"), ((4, 2, 1), "abacaba"), ((1, 1, 1), "abcabc"), ((3,), "aaa")],
)
def test_turns_are_those_of_nginx(weights: tuple[int, ...], expected: str) -> None:
    """The published sequence of smooth weighted round robin for 5, 1 and 1, and those for simpler weights."""
    turns = play("weighted", contenders(weights), len(expected))
    assert "".join("abc"[each] for each in turns) == expected


@given(WEIGHTS)
@settings(max_examples=60, deadline=None)
def test_everybody_has_their_share_at_any_time(weights: list[int]) -> None:
    """After N turns each has had N·w/W, give or take less than 1, whatever the weights."""
    turns = play("weighted", contenders(weights), min(2 * sum(weights), 160))
    assert shares(turns, weights) < 1


def test_the_look_ahead_keeps_shares_that_nginx_alone_would_not() -> None:
    """Twelve members of very different weights: by the greatest remainder alone somebody falls 1.36 turns behind."""
    weights = [1, 7, 3, 100, 1, 1, 5, 100, 1, 2, 100, 5]
    assert shares(play("weighted", contenders(weights), sum(weights)), weights) < 1


@given(WEIGHTS, st.data())
@settings(max_examples=40, deadline=None)
def test_nobody_is_forgotten_while_others_come_and_go(weights: list[int], data: st.DataObject) -> None:
    """Whoever of a changing circle is there is chosen within as many turns as all weights together."""
    people = contenders(weights)
    for number in range(1, 13):
        there = data.draw(st.sets(st.sampled_from(range(len(people))), min_size=1))
        choice = choose("weighted", [people[place] for place in sorted(there)])
        people = [
            evolve(
                each,
                current=choice.currents.get(each.user_id, each.current),
                served=number if each.user_id == choice.user_id else each.served,
            )
            for each in people
        ]
        assert choice.user_id.int - 1 in there
    assert set(play("weighted", people, 3 * sum(weights) + len(weights))) == set(range(len(weights)))


@given(st.integers(1, 12), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_turns_go_around(count: int, rounds: int) -> None:
    """In turn nobody is ever more than one ahead, and nobody comes twice before all others."""
    turns = play("round_robin", contenders([1] * count), rounds)
    assert turns == [number % count for number in range(rounds)]


def test_the_least_loaded_is_who_has_least_for_their_weight() -> None:
    """Four open pieces are less for the weight 3 than two for the weight 1; equals come in turn."""
    ada, bo = contenders([3, 1])
    assert choose("least_loaded", [evolve(ada, load=4), evolve(bo, load=2)]).user_id == ada.user_id
    assert choose("least_loaded", [evolve(ada, served=2), evolve(bo, served=1)]).user_id == bo.user_id


@pytest.mark.parametrize("wrong", [[], contenders([0])])
def test_a_choice_needs_somebody_with_a_weight(wrong: list[Contender]) -> None:
    """Among nobody, and with a weight of nothing, there is no choice."""
    with pytest.raises(ValueError, match="weight"):
        choose("weighted", wrong)
