"""Rules of repetition on the clock of a zone: across changes of the clocks, and what is no rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from crmkit_work.tasks.recurrence import Recurrence, check_rule, on_wall
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.errors import InvalidInput

BERLIN = "Europe/Berlin"
ZONES = st.sampled_from(("Asia/Shanghai", BERLIN, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"))
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)
RULES = st.one_of(
    st.integers(1, 9).map(lambda step: f"FREQ=DAILY;INTERVAL={step}"),
    st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1).map(
        lambda days: f"FREQ=WEEKLY;BYDAY={','.join(sorted(days))}"
    ),
    st.integers(1, 28).map(lambda day: f"FREQ=MONTHLY;BYMONTHDAY={day}"),
)


def first(recurrence: Recurrence, count: int) -> list[datetime]:
    """Return the first instants of a rule."""
    found = recurrence.instants()
    return [next(found) for _number in range(count)]


def test_nine_in_the_morning_stays_nine_across_a_change_of_the_clocks() -> None:
    """The instant moves by the hour by which the clocks do."""
    start = datetime(2026, 3, 27, 8, tzinfo=UTC)
    found = first(Recurrence(rule="FREQ=DAILY", start=start, zone=BERLIN), 4)
    assert [at.hour for at in found] == [8, 8, 7, 7]
    assert [at.astimezone(ZoneInfo(BERLIN)).hour for at in found] == [9, 9, 9, 9]


def test_a_time_that_is_skipped_is_the_instant_of_the_change() -> None:
    """Half past two does not exist in the night in which the clocks go forward; the next day it does again."""
    start = on_wall(datetime(2026, 3, 28, 2, 30), ZoneInfo(BERLIN))
    found = first(Recurrence(rule="FREQ=DAILY", start=start, zone=BERLIN), 3)
    walls = [f"{at.astimezone(ZoneInfo(BERLIN)):%d %H:%M}" for at in found]
    assert walls == ["28 02:30", "29 03:00", "30 02:30"]


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    """In the night in which the clocks go back a reminder fires once."""
    start = on_wall(datetime(2026, 10, 24, 2, 30), ZoneInfo(BERLIN))
    found = first(Recurrence(rule="FREQ=DAILY", start=start, zone=BERLIN), 3)
    assert [at.isoformat() for at in found[1:]] == ["2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"]


def test_a_rule_ends_by_its_count_or_its_day() -> None:
    """COUNT counts from the start; UNTIL is an instant, or the end of a day on the wall."""
    start = datetime(2026, 1, 30, 16, tzinfo=UTC)  # the 31st in Shanghai
    counted = Recurrence(rule="FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", start=start, zone="Asia/Shanghai")
    days = [at.astimezone(ZoneInfo("Asia/Shanghai")).date() for at in counted.instants()]
    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    until = Recurrence(rule="FREQ=DAILY;UNTIL=20260202", start=start, zone="Asia/Shanghai")
    assert len(list(until.instants())) == 3
    instant = Recurrence(rule="FREQ=DAILY;UNTIL=20260201T155959Z", start=start, zone="Asia/Shanghai")
    assert len(list(instant.instants())) == 2


def test_the_last_friday_of_each_month() -> None:
    """A rule with a position is followed as RFC 5545 has it."""
    start = datetime(2026, 1, 1, 9, tzinfo=UTC)
    found = first(Recurrence(rule="FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", start=start, zone="UTC"), 4)
    assert [at.day for at in found] == [30, 27, 27, 24]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "every day",
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20260101",
        "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;DTSTART=20260101",
        "FREQ=MONTHLY;BYMONTHDAY=x",
        "FREQ=DAILY;COUNT=0",
    ],
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    """It is repeated, with how it would be right: nothing that never comes, nothing that comes by the second."""
    with pytest.raises(InvalidInput) as caught:
        check_rule(rule, field="rule")
    (problem,) = caught.value.problems
    assert (problem.field, problem.values["rule"], bool(problem.hint)) == ("rule", rule, True)


def test_a_rule_is_kept_as_it_is_meant() -> None:
    """Without what programs write before it, without spaces, in capitals."""
    assert check_rule("rrule: freq=weekly; byday=mo", field="rule") == "FREQ=WEEKLY;BYDAY=MO"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule=RULES, start=STARTS, zone=ZONES, ahead=st.integers(0, 400))
def test_the_next_one_is_the_first_that_lies_ahead(rule: str, start: datetime, zone: str, ahead: int) -> None:
    """Whatever is asked for, the answer lies after it, is one of the rule's, and none lies between."""
    recurrence = Recurrence(rule=rule, start=start, zone=zone)
    moment = start + timedelta(days=ahead, hours=7)
    found = recurrence.after(moment)
    assert found is not None
    assert found > moment
    assert recurrence.between(moment, found) == [found]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule=RULES, start=STARTS, zone=ZONES)
def test_the_time_on_the_wall_stays(rule: str, start: datetime, zone: str) -> None:
    """Every instant has the start's time on the wall, but on a day on which there is no such time."""
    local = ZoneInfo(zone)
    wall = start.astimezone(local).time().replace(fold=0)
    for at in first(Recurrence(rule=rule, start=start, zone=zone), 40):
        own = at.astimezone(local)
        there = on_wall(datetime.combine(own.date(), wall), local)
        exists = there.astimezone(local).time().replace(fold=0) == wall
        assert own.time().replace(fold=0) == wall or not exists


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    days=st.sets(st.integers(0, 6), min_size=1),
    start=STARTS,
    zone=ZONES,
)
def test_weekdays_are_those_that_a_calendar_has(days: set[int], start: datetime, zone: str) -> None:
    """Walking from day to day and looking at each finds the same dates."""
    names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    rule = f"FREQ=WEEKLY;BYDAY={','.join(names[day] for day in sorted(days))}"
    local = ZoneInfo(zone)
    begin = start.astimezone(local).date()
    # Two dates that are one instant, where a zone left out a day, are one.
    by_hand = [
        on_wall(datetime.combine(day, start.astimezone(local).time().replace(fold=0)), local)
        for day in (begin + timedelta(days=number) for number in range(60))
        if day.weekday() in days
    ]
    found = Recurrence(rule=rule, start=start, zone=zone).between(start - timedelta(seconds=1), by_hand[-1])
    assert found == sorted(set(by_hand) - {at for at in by_hand if at < start})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule=RULES, start=STARTS, zone=ZONES, cuts=st.lists(st.integers(1, 90), min_size=1, max_size=6))
def test_catching_up_in_parts_finds_what_one_look_finds(rule: str, start: datetime, zone: str, cuts: list[int]) -> None:
    """Whenever a worker stops and goes on, every turn comes exactly once, in order."""
    recurrence = Recurrence(rule=rule, start=start, zone=zone)
    marks = [start]
    for days in cuts:
        marks.append(marks[-1] + timedelta(days=days))
    parts = [at for low, high in pairwise(marks) for at in recurrence.between(low, high)]
    assert parts == recurrence.between(marks[0], marks[-1])
