"""A working calendar laid out once around an instant, for the questions of many clocks: it answers as the calendar
does, and quicker.

Pure; must not know clocks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta

from crmkit_work.api import WorkingCalendar

AROUND = timedelta(days=200)
"""How far before and after the instant the calendar is laid out; beyond that the calendar itself is asked."""
FEW = 100
"""Questions for which laying it out does not pay."""
ZERO = timedelta()


class Axis:
    """The working time of a calendar as stretches and what has been worked at the end of each."""

    def __init__(self, calendar: WorkingCalendar, around: datetime) -> None:
        self._calendar = calendar
        self._first, self._last = around - AROUND, around + AROUND
        self._asked = 0
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._sums: list[timedelta] = [ZERO]

    def diff(self, start: datetime, end: datetime) -> timedelta:
        """Return how much working time lies between two instants; nothing where the end is not after the start."""
        if start < self._first or end > self._last or end <= start or not self._laid():
            return self._calendar.diff(start, end)
        return self._before(end) - self._before(start)

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """Return the first instant at which so much working time has gone by, in UTC, as the calendar does. Raises
        what that raises."""
        if start < self._first or start > self._last or worked <= ZERO or not self._laid():
            return self._calendar.add(start, worked)
        wanted = self._before(start) + worked
        sums = self._sums
        if wanted > sums[-1]:
            return self._calendar.add(start, worked)
        place = bisect_left(sums, wanted)
        return self._ends[place - 1] - (sums[place] - wanted)

    def intervals(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Return the working time between two instants as intervals in UTC, in order."""
        return self._calendar.intervals(start, end)

    def _before(self, at: datetime) -> timedelta:
        place = bisect_right(self._starts, at)
        if not place:
            return ZERO
        over = self._ends[place - 1] - at
        return self._sums[place] - over if over > ZERO else self._sums[place]

    def _laid(self) -> bool:
        """Say whether the calendar is laid out, after having done so once enough was asked."""
        if self._asked < FEW:
            self._asked += 1
            if self._asked < FEW:
                return False
            for first, last in self._calendar.intervals(self._first, self._last):
                self._starts.append(first)
                self._ends.append(last)
                self._sums.append(self._sums[-1] + (last - first))
        return True
