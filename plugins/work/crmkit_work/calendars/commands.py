"""``crmkit work calendar``: working calendars on the command line, for people and for scripts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from crmkit import InvalidInput, NotFound, Problem, texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_work")

calendar = group(help=_("List, make and change working calendars, and compute with them."), name="calendar")
"""The group ``crmkit work calendar``."""

_PART = re.compile(r"(\d+)\s*(h|m|s|hours?|minutes?|min|seconds?|sec|小时|分钟|秒)?", re.IGNORECASE)
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.IGNORECASE)
_UNITS = {"h": 3600, "小": 3600, "m": 60, "分": 60, "s": 1, "秒": 1}


@command(calendar, "list", _("List the calendars."))
def list_(cli: Invocation) -> None:
    """Print the calendars."""
    from sqlalchemy import select

    from crmkit_work.calendars.hours import format_week, of_rows
    from crmkit_work.calendars.models import WorkingHours

    with cli.session() as session:
        rows = [
            {
                "name": each.name,
                "title": each.title,
                "zone": each.zone,
                "hours": format_week(of_rows(each.week)),
                "holidays": "-".join(filter(None, (each.holiday_country, each.holiday_subdivision))) or None,
                "usual": each.usual,
                "id": each.id,
            }
            for each in session.scalars(select(WorkingHours).order_by(WorkingHours.name))
        ]
    columns = (
        Column("name", _("Name")),
        Column("hours", _("Working hours")),
        Column("zone", _("Time zone")),
        Column("holidays", _("Holidays")),
        Column("usual", _("Usual")),
    )
    cli.output.table(columns, rows, empty=_("There is no calendar yet: crmkit work calendar new makes one."))


@command(calendar, "show", _("Show a calendar: its hours, and the days that differ."))
@click.argument("calendar")
@option("--from", "start", metavar="DAY", help=_("First day of the days that are shown; by default today."))
@option("--days", type=click.IntRange(1, 366), default=14, metavar="N", help=_("How many days are shown (14)."))
def show(cli: Invocation, calendar: str, start: str | None, days: int) -> None:
    """Print what is worked on the next days."""
    from crmkit_work.calendars.holidays import name_of
    from crmkit_work.calendars.hours import format_hours, format_week, of_rows
    from crmkit_work.calendars.reading import calendar_named, working_calendar

    with cli.session() as session:
        found = calendar_named(session, calendar)
        computed = working_calendar(session, found)
        first = _instant(start, computed.zone, "--from").date() if start else session.today()
        rows: list[dict[str, Any]] = []
        for index in range(days):
            day = first + timedelta(days=index)
            country = found.holiday_country
            rows.append(
                {
                    "day": day,
                    "hours": format_hours(computed.hours_of(day)),
                    "breaks": format_hours(computed.breaks.get(day, ())),
                    "holiday": name_of(country, found.holiday_subdivision, day) if country else None,
                }
            )
        about = {
            "name": found.name,
            "title": found.title,
            "zone": found.zone,
            "hours": format_week(of_rows(found.week)),
        }
    if not cli.json:
        cli.output.record([(_("Name"), about["name"]), (_("Time zone"), about["zone"]), (_("Hours"), about["hours"])])
    columns = (
        Column("day", _("Day")),
        Column("hours", _("Hours")),
        Column("breaks", _("Breaks")),
        Column("holiday", _("Holiday")),
    )
    cli.output.table(columns, rows, more={"calendar": about})


@command(calendar, "new", _("Make a calendar. HOURS as in: mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00."))
@click.argument("name")
@click.argument("hours")
@option("--title", metavar="TEXT", default="", help=_("What people read; by default the name."))
@option("--zone", metavar="ZONE", help=_("Time zone, such as Asia/Shanghai; by default the business's."))
@option(
    "--holidays", metavar="CC[-PART]", help=_("Country, or part of one, whose public holidays are free: CN, DE-BY.")
)
@option("--usual", is_flag=True, help=_("It holds for everybody who has no other one."))
def new(
    cli: Invocation, name: str, hours: str, title: str, zone: str | None, holidays: str | None, usual: bool
) -> None:
    """Make a calendar."""
    country, _dash, part = (holidays or "").partition("-")
    values = {"name": name, "hours": hours, "title": title, "zone": zone, "usual": usual}
    if country:
        values |= {"holiday_country": country, "holiday_subdivision": part or None}
    made = cli.run("work.calendar.create", values)
    cli.output.record([(_("Name"), made.name), (_("Time zone"), made.zone)], json={"id": made.id, "name": made.name})


@command(calendar, "off", _("Lay down a day off, or with --hours other hours of a day."))
@click.argument("calendar")
@click.argument("day")
@option("--until", metavar="DAY", help=_("Also every day until this one."))
@option("--hours", metavar="HOURS", default="", help=_("What is worked on it, such as 09:00-12:00."))
@option("--title", metavar="TEXT", default="", help=_("Why."))
def off(cli: Invocation, calendar: str, day: str, until: str | None, hours: str, title: str) -> None:
    """Lay down the hours of days."""
    _change(cli, calendar, "set_days", {"day": day, "until": until, "hours": hours, "title": title})


@command(calendar, "break", _("Take hours of a day away from what is worked then."))
@click.argument("calendar")
@click.argument("day")
@click.argument("hours")
@option("--until", metavar="DAY", help=_("Also every day until this one."))
@option("--title", metavar="TEXT", default="", help=_("Why."))
def break_(cli: Invocation, calendar: str, day: str, hours: str, until: str | None, title: str) -> None:
    """Lay down a break."""
    _change(cli, calendar, "add_break", {"day": day, "until": until, "hours": hours, "title": title})


@command(calendar, "load", _("Lay down the days off and breaks that an iCalendar file has."))
@click.argument("calendar")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(cli: Invocation, calendar: str, file: Path) -> None:
    """Load an iCalendar file."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput([Problem(InvalidInput.code, _("The file is no text in UTF-8."), field="FILE")]) from error
    _change(cli, calendar, "load", {"document": text})


