"""Working time: published vectors, and the algebra of adding, subtracting and measuring it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from crmkit_work.calendars.clock import Hours, NoWorkingTime, WorkingCalendar
from hypothesis import given, settings, strategies as st

VECTORS: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "sla-business-hours" / "vectors.json").read_text("utf-8")
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours(*pairs: Sequence[str]) -> list[Hours]:
    """Return hours of pairs of ``HH:MM``."""

    def seconds(text: str) -> int:
        return int(text[:2]) * 3600 + int(text[3:]) * 60

    return [Hours(seconds(start), seconds(end)) for start, end in pairs]


def at(text: str) -> datetime:
    """Return an instant; one without a zone is in UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


BIZ = VECTORS["biz"]
WEEK = {index: hours(*BIZ["hours"].get(name, [])) for index, name in enumerate(DAYS)}
CALENDAR = WorkingCalendar(zone=BIZ["timezone"], week=WEEK)
DESK = WorkingCalendar(zone="UTC", week={day: hours(("10:00", "18:00")) for day in range(5)})


# --- published vectors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", BIZ["add"], ids=lambda case: case["start"])
def test_adding_working_time(case: Mapping[str, Any]) -> None:
    """Time is used up within working hours alone; none of it leads to the next working instant."""
    assert at(case["expected"]) == CALENDAR.add(at(case["start"]), timedelta(seconds=case["business_seconds"]))


@pytest.mark.parametrize("case", BIZ["subtract"], ids=lambda case: case["end"])
def test_subtracting_working_time(case: Mapping[str, Any]) -> None:
    """Backwards it is the same; none of it leads to the end of the last working time."""
    assert at(case["expected"]) == CALENDAR.subtract(at(case["end"]), timedelta(seconds=case["business_seconds"]))


@pytest.mark.parametrize("case", BIZ["add_days"], ids=lambda case: f"{case['start']} {case['days']}")
def test_adding_working_days(case: Mapping[str, Any]) -> None:
    """The time of day stays, as far as there is work then."""
    assert at(case["expected"]) == CALENDAR.add_days(at(case["start"]), case["days"])


@pytest.mark.parametrize("case", BIZ["elapsed"], ids=lambda case: case["start"])
def test_measuring_working_time(case: Mapping[str, Any]) -> None:
    """Nothing lies between an instant and an earlier one."""
    assert timedelta(hours=case["expected_business_hours"]) == CALENDAR.diff(at(case["start"]), at(case["end"]))


@pytest.mark.parametrize("case", BIZ["periods_with_breaks"], ids=lambda case: str(case["breaks"]))
def test_breaks_are_taken_away(case: Mapping[str, Any]) -> None:
    """A break cuts hours at the front, at the end, or in two."""
    breaks = {date.fromisoformat(day): hours(*pairs) for day, pairs in case["breaks"].items()}
    calendar = WorkingCalendar(zone="UTC", week=WEEK, breaks=breaks)
    found = calendar.intervals(at("2006-01-02"), at("2006-01-03"))
    assert case["first_periods_on_2006_01_02"] == [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in found]


@pytest.mark.parametrize("case", VECTORS["helpdesk"]["deadlines"], ids=lambda case: case["name"])
def test_deadlines_of_a_help_desk(case: Mapping[str, Any]) -> None:
    """Deadlines of a desk that is open from Monday to Friday."""
    response, resolution = VECTORS["helpdesk"]["priorities_seconds_response_resolution"][case["priority"]]
    created = at(case["created"])
    assert at(case["response_by"]) == DESK.add(created, timedelta(seconds=response))
    assert at(case["resolution_by"]) == DESK.add(created, timedelta(seconds=resolution))


# --- changes of clocks -----------------------------------------------------------------------------------------------

NIGHTS = WorkingCalendar(
    zone="Europe/Berlin", week={day: hours(("22:00", "24:00"), ("00:00", "06:00")) for day in range(7)}
)


@pytest.mark.parametrize(
    ("evening", "worked"), [("2026-03-28T12:00:00", 7), ("2026-10-24T12:00:00", 9), ("2026-06-01T12:00:00", 8)]
)
def test_a_night_in_which_the_clocks_change(evening: str, worked: int) -> None:
    """A night shift from ten to six is an hour shorter in spring, and an hour longer in autumn."""
    start = datetime.fromisoformat(evening).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert timedelta(hours=worked) == NIGHTS.diff(start, start + timedelta(days=1))


def test_hours_that_the_clocks_skip_are_none() -> None:
    """From two to three there is nothing to be worked in the night in which it is three after two."""
    calendar = WorkingCalendar(zone="Europe/Berlin", week={6: hours(("02:00", "03:00"), ("02:30", "04:00"))})
    found = list(calendar.intervals(at("2026-03-29"), at("2026-03-30")))
    assert [(at("2026-03-29T01:00:00"), at("2026-03-29T02:00:00"))] == found


