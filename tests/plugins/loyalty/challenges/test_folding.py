"""Progress is a fold: the order in which things become known makes no difference, and neither do clocks."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from crmkit_loyalty.challenges.folding import Task, fold, last_of, period_of, runs, unit_end, unit_of
from hypothesis import given, strategies as st

DAYS = st.dates(date(2026, 12, 1), date(2028, 3, 31))
ROWS = st.lists(st.tuples(DAYS, st.decimals(0, 500, places=2)), max_size=60)
TASKS = st.builds(
    Task,
    kind=st.sampled_from(["count", "sum", "streak"]),
    target=st.integers(1, 9).map(Decimal),
    window=st.sampled_from(["whole", "day", "week", "month", "quarter", "year"]),
    unit=st.sampled_from(["day", "week", "month"]),
    per_unit=st.integers(1, 3),
    again=st.booleans(),
)
TODAY = date(2028, 4, 1)


def days(*texts: str) -> list[tuple[date, Decimal]]:
    """Return days on which something happened, each worth 10."""
    return [(date.fromisoformat(text), Decimal(10)) for text in texts]


@given(TASKS, ROWS, st.randoms())
def test_the_order_of_arrival_makes_no_difference(task: Task, rows: list[tuple[date, Decimal]], random: object) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert fold(task, mixed, TODAY) == fold(task, rows, TODAY)


@given(TASKS, ROWS, st.tuples(DAYS, st.decimals(0, 500, places=2)))
def test_more_never_completes_less(task: Task, rows: list[tuple[date, Decimal]], one: tuple[date, Decimal]) -> None:
    assert len(fold(task, [*rows, one], TODAY).done) >= len(fold(task, rows, TODAY).done)


@given(TASKS, ROWS)
def test_a_period_is_completed_once(task: Task, rows: list[tuple[date, Decimal]]) -> None:
    found = [each.period for each in fold(task, rows, TODAY).done]
    assert len(found) == len(set(found))


@given(st.sets(st.integers(0, 60)))
def test_rows_are_the_days_and_are_apart(units: set[int]) -> None:
    found = runs(dict.fromkeys(units, 1), 1)
    assert {each for first, last in found for each in range(first, last + 1)} == units
    assert all(after[0] > before[1] + 1 for before, after in itertools.pairwise(found))


@given(DAYS, st.sampled_from(["day", "week", "month"]))
def test_units_follow_each_other(day: date, unit: str) -> None:
    number = unit_of(day, unit)
    assert unit_of(unit_end(number, unit), unit) == number
    assert unit_of(unit_end(number, unit) + timedelta(days=1), unit) == number + 1


@given(DAYS, st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_periods_end_where_the_next_begins(day: date, window: str) -> None:
    last = last_of(day, window)
    assert last is not None
    assert period_of(last, window) == period_of(day, window) != period_of(last + timedelta(days=1), window)


def test_weeks_go_on_over_the_new_year() -> None:
    """2026 has 53 weeks."""
    task = Task(kind="streak", target=Decimal(3), unit="week")
    found = fold(task, days("2026-12-27", "2027-01-03", "2027-01-04"), date(2027, 1, 5))
    assert (len(found.done), found.value, found.through) == (1, 3, date(2027, 1, 17))


def test_months_go_on_whatever_their_length() -> None:
    task = Task(kind="streak", target=Decimal(4), unit="month")
    found = fold(task, days("2026-12-31", "2027-01-31", "2027-02-28", "2027-03-01"), date(2027, 3, 2))
    assert (len(found.done), found.value, found.through) == (1, 4, date(2027, 4, 30))


def test_a_day_left_out_ends_the_row() -> None:
    task = Task(kind="streak", target=Decimal(3))
    rows = days("2027-02-27", "2027-02-28", "2027-03-02")
    assert fold(task, rows, date(2027, 3, 2)).value == 1
    late = fold(task, [*rows, *days("2027-03-01")], date(2027, 3, 2))
    assert (late.value, [each.day for each in late.done]) == (4, [date(2027, 3, 1)])
    assert fold(task, rows, date(2027, 3, 4)).value == 0, "the row is over"
    assert fold(task, rows, date(2027, 3, 3)).value == 1, "today is not over yet"


def test_a_row_can_be_done_again_or_not() -> None:
    rows = days(*(f"2027-03-{number:02}" for number in range(1, 8)))
    again, once = (
        fold(Task(kind="streak", target=Decimal(3), again=each), rows, date(2027, 3, 7)) for each in (True, False)
    )
    assert [each.period for each in again.done] == ["#1", "#2"]
    assert [each.period for each in once.done] == ["#1"]


def test_so_often_in_each() -> None:
    task = Task(kind="streak", target=Decimal(2), per_unit=2)
    rows = days("2027-03-01", "2027-03-01", "2027-03-02")
    assert fold(task, rows, date(2027, 3, 2)).done == ()
    assert len(fold(task, [*rows, *days("2027-03-02")], date(2027, 3, 2)).done) == 1


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", date(2027, 3, 26)),
        ("Europe/Berlin", date(2027, 10, 29)),
        ("America/Santiago", date(2027, 9, 3)),
    ],
)
def test_a_row_goes_on_over_the_change_of_clocks(zone: str, first: date) -> None:
    """Half an hour past midnight and half an hour before it, on the wall, on five days."""
    rows: list[tuple[date, Decimal]] = []
    for number in range(5):
        day = first + timedelta(days=number)
        for hour, minute in ((0, 30), (23, 30)):
            wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
            rows.append((wall.astimezone(UTC).astimezone(ZoneInfo(zone)).date(), Decimal(1)))
    found = fold(Task(kind="streak", target=Decimal(5)), rows, first + timedelta(days=4))
    assert (len(found.done), found.value) == (1, 5)


def test_a_sum_is_reached_on_the_day_that_reaches_it() -> None:
    task = Task(kind="sum", target=Decimal(25), window="month")
    rows = days("2027-02-27", "2027-02-28", "2027-03-01", "2027-03-31", "2027-03-30")
    found = fold(task, rows, date(2027, 3, 31))
    assert [(each.period, each.day) for each in found.done] == [("2027-03", date(2027, 3, 31))]
    assert (found.value, found.through) == (30, date(2027, 3, 31))
