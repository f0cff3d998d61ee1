"""Days on which points expire, lots that are spent, and shares of refunds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from crmkit_loyalty.ledger.expiry import Policy, expires_at, last_day, months_later, period_end
from crmkit_loyalty.ledger.spending import Part, in_order, share_of, take
from crmkit_loyalty.programs.finding import ALPHABET, check_sign, new_number
from hypothesis import given, strategies as st

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("earned", "months", "last"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_a_month_that_is_shorter_ends_on_its_last_day(earned: date, months: int, last: date) -> None:
    """31 January and a month is the end of February."""
    assert last_day(Policy(expiry="rolling", months=months), earned) == last


@pytest.mark.parametrize(
    ("rounding", "last"),
    [
        ("none", date(2027, 5, 10)),
        ("month", date(2027, 5, 31)),
        ("quarter", date(2027, 6, 30)),
        ("half", date(2027, 6, 30)),
        ("year", date(2027, 12, 31)),
    ],
)
def test_an_expiry_is_put_off_to_the_end_of_its_period(rounding: str, last: date) -> None:
    """What is earned within a period can expire together."""
    assert last_day(Policy(expiry="rolling", months=12, rounding=rounding), date(2026, 5, 10)) == last


def test_points_can_expire_on_a_day_of_the_year() -> None:
    """The next such day that is far enough away counts; 31 April is 30 April."""
    policy = Policy(expiry="fixed", months=3, month=4, day=31)
    assert last_day(policy, date(2026, 1, 30)) == date(2026, 4, 30)
    assert last_day(policy, date(2026, 1, 31)) == date(2026, 4, 30)
    assert last_day(policy, date(2026, 2, 1)) == date(2027, 4, 30)
    assert last_day(Policy(expiry="never"), date(2026, 1, 1)) is None


def test_a_point_is_good_through_its_last_day_of_the_company() -> None:
    """It is gone when the next day begins where the company is, not in London."""
    found = expires_at(Policy(expiry="rolling", months=1), date(2026, 1, 31), "Asia/Shanghai")
    assert found == datetime(2026, 2, 28, 16, tzinfo=UTC)


@given(DAYS, st.integers(0, 240), st.sampled_from(["none", "month", "quarter", "half", "year"]))
def test_rounding_never_shortens(earned: date, months: int, rounding: str) -> None:
    """An end of a period is no earlier than the day, and less than a year later."""
    due = months_later(earned, months)
    assert timedelta(0) <= period_end(due, rounding) - due < timedelta(days=366)
    assert (due.year * 12 + due.month) - (earned.year * 12 + earned.month) == months
    assert due.day <= earned.day


PARTS = st.lists(
    st.builds(
        lambda number, left, earned, expires: Part(
            lot_id=UUID(int=number),
            left=left,
            earned_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=earned),
            expires_at=None if expires is None else datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=expires),
        ),
        st.integers(0, 2**64),
        st.integers(0, 500),
        st.integers(0, 30),
        st.none() | st.integers(0, 30),
    ),
    max_size=12,
    unique_by=lambda part: part.lot_id,
)


@given(PARTS, st.integers(1, 4000))
def test_what_is_taken_and_what_is_lacking_is_what_was_wanted(parts: list[Part], points: int) -> None:
    """No lot gives more than it has, and a later one gives nothing before an earlier one is empty."""
    taken, lacking = take(parts, points)
    left = {part.lot_id: part.left for part in parts}
    assert sum(each.points for each in taken) + lacking == points
    assert all(0 < each.points <= left[each.lot_id] for each in taken)
    assert lacking == max(0, points - sum(left.values()))
    order = [part.lot_id for part in in_order(parts) if part.left]
    assert [each.lot_id for each in taken] == order[: len(taken)]
    assert all(each.points == left[each.lot_id] for each in taken[:-1])


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_shares_of_a_whole_add_up_to_it(points: int, parts: list[int]) -> None:
    """In whatever pieces a purchase is returned, all of its points go, and no piece takes from another."""
    whole, before, gone = sum(parts), 0, 0
    for part in parts:
        share = share_of(points, part, whole, before)
        assert 0 <= share <= points * part // whole + 1
        gone, before = gone + share, before + part
    assert gone == points
    assert share_of(points, 1, whole, whole) == 0


@given(st.text(ALPHABET, min_size=11, max_size=11), st.integers(0, 10), st.sampled_from(ALPHABET))
def test_one_wrong_sign_of_a_number_is_noticed(signs: str, place: int, wrong: str) -> None:
    """A card's number has a check sign."""
    changed = signs[:place] + wrong + signs[place + 1 :]
    assert (check_sign(changed) == check_sign(signs)) == (changed == signs)


def test_numbers_are_made_to_be_read_out() -> None:
    """Groups of four signs, none of which is taken for another one."""
    number = new_number()
    signs = number.replace("-", "")
    assert [len(part) for part in number.split("-")] == [4, 4, 4]
    assert check_sign(signs[:-1]) == signs[-1]
    assert not set("01ILOU") & set(signs)
