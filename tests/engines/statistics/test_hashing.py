"""Chance that can be repeated."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.engines.statistics.comparing import goodness_of_fit, independence
from crmkit.engines.statistics.hashing import arm_of, arms_of, held_out, share_of
from crmkit.errors import InvalidInput

IDS = [UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128) for number in range(20_000)]


def test_a_share_is_the_same_for_ever() -> None:
    """The shares of known ids are fixed: whoever is in a group today is in it after every upgrade."""
    id = UUID("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
    expected = [0.86704992469593, 0.23301596164286, 0.11415381917495]
    assert expected == [round(share_of(name, id), 14) for name in ("winback", "winback-2", "挽回")]


def test_a_name_is_the_same_however_it_is_encoded() -> None:
    """A name in composed and in decomposed letters gives the same share."""
    id = uuid4()
    assert share_of("caf\u00e9", id) == share_of("cafe\u0301", id)


def test_shares_are_uniform() -> None:
    """Twenty bins of [0, 1) are filled alike; sequential ids are no exception."""
    for ids in (IDS, [UUID(int=number) for number in range(20_000)]):
        bins = Counter(int(share_of("uniform", id) * 20) for id in ids)
        assert goodness_of_fit([bins[index] for index in range(20)], [1] * 20).p_value > 0.001


def test_names_are_independent_of_each_other() -> None:
    """Who is held out under one name says nothing about another name, nor about an arm under the same."""
    for other in (lambda id: held_out("two", 0.3, id), lambda id: arm_of("one", {"a": 0.3, "b": 0.7}, id) == "a"):
        table = Counter((held_out("one", 0.3, id), other(id)) for id in IDS)
        counts = [[table[(one, two)] for two in (True, False)] for one in (True, False)]
        assert independence(counts).p_value > 0.001


@given(st.uuids(), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_who_is_held_out_stays_so_when_the_share_grows(id: UUID, one: float, two: float) -> None:
    """A hold-out that grows keeps everybody it has; at 0 it is empty, at 1 it is everybody."""
    low, high = sorted((one, two))
    assert held_out("grow", high, id) or not held_out("grow", low, id)
    assert (False, True) == (held_out("grow", 0, id), held_out("grow", 1, id))


def test_arms_get_their_shares() -> None:
    """Arms get the shares they were given, and the part that is left out gets none."""
    found = Counter(arms_of("arms", {"a": 0.5, "b": 0.3}, IDS).values())
    assert goodness_of_fit([found["a"], found["b"], found[None]], [5, 3, 2]).p_value > 0.001


def test_an_arm_that_is_added_behind_takes_nobody_from_those_before() -> None:
    """Everybody in the arms that were there stays there."""
    before, after = {"a": 0.2, "b": 0.3}, {"a": 0.2, "b": 0.3, "c": 0.5}
    moved = [id for id in IDS if arm_of("add", before, id) not in (None, arm_of("add", after, id))]
    assert [] == moved


def test_arms_that_make_a_whole_leave_nobody_out() -> None:
    """Shares that add up to one but for rounding put everybody into an arm."""
    tenth = {str(number): 0.1 for number in range(10)}
    assert None not in set(arms_of("whole", tenth, IDS).values())


@pytest.mark.parametrize("shares", [{"a": -0.1}, {"a": 1.1}, {"a": 0.6, "b": 0.5}, {"a": float("nan")}])
def test_shares_that_cannot_be_are_refused(shares: dict[str, float]) -> None:
    """Negative shares, and shares of more than everybody, are refused."""
    with pytest.raises(InvalidInput):
        arm_of("bad", shares, IDS[0])
