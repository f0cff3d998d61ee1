"""Entries of calendars as a file that calendar programs read (iCalendar, RFC 5545).

Must not know where entries come from. Times are written in UTC, days without a time as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from attrs import frozen

from crmkit.errors import MissingExtra
from crmkit.i18n import texts

_ = texts("crmkit")

MEDIA = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=1)
"""How often a program should fetch a feed anew."""


@frozen(kw_only=True)
class CalendarEntry:
    """One entry. ``uid`` never changes; ``first`` and ``last`` are instants in UTC, or days, the last one included;
    ``changed_at`` is when it was last written, in UTC."""

    uid: str
    title: str
    first: datetime | date
    last: datetime | date | None = None
    changed_at: datetime
    kind: str = ""
    description: str = ""
    url: str = ""


def write_calendar(entries: Iterable[CalendarEntry], *, title: str) -> bytes:
    """Return a calendar with entries; the same entries always give the same bytes. Raises MissingExtra without the
    library that writes it."""
    try:
        from icalendar import Calendar
    except ImportError:
        raise MissingExtra(
            _("Calendars need {library}."), fix=_("Install crmkit[exchange]."), library="icalendar"
        ) from None
    made = Calendar()
    made.add("prodid", "-//crmkit//calendar//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", _plain(title))
    made.add("x-wr-calname", _plain(title))
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    for entry in entries:
        made.add_component(_event(entry))
    return bytes(made.to_ical())


def _event(entry: CalendarEntry) -> Any:
    from icalendar import Event

    made = Event()
    made.add("uid", entry.uid)
    made.add("dtstamp", _utc(entry.changed_at))
    made.add("last-modified", _utc(entry.changed_at))
    made.add("summary", _plain(entry.title))
    if isinstance(entry.first, datetime):
        made.add("dtstart", _utc(entry.first))
        last = entry.last if isinstance(entry.last, datetime) else None
        if last is not None and last > entry.first:
            made.add("dtend", _utc(last))
        elif entry.last is not None and not isinstance(entry.last, datetime):
            made.add("dtend", _utc(datetime.combine(entry.last + timedelta(days=1), datetime.min.time(), UTC)))
    else:
        last_day = entry.last.date() if isinstance(entry.last, datetime) else entry.last
        made.add("dtstart", entry.first)
        # The day behind the last one: that is how the end of whole days is written.
        made.add("dtend", max(last_day or entry.first, entry.first) + timedelta(days=1))
        made.add("transp", "TRANSPARENT")
    if entry.kind:
        made.add("categories", [_plain(entry.kind)])
    if entry.description:
        made.add("description", _plain(entry.description))
    if entry.url:
        made.add("url", entry.url)
    return made


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(microsecond=0)


def _plain(text: str) -> str:
    """Return a text without what no line may hold."""
    return "".join(char for char in text if char in "\n\t" or (char >= " " and not "\ud800" <= char <= "\udfff"))
