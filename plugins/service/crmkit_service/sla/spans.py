"""Stretches of time of a clock: how much working time was used up in them, and when an amount of it was reached.

Pure; must not know why time counts or does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from attrs import frozen
from crmkit_work.api import NoWorkingTime, WorkingCalendar

from crmkit_service.sla.axis import Axis

ZERO = timedelta()


@frozen
class Worked:
    """A calendar by which time counts, with its name; None counts every second."""

    name: str
    calendar: WorkingCalendar | Axis | None = None

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much time counts between two instants; none where the end is not after the start."""
        if end <= start:
            return ZERO
        return end - start if self.calendar is None else self.calendar.diff(start, end)

    def after(self, start: datetime, amount: timedelta) -> datetime | None:
        """Return when so much time has counted since an instant; None where the calendar never has that much."""
        if self.calendar is None:
            return start + amount
        try:
            return self.calendar.add(start, amount)
        except NoWorkingTime:
            return None

    def intervals(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Return the stretches that count between two instants, in order."""
        if self.calendar is not None:
            yield from self.calendar.intervals(start, end)
        elif start < end:
            yield start, end


class Span(NamedTuple):
    """A stretch of a clock's life: until when (None: it goes on), whether time counts in it and by which calendar, the
    state of the case then, and the queue that it was in."""

    start: datetime
    end: datetime | None
    counted: bool
    worked: Worked
    state: str
    queue: str


def used(spans: Sequence[Span], until: datetime, carried: timedelta = ZERO) -> timedelta:
    """Return how much working time was used up by an instant."""
    return sum(measured(spans, until), carried)


def measured(spans: Sequence[Span], until: datetime) -> list[timedelta]:
    """Return how much working time each stretch has used up by an instant."""
    return [
        span.worked.between(span.start, until if span.end is None or span.end > until else span.end)
        if span.counted
        else ZERO
        for span in spans
    ]


def reached(
    spans: Sequence[Span], amount: timedelta, carried: timedelta = ZERO, measures: Sequence[timedelta] | None = None
) -> datetime | None:
    """Return when an amount of working time is used up; None where it never will be as things stand: the clock is
    paused or ended before that. ``measures`` is what each stretch has used up, where that is known already."""
    left = amount - carried
    for place, span in enumerate(spans):
        if not span.counted:
            continue
        if left <= ZERO:
            return span.start
        if span.end is None:
            return span.worked.after(span.start, left)
        here = measures[place] if measures is not None else span.worked.between(span.start, span.end)
        if here >= left:
            return span.worked.after(span.start, left)
        left -= here
    return None
