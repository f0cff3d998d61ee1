"""When something is due, as people write it: "tomorrow 10:00", "fri", "+2h", "+3wd", 明天, 下周一.

Pure; must not know tables. What has no time of day is due at the end of the working day, or at six in the evening
where no working calendar holds.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crmkit import InvalidInput, Problem, texts
from crmkit_work.calendars.clock import NoWorkingTime, WorkingCalendar
from crmkit_work.tasks.recurrence import on_wall

_ = texts("crmkit_work")

DAY = timedelta(days=1)
EVENING = time(18)
MORNING = time(9)
AFTERNOON = time(14)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE_DAYS = "一二三四五六日"
_OFFSET = re.compile(r"\+\s*(\d{1,5})\s*(min|m|h|d|wd|w|分钟|小时|天|个?工作日|周)")
_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})|(\d{1,2})\s*(am|pm)|(\d{1,2})[点时](半|(\d{1,2})分?)?", re.IGNORECASE)
_UNITS = {"min": "minutes", "m": "minutes", "分钟": "minutes", "h": "hours", "小时": "hours", "d": "days", "天": "days"}
_NEXT = ("next ", "下")


def parse_when(text: str, now: datetime, zone: str, calendar: WorkingCalendar | None = None) -> datetime:
    """Return the instant (UTC) that a text says, as seen ``now`` on the clock of a zone; working days are those of the
    calendar, else Monday to Friday. Raises InvalidInput for what is not understood."""
    given = " ".join(text.replace("，", " ").split()).lower()
    found = None
    if given:
        found = _absolute(given, zone) or _offset(given, now, zone, calendar) or _named(given, now, zone, calendar)
    if found is None:
        hint = _("Such as tomorrow 10:00, fri, +2h, +3d, +2wd (working days), or 2026-11-23 09:00.")
        message = _('"{said}" says no time.')
        raise InvalidInput([Problem(InvalidInput.code, message, field="due", hint=hint, said=text[:80])])
    return found


def day_end(day: date, zone: str, calendar: WorkingCalendar | None) -> datetime:
    """Return when work ends on a day, or six in the evening where nothing is worked on it or no calendar holds."""
    local = ZoneInfo(zone)
    if calendar is not None:
        own = ZoneInfo(calendar.zone)
        begin = on_wall(datetime.combine(day, time()), own)
        spans = list(calendar.intervals(begin, begin + timedelta(hours=36)))
        ends = [last for first, last in spans if first.astimezone(own).date() == day]
        if ends:
            return ends[-1]
    return on_wall(datetime.combine(day, EVENING), local)


def day_start(day: date, zone: str, calendar: WorkingCalendar | None) -> datetime:
    """Return when work begins on a day, or nine in the morning."""
    if calendar is not None:
        own = ZoneInfo(calendar.zone)
        begin = on_wall(datetime.combine(day, time()), own)
        for first, _last in calendar.intervals(begin, begin + timedelta(hours=24)):
            if first.astimezone(own).date() == day:
                return first
    return on_wall(datetime.combine(day, MORNING), ZoneInfo(zone))


def working_days_on(start: datetime, days: int, zone: str, calendar: WorkingCalendar | None) -> datetime:
    """Return the same time of day some working days later, earlier for fewer than none."""
    if calendar is not None:
        try:
            return calendar.add_days(start, days)
        except NoWorkingTime:
            return start + timedelta(days=days)
    local = start.astimezone(ZoneInfo(zone))
    day, left = local.date(), abs(days)
    step = timedelta(days=1 if days >= 0 else -1)
    while left:
        day += step
        left -= day.weekday() < 5
    return on_wall(datetime.combine(day, local.time().replace(tzinfo=None)), ZoneInfo(zone))


def snooze_end(choice: str, now: datetime, zone: str, calendar: WorkingCalendar | None) -> datetime:
    """Return until when something is put aside by one of the choices of `SNOOZES`. Raises InvalidInput for another."""
    local = now.astimezone(ZoneInfo(zone))
    today = local.date()
    if choice == "hour":
        return now + timedelta(hours=1)
    if choice == "afternoon":
        found = on_wall(datetime.combine(today, AFTERNOON), ZoneInfo(zone))
        return found if found > now else now + timedelta(hours=2)
    if choice == "tomorrow":
        return day_start(today + timedelta(days=1), zone, calendar)
    if choice == "working_day":
        return day_start(working_days_on(now, 1, zone, calendar).astimezone(ZoneInfo(zone)).date(), zone, calendar)
    if choice == "week":
        return day_start(today + timedelta(days=7 - today.weekday()), zone, calendar)
    raise InvalidInput([Problem(InvalidInput.code, _("There is no such choice."), field="choice", value=choice)])


def _absolute(text: str, zone: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if len(text) <= 10:
        return day_end(found.date(), zone, None)
    return found.astimezone(UTC) if found.tzinfo is not None else on_wall(found, ZoneInfo(zone))


def _offset(text: str, now: datetime, zone: str, calendar: WorkingCalendar | None) -> datetime | None:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    number, unit = int(match[1]), match[2]
    if unit in ("wd", "工作日", "个工作日"):
        if number > 1000:
            return None
        return working_days_on(now, number, zone, calendar)
    if unit in ("d", "天", "w", "周"):
        local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return on_wall(local + timedelta(days=number * (7 if unit in ("w", "周") else 1)), ZoneInfo(zone))
    return (now + timedelta(**{_UNITS[unit]: number})).replace(second=0, microsecond=0)


def _named(text: str, now: datetime, zone: str, calendar: WorkingCalendar | None) -> datetime | None:
    today = now.astimezone(ZoneInfo(zone)).date()
    at, rest = _clock(text)
    if at is None and rest != text:
        return None
    day = _day(rest.strip(), today)
    if day is None:
        return None
    if at is None:
        found = day_end(day, zone, calendar)
        # Said in the evening, "today" means what is left of it.
        return found if found > now or day != today else on_wall(datetime.combine(day, time(23, 59)), ZoneInfo(zone))
    found = on_wall(datetime.combine(day, at), ZoneInfo(zone))
    # A time alone that has passed today is tomorrow's.
    return found if rest.strip() or found > now else on_wall(datetime.combine(day + DAY, at), ZoneInfo(zone))


def _day(text: str, today: date) -> date | None:
    fixed = {"": 0, "today": 0, "今天": 0, "今日": 0, "tomorrow": 1, "明天": 1, "明日": 1, "后天": 2, "next week": None}
    if text in fixed:
        ahead = fixed[text]
        return today + timedelta(days=7 - today.weekday() if ahead is None else ahead)
    if text in ("下周", "下星期"):
        return today + timedelta(days=7 - today.weekday())
    following = text.startswith(_NEXT)
    bare = text.removeprefix("next ").removeprefix("下").removeprefix("on ")
    for prefix in ("周", "星期", "礼拜"):
        if bare.startswith(prefix) and bare.removeprefix(prefix) in (*_CHINESE_DAYS, "天"):
            number = _CHINESE_DAYS.index(bare.removeprefix(prefix).replace("天", "日"))
            monday = today - timedelta(days=today.weekday())
            if following:
                return monday + timedelta(days=7 + number)
            return today + timedelta(days=(number - today.weekday()) % 7)
    number = next((place for place, name in enumerate(_DAYS) if len(bare) >= 3 and _is_day(bare, name)), None)
    if number is None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(days=7 + number) if following else today + timedelta(days=(number - today.weekday()) % 7)


def _is_day(text: str, name: str) -> bool:
    full = {"mon": "monday", "tue": "tuesday", "wed": "wednesday", "thu": "thursday", "fri": "friday"}
    full |= {"sat": "saturday", "sun": "sunday"}
    return full[name].startswith(text)


def _clock(text: str) -> tuple[time | None, str]:
    """Return the time of day in a text and what else stands there; the text unchanged without one, a changed one and no
    time for a time that there is not."""
    match = _CLOCK.search(text)
    if match is None:
        return None, text
    rest = (text[: match.start()] + text[match.end() :]).replace(" at ", " ").replace("上午", "").strip()
    later = "下午" in rest or "晚上" in rest
    rest = rest.replace("下午", "").replace("晚上", "").removesuffix(" at").strip()
    if match[1] is not None:
        hour, minute = int(match[1]), int(match[2])
    elif match[3] is not None:
        hour, minute = int(match[3]) % 12 + (12 if match[4].lower() == "pm" else 0), 0
        if not 1 <= int(match[3]) <= 12:
            return None, rest + "?"
    else:
        hour, minute = int(match[5]), 30 if match[6] == "半" else int(match[7] or 0)
    if later and hour < 12:
        hour += 12
    try:
        return time(hour, minute), rest
    except ValueError:
        return None, rest + "?"
