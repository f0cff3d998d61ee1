"""The life table of points, held against hand-computed ones and against a population of which the truth is known."""

from __future__ import annotations

import random

import pytest
from crmkit_loyalty.liability.surviving import Followed, learn
from hypothesis import given, strategies as st


def lots(number: int, *left: tuple[int, int, int], points: int = 100, months: int = 4) -> list[Followed]:
    """Return a lot for each of so many accounts, all alike."""
    return [Followed(account=each, points=points, months=months, left=left) for each in range(number)]


def test_a_table_by_hand() -> None:
    """Of 100 points 20 are redeemed in the first month and 10 gone; of the 70 left, 14 and 7 in the second; of 49 none
    in the third, and 49 are gone in the fourth."""
    table = learn(lots(30, (0, 20, 0), (0, 0, 10), (1, 14, 0), (1, 0, 7), (3, 0, 49)))
    assert table is not None
    assert [3000, 2100, 1470, 1470] == [each.at_risk for each in table.ages]
    assert pytest.approx([0.20, 0.34, 0.34, 0.34]) == [each.redeemed for each in table.ages]
    assert pytest.approx([0.10, 0.17, 0.17, 0.66]) == [each.gone for each in table.ages]
    # At the beginning 34 of 100; of the 70 left after a month 14; after that none. None reached the tail.
    assert pytest.approx([0.34, 0.20, 0.0, 0.0]) == [table.share(age) for age in range(4)]


def test_the_tail_goes_on_as_the_last_months() -> None:
    """Half of what left in the months that were seen was redeemed: so is half of what is left after them."""
    table = learn(lots(30, (0, 10, 10), (2, 10, 10)))
    assert table is not None
    # Hazards of the months: 0.1 and 0.1, none, 10/80 and 10/80, none.
    assert pytest.approx(0.5) == table.share(4)
    assert pytest.approx(0.5) == table.share(99)


def test_what_is_not_known_is_taken_to_be_redeemed() -> None:
    table = learn([*lots(30, months=12), *lots(30, (0, 50, 0), months=2, points=100)])
    assert table is not None
    assert 1.0 == table.share(12)


def test_months_that_have_not_passed_wholly_do_not_count() -> None:
    """A lot that was followed for two months wholly, and lost something in the third, adds nothing to the third."""
    young = [Followed(account=each, points=100, months=2, left=[(2, 100, 0)]) for each in range(30)]
    table = learn([*young, *lots(30, (0, 10, 0), (2, 45, 0))])
    assert table is not None
    assert [6000, 5700, 2700, 1350] == [each.at_risk for each in table.ages]
    assert pytest.approx(0.05) == table.ages[0].redeemed


def test_what_came_back_is_not_redeemed() -> None:
    table = learn(lots(30, (0, 40, 0), (0, -40, 0), (1, 0, 10)))
    assert table is not None
    assert 0.0 == table.ages[1].redeemed
    assert 3000 == table.ages[1].at_risk


@pytest.mark.parametrize(
    "found", [[], lots(29, (0, 10, 0)), lots(30, months=4), lots(30, (0, 10, 0), months=2)],
    ids=["nothing", "few accounts", "nothing happened", "two months"],
)  # fmt: skip
def test_too_little_tells_nothing(found: list[Followed]) -> None:
    assert learn(found) is None


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Each account redeems all of its points in a month with a chance of its own of 8% on average, and loses them with
    4%: two thirds are redeemed in the end. Of 60 populations 57 are expected to be covered; fewer than 51 would be
    chance once in some thousand."""
    covered = 0
    for seed in range(60):
        chance = random.Random(seed)
        found: list[Followed] = []
        for account in range(150):
            for _lot in range(chance.randint(1, 4)):
                left: list[tuple[int, int, int]] = []
                for month in range(24):
                    fate = chance.random()
                    if fate < 0.08:
                        left.append((month, 100, 0))
                        break
                    if fate < 0.12:
                        left.append((month, 0, 100))
                        break
                found.append(Followed(account=account, points=100, months=24, left=left))
        table = learn(found)
        assert table is not None
        _value, low, high = table.expected([100.0])
        covered += low <= 100 * 2 / 3 <= high
    assert covered >= 51


@given(
    st.lists(
        st.tuples(st.integers(1, 24), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40), st.booleans()))),
        min_size=30,
        max_size=60,
    )
)
def test_shares_are_shares_whatever_happened(histories: list[tuple[int, list[tuple[int, int, bool]]]]) -> None:
    found: list[Followed] = []
    for account, (months, events) in enumerate(histories):
        rest, left = 100, list[tuple[int, int, int]]()
        for month, points, redeemed in sorted(events):
            here = min(points, rest)
            rest -= here
            left.append((month, here, 0) if redeemed else (month, 0, here))
        found.append(Followed(account=account, points=100, months=months, left=left))
    table = learn(found)
    if table is None:
        return
    assert all(-1e-9 <= each <= 1 + 1e-9 for each in table.ultimate)
    assert all(each.redeemed + each.gone <= 1 + 1e-9 for each in table.ages)
    assert all(each.low <= each.redeemed <= each.high for each in table.ages)
    value, low, high = table.expected([100.0, 50.0])
    assert 0 <= low <= value <= high <= 150 + 1e-6
