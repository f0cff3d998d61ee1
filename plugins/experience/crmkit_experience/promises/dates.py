"""By when something is promised, read from a sentence in English or Chinese: the last instant that keeps it.

Days and times are those of the zone that is given, as of the instant at which it was said. "Soon" is no time. Must not
know what is promised.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

_SMALL = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "fourteen": 14, "twenty-four": 24, "forty-eight": 48,
}  # fmt: skip
_DIGITS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_DAYS = {name: place for place, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_MONTHS = {
    name: place
    for place, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_NUMBER = r"(?P<n>\d{1,3}|" + "|".join(sorted(_SMALL, key=len, reverse=True)) + ")"
_WEEKDAY = r"(?P<day>mon|tues?|wednes|thurs?|fri|satur|sun)day"
_MONTH = r"(?P<month>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_CHINESE = r"(?P<n>\d{1,3}|[一两二三四五六七八九]?十[一二三四五六七八九]?|[一两二三四五六七八九])"
_FRIDAY = 4
_PARTS = {"上午": time(12), "下午": time(18)}


@frozen(kw_only=True)
class Due:
    """The last instant (UTC) that keeps a promise, the day of it in the zone, and whether a whole day was said."""

    at: datetime
    day: date
    whole_day: bool


@frozen(kw_only=True)
class _Read:
    day: date | None = None
    at: datetime | None = None
    hour: time | None = None


def due_of(sentence: str, said_at: datetime, zone: str) -> Due | None:
    """Return until when a sentence that was said at an instant (UTC) promises something, None where it says no time
    or one that was over already."""
    here = ZoneInfo(zone)
    now = said_at.astimezone(here)
    lowered = sentence.casefold()
    found = next((read for pattern, take in _RULES if (m := pattern.search(lowered)) and (read := take(m, now))), None)
    clock = _clock(lowered)
    if found is None:
        # A time alone is one of today, or of tomorrow where it is over.
        if clock is None:
            return None
        day = now.date() if _at(now.date(), clock, here) > now else now.date() + timedelta(days=1)
        return Due(at=_at(day, clock, here).astimezone(UTC), day=day, whole_day=False)
    if found.at is not None:
        return Due(at=found.at.astimezone(UTC), day=found.at.date(), whole_day=False)
    if found.day is None:
        return None
    hour = clock or found.hour or next((at for word, at in _PARTS.items() if word in lowered), None)
    at = end_of(found.day, zone) if hour is None else _at(found.day, hour, here).astimezone(UTC)
    return Due(at=at, day=found.day, whole_day=hour is None) if at > said_at else None


def end_of(day: date, zone: str) -> datetime:
    """Return the instant (UTC) at which a day is over in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone)


def _number(said: str) -> int:
    if said.isascii():
        return int(said) if said.isdigit() else _SMALL[said]
    if "十" in said:
        tens, _ten, ones = said.partition("十")
        return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)
    return _DIGITS[said]


def _working(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _within(m: re.Match[str], now: datetime) -> _Read:
    count, unit, parts = _number(m["n"]), m["unit"], m.groupdict()
    if unit.startswith(("min", "分")):
        return _Read(at=now + timedelta(minutes=count))
    if unit.startswith(("hour", "hr", "小时", "个小时", "钟头", "个钟头")):
        return _Read(at=now + timedelta(hours=count))
    if parts.get("work") or unit.endswith("工作日"):
        return _Read(day=_working(now.date(), count))
    if unit.startswith(("week", "周", "个星期", "星期")):
        return _Read(day=now.date() + timedelta(weeks=count))
    return _Read(day=now.date() + timedelta(days=count))


def _after(days: int, hour: time | None = None) -> Callable[[re.Match[str], datetime], _Read]:
    return lambda _m, now: _Read(day=now.date() + timedelta(days=days), hour=hour)


def _weekday(m: re.Match[str], now: datetime) -> _Read:
    wanted, which = _DAYS[m["day"][:3]], (m["which"] or "").strip()
    today = now.date()
    if which == "next":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=1)
        return _Read(day=monday + timedelta(days=wanted))
    # "By Monday" said on a Monday means the coming one.
    return _Read(day=today + timedelta(days=(wanted - today.weekday()) % 7 or 7))


def _weekday_zh(m: re.Match[str], now: datetime) -> _Read:
    wanted, which = "一二三四五六日天".index(m["day"]), m["which"] or ""
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=min(wanted, 6), weeks=len(which) if which.startswith("下") else 0)
    return _Read(day=day if which or day > today else day + timedelta(weeks=1))


def _week_end(weeks: int) -> Callable[[re.Match[str], datetime], _Read]:
    def read(_m: re.Match[str], now: datetime) -> _Read:
        monday = now.date() - timedelta(days=now.weekday()) + timedelta(weeks=weeks)
        friday = monday + timedelta(days=_FRIDAY)
        return _Read(day=friday if friday >= now.date() else monday + timedelta(days=6))

    return read


def _month_end(_m: re.Match[str], now: datetime) -> _Read:
    return _Read(day=now.date().replace(day=monthrange(now.year, now.month)[1]))


def _named(m: re.Match[str], now: datetime) -> _Read | None:
    """Read a day with a month, of this year or the next one that is to come."""
    parts = m.groupdict()
    said = parts["month"]
    month = int(said) if said.isdigit() else _MONTHS[said[:3]]
    year = int(parts["year"]) if parts.get("year") else now.year
    for each in (year, year + 1):
        try:
            day = date(each, month, int(parts["dom"]))
        except ValueError:
            return None
        if day >= now.date() or parts.get("year"):
            return _Read(day=day)
    return None


