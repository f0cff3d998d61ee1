"""Working calendars as they are kept: hours as people write them, days that differ, files, and for whom they hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from crmkit_work.calendars.clock import Hours
from crmkit_work.calendars.hours import format_hours, format_week, parse_hours, parse_week
from crmkit_work.calendars.ics import read_ics
from crmkit_work.calendars.reading import calendar_for, calendar_named, working_calendar
from hypothesis import given, strategies as st

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import AlreadyExists, Conflict, InvalidInput, NotFound, Refused
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.conftest import ENGINES, Templates

__all__ = ["crmkit", "pristine"]

BOSS = Actor.system("planning work")
WEEK = "mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(params=ENGINES)
def work(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with working calendars, once for each engine."""
    with templates.opened(request.param, tmp_path, "work") as crm:
        yield crm


def new(crm: CRM, name: str = "desk", hours: str = WEEK, **values: Any) -> UUID:
    """Add a calendar of Shanghai."""
    made = crm.run(BOSS, "work.calendar.create", {"name": name, "hours": hours, "zone": "Asia/Shanghai", **values})
    identity: UUID = made.id
    return identity


def worked_on(crm: CRM, day: date, name: str = "desk") -> str:
    """Return when is worked on a day, as intervals on the wall."""
    with crm.session(BOSS) as session:
        calendar = working_calendar(session, calendar_named(session, name))
    midnight = datetime.combine(day, datetime.min.time(), tzinfo=SHANGHAI)
    spans = calendar.intervals(midnight, midnight + timedelta(days=1))
    return " ".join(f"{a.astimezone(SHANGHAI):%H:%M}-{b.astimezone(SHANGHAI):%H:%M}" for a, b in spans)


# --- hours as they are written ---------------------------------------------------------------------------------------


def test_hours_are_read_as_people_write_them() -> None:
    """In English and Chinese, with full-width signs, days in a row, and an end on the next day."""
    assert parse_week("周一至周五 09：00-18：00；周日 9-12") == parse_week("mon-fri 09:00-18:00; sun 09:00-12:00")
    assert parse_week("fri-mon 22:00-06:00") == {day: (Hours(79_200, 108_000),) for day in (4, 5, 6, 0)}
    assert parse_hours("00:00-24:00") == (Hours(0, 86_400),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mon 9-12; mon 13-14", "mon 13-14"),
        ("mon 9-12 11-13", "11:00-13:00"),
        ("mon 9-25", "9-25"),
        ("moon 9-12", "moon"),
        ("mon 9", "9"),
        ("mon 09:60-12:00", "09:60-12:00"),
    ],
)
def test_hours_that_are_not_understood_are_repeated(text: str, said: str) -> None:
    """The part that is wrong is named, with how it would be right."""
    with pytest.raises(InvalidInput) as caught:
        parse_week(text)
    (problem,) = caught.value.problems
    assert (problem.values["text"], problem.field, bool(problem.hint)) == (said, "hours", True)


spans = st.lists(st.integers(0, 287), min_size=2, max_size=8, unique=True).map(sorted)
weeks = st.dictionaries(
    st.integers(0, 6),
    spans.map(lambda ends: tuple(Hours(a * 300, b * 300) for a, b in zip(ends[::2], ends[1::2], strict=False))),
)


@given(weeks)
def test_a_week_reads_as_it_is_written(week: dict[int, tuple[Hours, ...]]) -> None:
    """Text and hours are two forms of one thing."""
    assert parse_week(format_week(week)) == week
    assert all(parse_hours(format_hours(hours)) == hours for hours in week.values())


# --- days that differ ------------------------------------------------------------------------------------------------


def test_days_differ(work: CRM) -> None:
    """A day off, other hours, a break, and back to what the week says."""
    calendar = new(work)
    assert worked_on(work, date(2026, 12, 7)) == "09:00-12:00 13:00-18:00"
    work.run(BOSS, "work.calendar.set_days", {"day": "2026-12-07", "until": "2026-12-08"}, target=calendar)
    work.run(BOSS, "work.calendar.set_days", {"day": "2026-12-13", "hours": "10:00-12:00"}, target=calendar)
    work.run(BOSS, "work.calendar.add_break", {"day": "2026-12-09", "hours": "11:00-14:00"}, target=calendar)
    work.run(BOSS, "work.calendar.add_break", {"day": "2026-12-09", "hours": "16:00-17:00"}, target=calendar)
    assert [worked_on(work, date(2026, 12, day)) for day in (7, 8, 9, 13)] == [
        "",
        "",
        "09:00-11:00 14:00-16:00 17:00-18:00",
        "10:00-12:00",
    ]
    work.run(BOSS, "work.calendar.clear_days", {"day": "2026-12-01", "until": "2026-12-31"}, target=calendar)
    assert worked_on(work, date(2026, 12, 7)) == "09:00-12:00 13:00-18:00"


