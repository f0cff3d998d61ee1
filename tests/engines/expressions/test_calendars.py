"""Days and zones: where a day begins, which offset a zone has when, and how long a written duration is."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.engines.expressions.calendars import day_of, duration_of, offsets, start_of, zone_of

ZONES = sorted(available_timezones())
TICK = timedelta(microseconds=1)


@settings(max_examples=200, deadline=None)
@given(zone=st.sampled_from(ZONES), day=st.dates(date(1900, 1, 3), date(2099, 12, 1)))
def test_a_day_begins_where_the_one_before_ends(zone: str, day: date) -> None:
    """The first instant of a day is on it, or after it where it was left out; the one before is not."""
    start = start_of(day, zone)
    assert day_of(start - TICK, zone) < day <= day_of(start, zone)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "UTC"])
def test_the_offsets_of_a_zone_are_its_own(zone: str) -> None:
    """At every change, a microsecond before it and in between, the list has the offset that the zone has."""
    table = offsets(zone)
    starts = [since for since, _offset in table]
    middles = [one + (other - one) / 2 for one, other in pairwise(starts)]
    for instant in (*starts, *(since - TICK for since in starts[1:]), *middles):
        offset = table[bisect_right(starts, instant) - 1][1]
        assert timedelta(seconds=offset) == instant.astimezone(zone_of(zone)).utcoffset()


@pytest.mark.parametrize(
    ("day", "zone", "start"),
    [
        (date(2026, 3, 1), "Asia/Shanghai", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (date(2017, 10, 15), "America/Sao_Paulo", datetime(2017, 10, 15, 3, tzinfo=UTC)),
        (date(2011, 12, 30), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        (date(1919, 3, 31), "America/Toronto", datetime(1919, 3, 31, 4, 30, tzinfo=UTC)),
    ],
)
def test_days_that_do_not_begin_at_midnight(day: date, zone: str, start: datetime) -> None:
    """Clocks are put forward at midnight, over it, and over a whole day."""
    assert start == start_of(day, zone)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3d", 259_200),
        ("1w2d", 777_600),
        ("-1h30m", -5_400),
        ("0s", 0),
        ("90m", 5_400),
        ("", None),
        ("-", None),
        ("3", None),
        ("1d1w", None),
        ("3 d", None),
        ("999999999d", None),
        ("１d", None),
    ],
)
def test_written_durations(text: str, seconds: int | None) -> None:
    """Units in falling order, each at most once; up to ten thousand years."""
    assert (None if seconds is None else seconds * 1_000_000) == duration_of(text)
