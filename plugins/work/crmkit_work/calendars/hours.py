"""Working hours as people write them: ``mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00``, and back.

Pure text. Days are named in English or Chinese, hours are on the wall; an end at or before the start is on the next
day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from crmkit import InvalidInput, Problem, texts
from crmkit_work.calendars.clock import Hours

_ = texts("crmkit_work")

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = {
    **{name: index for index, name in enumerate(WEEKDAYS)},
    **{
        name: index
        for index, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    },
    **{f"{start}{name}": index for start in ("周", "星期", "礼拜") for index, name in enumerate("一二三四五六日")},
    **{f"{start}天": 6 for start in ("周", "星期", "礼拜")},
}
_SPAN = re.compile(r"(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?-(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?")
_FULL = 86_400
Week = Mapping[int, tuple[Hours, ...]]


def parse_week(text: str, *, field: str = "hours") -> Week:
    """Return the hours of each weekday (0 is Monday) that a text names; days that it does not name are free.

    Raises InvalidInput that repeats the part which is not understood, also for hours that overlap.
    """
    week: dict[int, tuple[Hours, ...]] = {}
    for part in re.split(r"[;；\n]", _plain(text)):
        words = part.split()
        if not words:
            continue
        days = [day for word in words[0].split(",") for day in _days(word, field)]
        hours = parse_hours(" ".join(words[1:]), field=field)
        for day in days:
            if day in week:
                raise _wrong(_('"{text}" names a day for the second time.'), part.strip(), field)
            week[day] = hours
    return week


def parse_hours(text: str, *, field: str = "hours") -> tuple[Hours, ...]:
    """Return the hours of one day that a text names, in order: ``09:00-12:00 13:00-17:30``, ``22:00-06:00`` into the
    next day, ``00:00-24:00``; nothing for an empty text. Raises InvalidInput."""
    found: list[Hours] = []
    for word in re.split(r"[\s,、]+", _plain(text).strip()):
        if not word:
            continue
        match = _SPAN.fullmatch(word)
        if match is None:
            raise _wrong(_('"{text}" are no hours.'), word, field)
        start, until = _seconds(match.groups()[:3]), _seconds(match.groups()[3:])
        if start is None or until is None or start >= _FULL:
            raise _wrong(_('"{text}" is no time of a day.'), word, field)
        found.append(Hours(start, until if until > start else until + _FULL))
    found.sort()
    for before, after in pairwise(found):
        if after.start < before.until:
            raise _wrong(_('"{text}" overlaps other hours of the day.'), format_hours([after]), field)
    return tuple(found)


def format_week(week: Mapping[int, Sequence[Hours]]) -> str:
    """Return the text of a week: days in a row that have the same hours are written together."""
    parts: list[str] = []
    day = 0
    while day < len(WEEKDAYS):
        hours, last = tuple(week.get(day, ())), day
        while last + 1 < len(WEEKDAYS) and tuple(week.get(last + 1, ())) == hours:
            last += 1
        if hours:
            name = WEEKDAYS[day] if last == day else f"{WEEKDAYS[day]}-{WEEKDAYS[last]}"
            parts.append(f"{name} {format_hours(hours)}")
        day = last + 1
    return "; ".join(parts)


def format_hours(hours: Sequence[Hours]) -> str:
    """Return the text of the hours of one day."""
    return " ".join(f"{_clock(one.start)}-{_clock(one.until, end=True)}" for one in hours)


def as_rows(week: Mapping[int, Sequence[Hours]]) -> list[list[int]]:
    """Return a week as rows of weekday, start and end in seconds, as it is kept."""
    return [[day, one.start, one.until] for day, hours in sorted(week.items()) for one in hours]


def of_rows(rows: Sequence[Sequence[Any]]) -> Week:
    """Return the week of rows as they are kept."""
    week: dict[int, tuple[Hours, ...]] = {}
    for day, start, until in rows:
        week[day] = (*week.get(day, ()), Hours(start, until))
    return week


def _plain(text: str) -> str:
    return re.sub(r"\s*[-–—~至]\s*", "-", unicodedata.normalize("NFKC", text).casefold())


def _days(word: str, field: str) -> list[int]:
    first, _dash, last = word.partition("-")
    if first not in _NAMES or (last and last not in _NAMES):
        raise _wrong(_('"{text}" is no day of the week.'), word, field)
    start = _NAMES[first]
    end = _NAMES[last] if last else start
    return list(range(start, end + 1)) if start <= end else [*range(start, 7), *range(end + 1)]


def _seconds(parts: Sequence[str | None]) -> int | None:
    hours, minutes, seconds = (int(part or 0) for part in parts)
    found = hours * 3600 + minutes * 60 + seconds
    return found if minutes < 60 and seconds < 60 and found <= _FULL else None


def _clock(seconds: int, *, end: bool = False) -> str:
    shown = seconds if seconds <= _FULL and end else seconds % _FULL
    hours, rest = divmod(shown, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{left:02}" if left else "")


def _wrong(message: str, text: str, field: str) -> InvalidInput:
    hint = _("Write them as mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00.")
    return InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, text=text)])