def test_public_holidays_and_make_up_days(work: CRM) -> None:
    """In China a Saturday before the Spring Festival is worked like a Monday, and the festival is not; what is laid
    down for a day overrules both."""
    calendar = new(work, hours="mon-fri 09:00-18:00", holiday_country="CN")
    days = [date(2026, 2, 14), date(2026, 2, 17), date(2026, 2, 21), date(2026, 2, 24)]
    assert [worked_on(work, day) for day in days] == ["09:00-18:00", "", "", "09:00-18:00"]
    work.run(BOSS, "work.calendar.set_days", {"day": "2026-02-17", "hours": "10:00-11:00"}, target=calendar)
    assert worked_on(work, date(2026, 2, 17)) == "10:00-11:00"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"zone": "Asia/Atlantis"}, "zone"),
        ({"holiday_country": "XX"}, "holiday_country"),
        ({"holiday_country": "DE", "holiday_subdivision": "XX"}, "holiday_subdivision"),
        ({"name": " "}, "name"),
    ],
)
def test_what_a_calendar_cannot_be(work: CRM, values: dict[str, str], field: str) -> None:
    """What is wrong is named by its field, and nothing is kept."""
    with pytest.raises(InvalidInput) as caught:
        new(work, **values)
    assert [field] == [problem.field for problem in caught.value.problems]
    with pytest.raises(NotFound):
        worked_on(work, date(2026, 1, 1))


def test_names_are_taken_once_and_used_calendars_stay(work: CRM) -> None:
    """A second one of the name is refused, and one that somebody goes by is not deleted."""
    calendar = new(work)
    with pytest.raises(AlreadyExists):
        new(work)
    team = work.run(BOSS, "team.create", {"name": "North"})
    work.run(BOSS, "work.calendar.assign_team", {"team_id": team.id}, target=calendar)
    with pytest.raises(Conflict):
        work.run(BOSS, "work.calendar.delete", target=calendar)


def test_which_calendar_holds(work: CRM) -> None:
    """The customer's before the team's, a team's before that of the team above it, and the usual one for the rest."""
    usual, north, gold = (new(work, name, usual=name == "usual") for name in ("usual", "north", "gold"))
    above = work.run(BOSS, "team.create", {"name": "North"}).id
    below = work.run(BOSS, "team.create", {"name": "North-east", "parent_id": above}).id
    ada = work.run(BOSS, "customer.create", {"name": "Ada"}).id
    work.run(BOSS, "work.calendar.assign_team", {"team_id": above}, target=north)
    work.run(BOSS, "work.calendar.assign_customer", {"customer_id": ada}, target=gold)
    with work.session(BOSS) as session:
        asked: list[dict[str, UUID]] = [{}, {"team_id": below}, {"team_id": below, "customer_id": ada}]
        found = [calendar_for(session, **values) for values in asked]
        assert [each.id for each in found if each is not None] == [usual, north, gold]


def test_who_may_not_change_calendars(work: CRM) -> None:
    """Everybody reads them; changing takes the right."""
    calendar = new(work)
    sam = work.run(BOSS, "user.create", {"login": "sam", "name": "Sam"})
    work.run(BOSS, "user.assign_role", {"role": "seller"}, target=sam.id)
    seller = Actor.user(sam.id, sam.name)
    with pytest.raises(Refused):
        work.run(seller, "work.calendar.set_days", {"day": "2026-12-07"}, target=calendar)
    with work.session(seller) as session:
        assert calendar_named(session, "desk").id == calendar


