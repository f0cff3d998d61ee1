"""Working time: which instants are worked, how much of it lies between two of them, and when some of it is over.

Pure computation; must not know databases, tables or settings. Instants are aware datetimes and come back in UTC; all
arithmetic is in whole microseconds since 1970, so nothing is rounded.

Wall-clock times become instants as follows. One that a change of clocks skips is the instant of that change; one that
it repeats is the first of the two. So intervals that touch on the wall touch in time, a shift from 22:00 to 06:00 in
the night of a change is an hour shorter or longer, and no second is counted twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from attrs import field, frozen

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HORIZON = 30
"""Years within which working time must be found; a calendar that is always closed has none."""
_MICRO = timedelta(microseconds=1)
_YEARS = 64
"""Years that are kept compiled, of all calendars together."""


class NoWorkingTime(Exception):
    """A calendar has less working time than was asked for within the horizon."""


@frozen(order=True)
class Hours:
    """Working hours of one day, as seconds after its midnight on the wall; ``until`` beyond 86,400 reaches into the
    next day. The end does not belong to them."""

    start: int
    until: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.start < self.until or self.start >= 86_400 or self.until > 2 * 86_400:
            raise ValueError("hours begin within their day and end after they begin, within the next day at the latest")


@frozen(kw_only=True)
class WorkingCalendar:
    """When is worked: a zone, the hours of each weekday (0 is Monday), and days that differ.

    ``days`` replaces the hours of a date (nothing for a day off, hours for a make-up day); ``breaks`` takes hours of a
    date away from what is worked then, those of the evening before included. ``rule`` says of a date that has no entry
    in ``days`` which hours it has, nothing on a holiday, or None where it is a day of the week like any other.
    """

    zone: str
    week: Mapping[int, Sequence[Hours]]
    days: Mapping[date, Sequence[Hours]] = field(factory=dict)
    breaks: Mapping[date, Sequence[Hours]] = field(factory=dict)
    rule: Callable[[date], Sequence[Hours] | None] | None = None
    _years: dict[int, Year] = field(factory=dict, init=False, eq=False, repr=False)

    def hours_of(self, day: date) -> Sequence[Hours]:
        """Return the hours of a date as they are written down, breaks aside."""
        known = self.days.get(day)
        if known is None and self.rule is not None:
            known = self.rule(day)
        return self.week.get(day.weekday(), ()) if known is None else known

    def is_open(self, at: datetime) -> bool:
        """Say whether an instant is working time; the end of hours is not."""
        moment = _micros(at)
        year = self._year(self._year_of(at))
        place = bisect_right(year.starts, moment)
        return place > 0 and moment < year.ends[place - 1]

    def diff(self, start: datetime, end: datetime) -> timedelta:
        """Return how much working time lies between two instants; nothing where the end is not after the start."""
        if end <= start:
            return timedelta()
        first, last = self._year_of(start), self._year_of(end)
        between = sum(self._year(number).sums[-1] for number in range(first, last))
        worked = between + self._year(last).before(_micros(end)) - self._year(first).before(_micros(start))
        return timedelta(microseconds=worked)

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """Return the first instant at which so much working time has gone by since ``start``, in UTC.

        Of no time at all that is the first working instant from ``start`` on. Time that is used up when work ends ends
        there, not at the next opening. Raises NoWorkingTime, and ValueError for less than nothing.
        """
        wanted = _amount(worked)
        first, moment = self._year_of(start), _micros(start)
        wanted += self._year(first).before(moment)
        for number in range(first, first + HORIZON + 1):
            year = self._year(number)
            if worked:
                if wanted <= year.sums[-1]:
                    place = bisect_left(year.sums, wanted)
                    return _instant(year.ends[place - 1] - (year.sums[place] - wanted))
                wanted -= year.sums[-1]
                continue
            place = bisect_right(year.ends, moment)
            if place < len(year.starts):
                return _instant(max(moment, year.starts[place]))
        raise NoWorkingTime

    def subtract(self, end: datetime, worked: timedelta) -> datetime:
        """Return the last instant from which so much working time goes by until ``end``, in UTC.

        Of no time at all that is the last instant before which is worked. Raises NoWorkingTime, and ValueError for less
        than nothing.
        """
        wanted = -_amount(worked)
        first, moment = self._year_of(end), _micros(end)
        wanted += self._year(first).before(moment)
        for number in range(first, first - HORIZON - 1, -1):
            year = self._year(number)
            if worked:
                if wanted >= 0:
                    place = bisect_right(year.sums, wanted)
                    return _instant(year.starts[place - 1] + (wanted - year.sums[place - 1]))
                wanted += self._year(number - 1).sums[-1]
                continue
            place = bisect_left(year.starts, moment)
            if place > 0:
                return _instant(min(moment, year.ends[place - 1]))
        raise NoWorkingTime

    def add_days(self, start: datetime, days: int) -> datetime:
        """Return the same time of day some working days later (earlier, for fewer than none), in UTC; where nothing is
        worked then, the next working instant (the end of the last working time before).

        A working day is a date that has hours of its own. Raises NoWorkingTime.
        """
        zone = ZoneInfo(self.zone)
        local = start.astimezone(zone)
        day, step = local.date(), DAY if days >= 0 else -DAY
        left, seen = abs(days), 0
        while left:
            day += step
            seen = 0 if self._spans(day) else seen + 1
            left -= not seen
            if seen > HORIZON * 366:
                raise NoWorkingTime
        moment = _instant(_on_wall(zone, datetime.combine(day, local.time())))
        return self.add(moment, timedelta()) if days >= 0 else self.subtract(moment, timedelta())

    def intervals(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Return the working time between two instants as intervals in UTC, in order; those that touch are one."""
        low, high = _micros(start), _micros(end)
        held: tuple[int, int] | None = None
        for number in range(self._year_of(start), self._year_of(end) + 1):
            year = self._year(number)
            for first, last in zip(year.starts, year.ends, strict=True):
                first, last = max(first, low), min(last, high)
                if first >= last:
                    continue
                if held is not None and held[1] == first:
                    held = (held[0], last)
                    continue
                if held is not None:
                    yield _instant(held[0]), _instant(held[1])
                held = (first, last)
        if held is not None:
            yield _instant(held[0]), _instant(held[1])

    # --- years --------------------------------------------------------------------------------------------------------

    def _year_of(self, at: datetime) -> int:
        return at.astimezone(ZoneInfo(self.zone)).year

    def _year(self, number: int) -> Year:
        known = self._years.get(number)
        if known is None:
            if len(self._years) >= _YEARS:
                self._years.clear()
            known = self._years[number] = self._compiled(number)
        return known

    def _compiled(self, number: int) -> Year:
        """Return a year of the zone: what begins the evening before it and reaches into it belongs to it in part."""
        zone = ZoneInfo(self.zone)
        low, high = (_on_wall(zone, datetime.combine(date(each, 1, 1), time())) for each in (number, number + 1))
        first = date(number, 1, 1) - DAY
        dates = [first + index * DAY for index in range((date(number, 12, 31) - first).days + 1)]
        worked = _union(span for day in dates for span in self._spans(day))
        away = _union(span for day in dates for span in _placed(zone, day, self.breaks.get(day, ())))
        return Year.of((max(a, low), min(b, high)) for a, b in _without(worked, away) if a < high and b > low)

    def _spans(self, day: date) -> list[tuple[int, int]]:
        return _placed(ZoneInfo(self.zone), day, self.hours_of(day))


