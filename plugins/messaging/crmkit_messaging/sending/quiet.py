"""Quiet hours and calendar periods in a time zone, exact to the second across changes of the clock.

Pure: instants in, instants out. What begins at a time that the clocks skip begins when they go on; what ends at a time
that there is twice ends at the second one, and begins at the first. Must not know customers or messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import field, frozen

from crmkit import InvalidInput, Problem, texts

_ = texts("crmkit_messaging")

_HOURS = re.compile(r"\s*(\d{1,2})(?:[:：](\d{2}))?\s*(?:-|–|—|~|～|至|到)\s*(\d{1,2})(?:[:：](\d{2}))?\s*")
_DAY = 24 * 60
LOOK_AHEAD = timedelta(days=15)
"""What is quiet for longer is quiet for ever: each week is like the other."""


@frozen(kw_only=True)
class Quiet:
    """Quiet hours: minutes after midnight at which they begin and end, and the days of the week (0 is Monday) on which
    they begin, all where there is none. They last until the next day where they do not end after they begin."""

    start: int
    end: int
    days: frozenset[int] = field(default=frozenset(), converter=frozenset)

    @property
    def length(self) -> int:
        """Return how many minutes on the wall lie between beginning and end."""
        return (self.end - self.start) % _DAY or _DAY

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Return the instants (UTC) between which it is quiet, of the hours that begin on a day of the zone's."""
        if self.days and day.weekday() not in self.days:
            return None
        begins = on_the_wall(day, self.start, zone, latest=False)
        ends = on_the_wall(day, self.start + self.length, zone, latest=True)
        return begins, max(begins, ends)


def parse_quiet(text: str, days: Iterable[int] = ()) -> Quiet:
    """Return the quiet hours that a text such as ``21:00-08:00`` says. Raises InvalidInput."""
    match = _HOURS.fullmatch(text)
    start = end = -1
    if match is not None:
        start = int(match[1]) * 60 + int(match[2] or 0)
        end = int(match[3]) * 60 + int(match[4] or 0)
    if match is None or start >= _DAY or end > _DAY or int(match[2] or 0) > 59 or int(match[4] or 0) > 59:
        hint = _("Write them as 21:00-08:00.")
        raise InvalidInput(
            [Problem(InvalidInput.code, _("These are no hours of a day."), field="hours", value=text, hint=hint)]
        )
    return Quiet(start=start, end=end % _DAY, days=days)


def written(quiet: Quiet) -> str:
    """Return hours in their usual form, as ``21:00-08:00``."""
    return f"{quiet.start // 60:02}:{quiet.start % 60:02}-{quiet.end // 60:02}:{quiet.end % 60:02}"


def quiet_until(at: datetime, hours: Sequence[Quiet], zone: ZoneInfo) -> datetime | None:
    """Return the first instant from ``at`` on at which it is not quiet, which may be ``at`` itself; None where it
    always is."""
    here = at
    while here - at <= LOOK_AHEAD:
        ends = [until for each in hours if (until := _covering(here, each, zone)) is not None]
        if not ends:
            return here
        here = max(ends)
    return None


def _covering(at: datetime, quiet: Quiet, zone: ZoneInfo) -> datetime | None:
    today = at.astimezone(zone).date()
    # A clock can change by a day, and hours may begin on the evening before.
    spans = (quiet.on(today + timedelta(days=shift), zone) for shift in (-2, -1, 0, 1))
    return max((span[1] for span in spans if span is not None and span[0] <= at < span[1]), default=None)


# --- the calendar -----------------------------------------------------------------------------------------------------


def period_of(at: datetime, per: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return where the day, the week (from Monday) or the month of the zone's calendar that an instant lies in begins,
    and where the next one does (UTC)."""
    day = at.astimezone(zone).date()
    if per == "day":
        first, after = day, day + timedelta(days=1)
    elif per == "week":
        first = day - timedelta(days=day.weekday())
        after = first + timedelta(days=7)
    else:
        first = day.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
    return on_the_wall(first, 0, zone, latest=False), on_the_wall(after, 0, zone, latest=False)


def on_the_wall(day: date, minute: int, zone: ZoneInfo, *, latest: bool) -> datetime:
    """Return the instant (UTC) at which clocks of a zone show a time: the first or the latest one where there are two,
    that of the change where there is none."""
    shown = datetime.combine(day, time()) + timedelta(minutes=minute)
    early, late = shown.replace(tzinfo=zone, fold=0), shown.replace(tzinfo=zone, fold=1)
    one, other = early.astimezone(UTC), late.astimezone(UTC)
    if one <= other:
        return other if latest else one
    return _change(other, one, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant between two others at which the clocks of a zone are changed."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