def _day_of_month(m: re.Match[str], now: datetime) -> _Read | None:
    wanted, today = int(m["dom"]), now.date()
    for step in range(3):
        month = (today.month - 1 + step) % 12 + 1
        year = today.year + (today.month - 1 + step) // 12
        if wanted <= monthrange(year, month)[1] and date(year, month, wanted) >= today:
            return _Read(day=date(year, month, wanted))
    return None


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime], _Read | None]], ...] = tuple(
    (re.compile(pattern), take)
    for pattern, take in (
        (r"(?<!\d)(?P<year>20\d\d)[-/年](?P<month>\d{1,2})[-/月](?P<dom>\d{1,2})(?!\d)", _named),
        (r"\b(?P<dom>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?" + _MONTH + r"(?:\s+(?P<year>20\d\d))?\b", _named),
        (r"\b" + _MONTH + r"\s+(?P<dom>\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<year>20\d\d))?", _named),
        (
            r"\b(?:within|in)\s+(?:the\s+next\s+)?" + _NUMBER + r"\s+(?P<work>(?:business|working)\s+)?"
            r"(?P<unit>minutes?|hours?|hrs?|days?|weeks?)\b",
            _within,
        ),
        (r"\bwithin\s+the\s+(?P<unit>hour)\b(?P<n>)", lambda m, now: _Read(at=now + timedelta(hours=1))),
        (r"\bday\s+after\s+tomorrow\b", _after(2)),
        (r"\btomorrow\s+morning\b", _after(1, time(12))),
        (r"\btomorrow\s+(?:afternoon)\b", _after(1, time(18))),
        (r"\btomorrow\b", _after(1)),
        (r"\bthis\s+morning\b", _after(0, time(12))),
        (r"\bthis\s+afternoon\b", _after(0, time(18))),
        (r"\b(?:today|tonight|this\s+evening|end\s+of\s+(?:the\s+)?(?:business\s+)?day|eod)\b", _after(0)),
        (r"\b(?P<which>next\s+|this\s+)?" + _WEEKDAY + r"\b", _weekday),
        (r"\bnext\s+week\b", _week_end(1)),
        (r"\b(?:this\s+week|end\s+of\s+(?:the\s+|this\s+)?week)\b", _week_end(0)),
        (r"\bend\s+of\s+(?:the\s+|this\s+)?month\b", _month_end),
        (r"\bby\s+the\s+(?P<dom>\d{1,2})(?:st|nd|rd|th)\b", _day_of_month),
        (r"(?<!\d)(?P<month>\d{1,2})月(?P<dom>\d{1,2})[日号]", _named),
        (_CHINESE + r"\s*(?P<unit>个?工作日|分钟|个?小时|个?钟头|天|周|个?星期)\s*(?:之?内|以内|后|之后)", _within),
        (r"大后天", _after(3)),
        (r"后天", _after(2)),
        (r"明早", _after(1, time(12))),
        (r"明(?:天|日|晚)", _after(1)),
        (r"(?:今天|今日|今晚|当天|当日|今早|今上午|今下午)", _after(0)),
        (r"(?P<which>下{1,2}个?|本|这个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])", _weekday_zh),
        (r"下(?:个)?(?:周|星期)", _week_end(1)),
        (r"(?:本周|这周|这个?星期|周末前)", _week_end(0)),
        (r"(?:本月|这个月|月)(?:底|末|内)", _month_end),
        (r"(?<![\d月])(?P<dom>\d{1,2})[日号](?=之?前|内|给|向|为|会|将|，|,|$)", _day_of_month),
    )
)
_CLOCK = re.compile(
    r"\b(?:at|by|before|until|till)\s+(?P<h>\d{1,2})(?::(?P<m>[0-5]\d))?\s*(?P<half>[ap])\.?m\b"
    r"|\b(?:at|by|before|until|till)\s+(?P<h2>[01]?\d|2[0-3]):(?P<m2>[0-5]\d)\b"
    r"|\b(?:at|by|before)\s+(?P<noon>noon)\b"
)
_CLOCK_ZH = re.compile(
    r"(?P<half>早上|上午|中午|下午|傍晚|晚上|晚)?\s*(?P<h>\d{1,2}|[一两二三四五六七八九]|十[一二]?)"
    r"(?:点|时)(?P<m>[0-5]\d分?|半|整)?(?!钟头)|(?<!\d)(?P<h2>[01]?\d|2[0-3])[:：](?P<m2>[0-5]\d)"
)


def _clock(text: str) -> time | None:
    found = _CLOCK.search(text)
    if found is not None:
        if found["noon"]:
            return time(12)
        if found["h2"]:
            return time(int(found["h2"]), int(found["m2"]))
        hour = int(found["h"])
        return time(hour % 12 + 12 * (found["half"] == "p"), int(found["m"] or 0)) if 1 <= hour <= 12 else None
    found = _CLOCK_ZH.search(text)
    if found is None:
        return None
    if found["h2"]:
        return time(int(found["h2"]), int(found["m2"])) if re.search(r"[\u4e00-\u9fff]", text) else None
    hour, half, minute = _number(found["h"]), found["half"] or "", found["m"] or ""
    if half in ("下午", "傍晚", "晚上", "晚") and hour < 12:
        hour += 12
    minutes = 30 if minute == "半" else int("".join(filter(str.isdigit, minute)) or 0)
    return time(hour, minutes) if hour < 24 else None