@frozen
class Year:
    """The working time of one year: intervals in microseconds since 1970, apart and in order, and what has been worked
    before each of them, in the whole year last."""

    starts: Sequence[int]
    ends: Sequence[int]
    sums: Sequence[int]

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> Year:
        """Return the year of intervals that are apart and in order."""
        listed = list(spans)
        return cls(
            [first for first, _last in listed],
            [last for _first, last in listed],
            [0, *accumulate(last - first for first, last in listed)],
        )

    def before(self, moment: int) -> int:
        """Return how much of the year's working time lies before an instant."""
        place = bisect_right(self.starts, moment)
        return self.sums[place] - (max(0, self.ends[place - 1] - moment) if place else 0)


def _placed(zone: ZoneInfo, day: date, hours: Iterable[Hours]) -> list[tuple[int, int]]:
    midnight = datetime.combine(day, time())
    placed = (
        (
            _on_wall(zone, midnight + timedelta(seconds=one.start)),
            _on_wall(zone, midnight + timedelta(seconds=one.until)),
        )
        for one in hours
    )
    return [(first, last) for first, last in placed if first < last]


def _on_wall(zone: ZoneInfo, wall: datetime) -> int:
    """Return the instant of a time on the wall, in microseconds since 1970."""
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return _micros(found)
    # Skipped: read with the offset after the change it lies before the change, with the one before it, after.
    low = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset, high = found.astimezone(zone).utcoffset(), found
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=1) // 2)
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, high)
    return _micros(high.replace(microsecond=0))


def _union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _without(spans: Sequence[tuple[int, int]], away: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    place = 0
    for first, last in spans:
        while place < len(away) and away[place][1] <= first:
            place += 1
        here = place
        while here < len(away) and away[here][0] < last:
            if first < away[here][0]:
                yield first, away[here][0]
            first = max(first, away[here][1])
            here += 1
        if first < last:
            yield first, last


def _micros(at: datetime) -> int:
    return (at - EPOCH) // _MICRO


def _instant(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def _amount(worked: timedelta) -> int:
    if worked < timedelta():
        raise ValueError("an amount of working time is not negative")
    return worked // _MICRO