@command(
    calendar,
    "add",
    _("Print when so much working time has gone by since an instant. DURATION as in 90s, 8h, 1h30m, PT8H or seconds."),
)
@click.argument("calendar")
@click.argument("start")
@click.argument("duration")
@option("--back", is_flag=True, help=_("Count backwards."))
def add(cli: Invocation, calendar: str, start: str, duration: str, back: bool) -> None:
    """Print an instant, in UTC with --json."""
    with cli.session() as session:
        computed = _computed(session, calendar)
        began, worked = _instant(start, computed.zone, "START"), _duration(duration)
        end = _found(calendar, lambda: computed.subtract(began, worked) if back else computed.add(began, worked))
    _print_instant(cli, end, computed.zone, {"start": began, "seconds": int(worked.total_seconds())})


@command(calendar, "days", _("Print the same time of day some working days later; with a minus, earlier."))
@click.argument("calendar")
@click.argument("start")
@click.argument("days", type=click.IntRange(-10_000, 10_000))
def days_(cli: Invocation, calendar: str, start: str, days: int) -> None:
    """Print an instant, in UTC with --json."""
    with cli.session() as session:
        computed = _computed(session, calendar)
        began = _instant(start, computed.zone, "START")
        end = _found(calendar, lambda: computed.add_days(began, days))
    _print_instant(cli, end, computed.zone, {"start": began, "days": days})


@command(calendar, "diff", _("Print how much working time lies between two instants."))
@click.argument("calendar")
@click.argument("start")
@click.argument("end")
def diff(cli: Invocation, calendar: str, start: str, end: str) -> None:
    """Print an amount of working time, in seconds with --json."""
    with cli.session() as session:
        computed = _computed(session, calendar)
    first, last = _instant(start, computed.zone, "START"), _instant(end, computed.zone, "END")
    worked = computed.diff(first, last)
    seconds = worked.total_seconds()
    shown = int(seconds) if seconds == int(seconds) else seconds
    document = {"start": first, "end": last, "seconds": shown}
    minutes, rest = divmod(worked, timedelta(minutes=1))
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{rest.total_seconds():02g}"
    cli.output.record([(_("Working time"), text), (_("Seconds"), shown)], json=document)


def _change(cli: Invocation, name: str, operation: str, values: dict[str, Any]) -> None:
    from crmkit_work.calendars.reading import calendar_named

    with cli.session() as session:
        identity = calendar_named(session, name).id
    cli.run(f"work.calendar.{operation}", values, target=identity)
    if cli.json:
        cli.output.document({"id": identity, "name": name})
    cli.output.say(_("Done: crmkit work calendar show {name} shows what is worked."), name=name)


def _computed(session: Any, name: str) -> Any:
    from crmkit_work.calendars.reading import calendar_named, working_calendar

    return working_calendar(session, calendar_named(session, name))


def _found(name: str, compute: Any) -> datetime:
    from crmkit_work.calendars.clock import NoWorkingTime

    try:
        found: datetime = compute()
    except (NoWorkingTime, OverflowError) as error:
        raise NotFound(_('The calendar "{name}" has not so much working time.'), name=name) from error
    return found


def _print_instant(cli: Invocation, at: datetime, zone: str, beside: dict[str, Any]) -> None:
    local = at.astimezone(ZoneInfo(zone))
    cli.output.record([(_("When"), f"{local.isoformat(sep=' ')} ({zone})")], json={**beside, "end": at, "zone": zone})


def _instant(text: str, zone: str, field: str) -> datetime:
    """Return the instant that a text says; one without an offset is on the wall of the calendar's zone."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        hint = _("Write it as 2026-11-21T09:00 or 2026-11-21T09:00:00Z.")
        problem = Problem(InvalidInput.code, _('"{text}" is no instant.'), field=field, hint=hint, text=text)
        raise InvalidInput([problem]) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))


def _duration(text: str) -> timedelta:
    given = text.strip()
    iso = _ISO.fullmatch(given)
    if iso is not None and any(iso.groups()):
        hours, minutes, seconds = (int(part or 0) for part in iso.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    found, place = 0, 0
    for match in _PART.finditer(given):
        if given[place : match.start()].strip() or (match[2] is None and match[0].strip() != given):
            break
        found += int(match[1]) * _UNITS[(match[2] or "s")[0].lower()]
        place = match.end()
    if not given or given[place:].strip() or place == 0 or found > 10**10:
        hint = _("Write it as 90s, 8h, 1h30m, PT8H, or a number of seconds.")
        problem = Problem(InvalidInput.code, _('"{text}" is no duration.'), field="DURATION", hint=hint, text=text[:80])
        raise InvalidInput([problem])
    return timedelta(seconds=found)