# --- files -----------------------------------------------------------------------------------------------------------

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
SUMMARY:Founding day
DTSTART;VALUE=DATE:20260504
DTEND;VALUE=DATE:20260506
RRULE:FREQ=YEARLY;COUNT=3
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTAMP:20260101T000000Z
SUMMARY:全员大会
DTSTART;TZID=Asia/Shanghai:20260601T140000
DTEND;TZID=Asia/Shanghai:20260601T153000
RRULE:FREQ=WEEKLY;UNTIL=20260622T235959Z
EXDATE;TZID=Asia/Shanghai:20260608T140000
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTAMP:20260101T000000Z
SUMMARY:Called off
STATUS:CANCELLED
DTSTART;VALUE=DATE:20260505
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTAMP:20260101T000000Z
SUMMARY:Early call
DTSTART:20260602T223000Z
DURATION:PT4H
END:VEVENT
END:VCALENDAR
"""


def test_an_icalendar_file_lays_down_days(work: CRM) -> None:
    """All-day events are days off, others are breaks, recurring ones come again, exceptions do not."""
    calendar = new(work)
    work.run(BOSS, "work.calendar.load", {"document": ICS, "until": "2027-12-31"}, target=calendar)
    assert [worked_on(work, date(year, 5, day)) for year, day in ((2026, 4), (2026, 5), (2027, 4))] == ["", "", ""]
    assert worked_on(work, date(2026, 6, 1)) == "09:00-12:00 13:00-14:00 15:30-18:00"
    assert worked_on(work, date(2026, 6, 8)) == "09:00-12:00 13:00-18:00"
    assert worked_on(work, date(2026, 6, 15)) == "09:00-12:00 13:00-14:00 15:30-18:00"
    assert worked_on(work, date(2026, 6, 3)) == "10:30-12:00 13:00-18:00"


@pytest.mark.parametrize(
    "text", ["", "nothing", "BEGIN:VCALENDAR\nEND:VCALENDAR\n", ICS.replace("20260504", "2026"), ICS[: len(ICS) // 2]]
)
def test_what_is_no_icalendar_file_is_refused(text: str) -> None:
    """With one error, at the field that has it."""
    with pytest.raises(InvalidInput) as caught:
        read_ics(text, zone="UTC", until=date(2027, 1, 1))
    assert ["document"] == [problem.field for problem in caught.value.problems]


def test_a_file_that_recurs_for_ever_ends() -> None:
    """What comes every second is cut off with an error; what comes every day ends with the horizon."""
    daily = ICS.replace("FREQ=YEARLY;COUNT=3", "FREQ=DAILY")
    assert max(entry.day for entry in read_ics(daily, zone="UTC", until=date(2026, 12, 31))) == date(2026, 12, 31)
    endless = ICS.replace("FREQ=WEEKLY;UNTIL=20260622T235959Z", "FREQ=SECONDLY")
    with pytest.raises(InvalidInput):
        read_ics(endless, zone="UTC", until=date(2030, 12, 31))


# --- the command line ------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(crmkit: Crmkit) -> Crmkit:
    """An installation with a calendar."""
    crmkit.has("work")
    crmkit.ok("work", "calendar", "new", "desk", WEEK, "--zone", "Asia/Shanghai", "--holidays", "CN", "--usual")
    return crmkit


def test_scripts_compute_with_calendars(desk: Crmkit) -> None:
    """An instant without an offset is on the calendar's wall; answers are in UTC."""
    added = desk.json("work", "calendar", "add", "desk", "2026-11-20T17:00", "2h30m")
    assert added == {
        "start": "2026-11-20T09:00:00Z",
        "seconds": 9000,
        "end": "2026-11-21T03:30:00Z",
        "zone": "Asia/Shanghai",
    }
    back = desk.json("work", "calendar", "add", "desk", added["end"], "9000", "--back")
    assert back["end"] == "2026-11-20T09:00:00Z"
    between = desk.json("work", "calendar", "diff", "desk", "2026-11-20T17:00", "2026-11-21T11:30")
    assert between["seconds"] == 9000
    assert desk.json("work", "calendar", "days", "desk", "2026-11-20T17:00", "2")["end"] == "2026-11-23T09:00:00Z"


def test_people_see_what_is_worked(desk: Crmkit, tmp_path: Path) -> None:
    """The days are listed with their holidays, days off, breaks and what a file has laid down."""
    file = tmp_path / "days.ics"
    file.write_text(ICS, "utf-8")
    desk.ok("work", "calendar", "load", "desk", str(file))
    desk.ok("work", "calendar", "off", "desk", "2026-05-07", "--title", "Moving")
    desk.ok("work", "calendar", "break", "desk", "2026-05-08", "10:00-11:00")
    shown = desk.json("work", "calendar", "show", "desk", "--from", "2026-05-01", "--days", "8")
    assert [(each["day"][-2:], each["hours"], each["breaks"]) for each in shown["items"][3:]] == [
        ("04", "", ""),
        ("05", "", ""),
        ("06", "09:00-12:00 13:00-18:00", ""),
        ("07", "", ""),
        ("08", "09:00-12:00 13:00-18:00", "10:00-11:00"),
    ]
    assert shown["items"][0]["holiday"]
    assert [each["name"] for each in desk.json("work", "calendar", "list")["items"]] == ["desk"]
    assert "Saturday" not in desk.ok("work", "calendar", "show", "desk").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "nowhere", "2026-11-20", "1h"), 5),
        (("add", "desk", "tomorrow", "1h"), 3),
        (("add", "desk", "2026-11-20", "1x"), 3),
        (("add", "desk", "2026-11-20", "2000000h"), 5),
        (("load", "desk", "/dev/null"), 3),
    ],
)
def test_what_cannot_be_computed_is_said(desk: Crmkit, words: tuple[str, ...], code: int) -> None:
    """With the exit code of its kind, and no traceback."""
    done = desk("work", "calendar", *words)
    assert (code, True) == (done.code, done.err.startswith("error CK"))