def test_a_calendar_that_is_always_closed_has_no_deadline() -> None:
    """It says so instead of searching for ever."""
    closed = WorkingCalendar(zone="UTC", week={})
    for ask in (
        lambda: closed.add(at("2026-01-01"), timedelta(0)),
        lambda: closed.subtract(at("2026-01-01"), timedelta(1)),
    ):
        with pytest.raises(NoWorkingTime):
            ask()
    with pytest.raises(NoWorkingTime):
        closed.add_days(at("2026-01-01"), 1)
    assert timedelta(0) == closed.diff(at("2020-01-01"), at("2026-01-01"))


# --- the algebra -----------------------------------------------------------------------------------------------------

ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns")
spans = st.builds(
    lambda start, length: Hours(start, min(start + length, 2 * 86_400)),
    st.integers(0, 86_399),
    st.integers(3 * 3600, 20 * 3600),
)
days_of_2026 = st.dates(date(2025, 12, 20), date(2027, 1, 10))
calendars = st.builds(
    WorkingCalendar,
    zone=st.sampled_from(ZONES),
    week=st.dictionaries(st.integers(0, 6), st.lists(spans, min_size=1, max_size=3), min_size=1),
    days=st.dictionaries(days_of_2026, st.lists(spans, max_size=2), max_size=5),
    breaks=st.dictionaries(days_of_2026, st.lists(spans, max_size=2), max_size=5),
)
instants = st.datetimes(datetime(2025, 12, 25), datetime(2026, 12, 31), timezones=st.just(UTC))
amounts = st.timedeltas(timedelta(0), timedelta(days=4))


@settings(max_examples=100, deadline=None)
@given(calendars, instants, amounts)
def test_what_is_added_lies_between(calendar: WorkingCalendar, start: datetime, worked: timedelta) -> None:
    """``diff(t, add(t, d)) == d``, backwards too, to the microsecond and across changes of clocks."""
    end = calendar.add(start, worked)
    assert worked == calendar.diff(start, end)
    assert end >= start
    begin = calendar.subtract(start, worked)
    assert worked == calendar.diff(begin, start)
    assert begin <= start


@settings(max_examples=100, deadline=None)
@given(calendars, instants, amounts, amounts)
def test_adding_twice_is_adding_the_sum(
    calendar: WorkingCalendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    """A deadline may be put off in parts; only where nothing more is added may it lie before an opening, not after."""
    once, twice = calendar.add(start, first + second), calendar.add(calendar.add(start, first), second)
    assert twice == once or (not second and once <= twice and not calendar.diff(once, twice))


@settings(max_examples=60, deadline=None)
@given(calendars, st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 20), timezones=st.just(UTC)))
def test_it_is_what_the_wall_clock_says(calendar: WorkingCalendar, start: datetime) -> None:
    """Minute by minute, three days of working time are what the hours on the wall say; a minute of the wall that comes
    twice counts for the hours that it is in the first time and the second."""
    zone, minute = ZoneInfo(calendar.zone), timedelta(minutes=1)
    rounded = WorkingCalendar(
        zone=calendar.zone,
        week={day: _minutes(each) for day, each in calendar.week.items()},
        days={day: _minutes(each) for day, each in calendar.days.items()},
    )
    start = start.replace(second=0, microsecond=0)
    moments = [start + index * minute for index in range(3 * 24 * 60)]
    local = [moment.astimezone(zone) for moment in moments]
    if len({moment.utcoffset() for moment in local}) > 1:
        return
    expected = sum(_is_worked(rounded, moment.replace(tzinfo=None)) for moment in local)
    assert timedelta(minutes=expected) == rounded.diff(start, start + len(moments) * minute)


def _minutes(given: Sequence[Hours]) -> list[Hours]:
    return [Hours(one.start // 60 * 60, max(one.until // 60 * 60, one.start // 60 * 60 + 60)) for one in given]


def _is_worked(calendar: WorkingCalendar, wall: datetime) -> bool:
    midnight = datetime.combine(wall.date(), datetime.min.time())
    second = int((wall - midnight).total_seconds())
    before = wall.date() - timedelta(days=1)
    return any(one.start <= second < one.until for one in calendar.hours_of(wall.date())) or any(
        second + 86_400 < one.until for one in calendar.hours_of(before)
    )


@settings(max_examples=50, deadline=None)
@given(calendars, instants)
def test_intervals_are_the_working_time(calendar: WorkingCalendar, start: datetime) -> None:
    """They lie apart, in order, are open throughout, and add up to what lies between."""
    end = start + timedelta(days=20)
    found = list(calendar.intervals(start, end))
    assert all(first < last for first, last in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))
    assert all(calendar.is_open(first) and not calendar.is_open(last) for first, last in found if last < end)
    assert calendar.diff(start, end) == sum((last - first for first, last in found), timedelta(0))
