"""A calendar that is laid out answers as the calendar does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from crmkit_service.sla.axis import AROUND, FEW, Axis
from crmkit_work.api import NoWorkingTime, WorkingCalendar
from crmkit_work.calendars.clock import Hours
from hypothesis import given, settings, strategies as some

NOW = datetime(2026, 3, 20, 10, tzinfo=UTC)
OFFICE = WorkingCalendar(
    zone="Europe/Berlin",
    week={
        **{day: (Hours(9 * 3600, 12 * 3600), Hours(13 * 3600, 17 * 3600 + 1800)) for day in range(5)},
        5: (Hours(22 * 3600, 30 * 3600),),
    },
    days={date(2026, 4, 3): (), date(2026, 4, 4): (Hours(0, 86_400),), date(2026, 4, 5): (Hours(0, 3600),)},
)
CLOSED = WorkingCalendar(zone="UTC", week={})
moments = some.datetimes(
    (NOW - AROUND * 1.2).replace(tzinfo=None), (NOW + AROUND * 1.2).replace(tzinfo=None), timezones=some.just(UTC)
)
amounts = some.one_of(
    some.timedeltas(timedelta(), timedelta(days=150)),
    some.integers(0, 400).map(lambda halves: timedelta(minutes=30 * halves)),
)


def laid(calendar: WorkingCalendar) -> Axis:
    """Return the axis of a calendar, of which enough was asked for it to be laid out."""
    axis = Axis(calendar, NOW)
    for _place in range(FEW):
        axis.diff(NOW, NOW + timedelta(hours=1))
    return axis


AXIS = laid(OFFICE)


@settings(max_examples=150, deadline=None)
@given(start=moments, end=moments)
def test_time_between(start: datetime, end: datetime) -> None:
    """As much working time lies between two instants as by the calendar, within what is laid out and beyond."""
    assert AXIS.diff(start, end) == OFFICE.diff(start, end)


@settings(max_examples=150, deadline=None)
@given(start=moments, amount=amounts)
def test_time_after(start: datetime, amount: timedelta) -> None:
    """An amount of working time is over when it is by the calendar, at the end of work too."""
    assert AXIS.add(start, amount) == OFFICE.add(start, amount)


def test_end_of_work() -> None:
    """What is used up when work ends ends there, not at the next opening."""
    monday = datetime(2026, 3, 23, 8, tzinfo=UTC)
    assert AXIS.add(monday, timedelta(hours=3)) == monday + timedelta(hours=3)


def test_never_open() -> None:
    """A calendar that is always closed has no working time, laid out or not."""
    with pytest.raises(NoWorkingTime):
        laid(CLOSED).add(NOW, timedelta(hours=1))
