"""Days off and breaks out of iCalendar files (RFC 5545): all-day events are days off, others are breaks.

Must not touch the database. Cancelled events, and those that keep the time free (TRANSP:TRANSPARENT) unless they last
whole days, are left out. Recurrences are followed to the end of a given year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit import InvalidInput, Problem, texts
from crmkit_work.calendars.clock import Hours

_ = texts("crmkit_work")

MOST = 5000
"""Most entries that one file may bring."""
DAY = timedelta(days=1)


@frozen(kw_only=True)
class Entry:
    """A day off (no hours) or a break of a date, on the wall of the calendar's zone."""

    day: date
    hours: Hours | None
    title: str


def read_ics(text: str, *, zone: str, until: date) -> list[Entry]:
    """Return what a file says about dates up to ``until``, by date.

    Raises InvalidInput for what is no iCalendar file, or one with more than `MOST` entries.
    """
    from icalendar import Calendar

    try:
        events = [event for each in Calendar.from_ical(text, multiple=True) for event in each.walk("VEVENT")]
        found = []
        for event in events:
            for entry in _entries(event, ZoneInfo(zone), until):
                if len(found) == MOST:
                    raise InvalidInput([_problem(_("The file has more than {most} entries."), most=MOST)])
                found.append(entry)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise InvalidInput([_problem(_("This is no iCalendar file: {reason}"), reason=str(error)[:200])]) from error
    if not events:
        raise InvalidInput([_problem(_("There is no event in the file."))])
    return sorted(found, key=lambda entry: (entry.day, entry.hours or Hours(0, 1), entry.title))


def _problem(message: str, **values: object) -> Problem:
    return Problem(InvalidInput.code, message, field="document", **values)


def _entries(event: Any, zone: ZoneInfo, until: date) -> Iterator[Entry]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or "DTSTART" not in event:
        return
    title = str(event.get("SUMMARY", ""))[:200]
    start = event.decoded("DTSTART")
    whole = not isinstance(start, datetime)
    if not whole and str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return
    end = _end(event, start)
    for began in _recurrences(event, start, until):
        if whole:
            for index in range(max(1, (end - start).days)):
                if began + index * DAY <= until:
                    yield Entry(day=began + index * DAY, hours=None, title=title)
            continue
        yield from _breaks(_local(began, zone), _local(began + (end - start), zone), title)


def _end(event: Any, start: Any) -> Any:
    if "DTEND" in event:
        end = event.decoded("DTEND")
        return end if end > start else start
    if "DURATION" in event:
        return start + event.decoded("DURATION")
    return start + DAY if not isinstance(start, datetime) else start


def _recurrences(event: Any, start: Any, until: date) -> Iterator[Any]:
    """Return when an event begins: once, or as its rule, further dates and exceptions say."""
    from dateutil.rrule import rrulestr

    whole = not isinstance(start, datetime)
    first = datetime.combine(start, time()) if whole else start
    last = datetime.combine(until, time.max, tzinfo=None if first.tzinfo is None else UTC)
    starts = {first}
    rule = event.get("RRULE")
    if rule is not None:
        text = rule.to_ical().decode()
        for index, moment in enumerate(rrulestr(text, dtstart=first, ignoretz=first.tzinfo is None)):
            if moment > last or index > MOST:
                break
            starts.add(moment)
    starts.update(_listed(event, "RDATE", first))
    starts.difference_update(_listed(event, "EXDATE", first))
    for moment in sorted(starts):
        if moment <= last:
            yield moment.date() if whole else moment


def _listed(event: Any, name: str, like: datetime) -> Iterator[datetime]:
    given = event.get(name)
    for part in given if isinstance(given, list) else [given] if given is not None else []:
        for item in part.dts:
            moment = item.dt
            if not isinstance(moment, datetime):
                moment = datetime.combine(moment, like.time(), tzinfo=like.tzinfo)
            yield moment


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a time as the wall shows it; one without a zone is on the wall of the calendar's."""
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)


def _breaks(start: datetime, end: datetime, title: str) -> Iterator[Entry]:
    day = start.date()
    while datetime.combine(day, time()) < end:
        midnight = datetime.combine(day, time())
        first = max(0, int((start - midnight).total_seconds()))
        last = min(86_400, int((end - midnight).total_seconds()))
        if first < last:
            yield Entry(day=day, hours=Hours(first, last), title=title)
        day += DAY
