"""What can be done with working calendars. Everything else about work computes with them and never changes them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from sqlalchemy import Select, select

from crmkit import (
    UNSET,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    Team,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists, Conflict
from crmkit_work.calendars.clock import Hours
from crmkit_work.calendars.holidays import check_country
from crmkit_work.calendars.hours import as_rows, parse_hours, parse_week
from crmkit_work.calendars.ics import read_ics
from crmkit_work.calendars.models import CustomerCalendar, SpecialDay, TeamCalendar, WorkingHours

_ = texts("crmkit_work")

MANAGE = "work.calendar.manage"
LONGEST = 366
"""Most days that one range may have."""

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Zone = Annotated[str, Input(title=_("Time zone"), max_length=60, classified="public", help=_("Such as Asia/Shanghai."))]
Week = Annotated[
    str,
    Input(
        title=_("Working hours"),
        max_length=1000,
        multiline=True,
        classified="public",
        help=_("Such as mon-fri 09:00-12:00 13:00-18:00; sat 10:00-14:00."),
    ),
]
Country = Annotated[str, Input(title=_("Holidays of the country"), max_length=2, classified="public")]
Subdivision = Annotated[str, Input(title=_("Part of the country"), max_length=20, classified="public")]
Usual = Annotated[bool, Input(title=_("For everybody without another one"), classified="public")]
Day = Annotated[date, Input(title=_("Day"), classified="public")]
LastDay = Annotated[date | None, Input(title=_("Until and with"), classified="public")]
DayHours = Annotated[
    str,
    Input(title=_("Hours"), max_length=300, classified="public", help=_("Such as 09:00-12:00; empty for a day off.")),
]


@operation("work.calendar.create", title=_("Add a working calendar"), permission=MANAGE, effect="create")
def create_calendar(
    session: CrmSession,
    *,
    name: Name,
    hours: Week,
    title: Title = "",
    zone: Zone | None = None,
    holiday_country: Country | None = None,
    holiday_subdivision: Subdivision | None = None,
    usual: Usual = False,
) -> WorkingHours:
    """Add a working calendar; its zone is the business's unless another one is given.

    Raises AlreadyExists for a name that is taken, InvalidInput for hours, a zone or holidays that are not understood.
    """
    if not name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(WorkingHours.id).where(WorkingHours.name == name)) is not None:
        raise AlreadyExists(_('There is a calendar "{name}" already.'), name=name)
    country, subdivision = _holidays(holiday_country, holiday_subdivision)
    calendar = WorkingHours(
        name=name,
        title=title or name,
        zone=_zone(zone or session.business().zone),
        week=as_rows(parse_week(hours)),
        holiday_country=country,
        holiday_subdivision=subdivision,
    )
    session.add(calendar)
    session.flush()
    if usual:
        _make_usual(session, calendar)
    return calendar


@attrs.frozen(kw_only=True)
class CalendarUpdate:
    """What to change of a calendar; what is not given stays."""

    title: Title | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    hours: Week | UnsetType = UNSET
    holiday_country: Country | UnsetType | None = UNSET
    holiday_subdivision: Subdivision | UnsetType | None = UNSET
    usual: Usual | UnsetType = UNSET


@operation("work.calendar.update", title=_("Change the calendar"), permission=MANAGE, effect="update")
def update_calendar(session: CrmSession, calendar: WorkingHours, changes: CalendarUpdate) -> WorkingHours:
    """Change a calendar; what has been computed by it is computed anew by whoever did. Raises InvalidInput."""
    values = given(changes)
    if "title" in values:
        calendar.title = values["title"] or calendar.name
    if "zone" in values:
        calendar.zone = _zone(values["zone"])
    if "hours" in values:
        calendar.week = as_rows(parse_week(values["hours"]))
    if "holiday_country" in values or "holiday_subdivision" in values:
        calendar.holiday_country, calendar.holiday_subdivision = _holidays(
            values.get("holiday_country", calendar.holiday_country),
            values.get(
                "holiday_subdivision", calendar.holiday_subdivision if "holiday_country" not in values else None
            ),
        )
    if values.get("usual"):
        _make_usual(session, calendar)
    elif "usual" in values:
        calendar.usual = False
    return calendar


@operation("work.calendar.delete", title=_("Delete the calendar"), permission=MANAGE, effect="delete")
def delete_calendar(session: CrmSession, calendar: WorkingHours) -> None:
    """Delete a calendar. Raises Conflict while a team or a customer goes by it."""
    for model in (TeamCalendar, CustomerCalendar):
        if session.scalar(select(model.id).where(model.calendar_id == calendar.id).limit(1)) is not None:
            raise Conflict(
                _('Somebody goes by the calendar "{name}".'), fix=_("Give them another one first."), name=calendar.name
            )
    session.delete(calendar)


@operation("work.calendar.set_days", title=_("Set hours of days"), permission=MANAGE, effect="update")
def set_days(
    session: CrmSession,
    calendar: WorkingHours,
    *,
    day: Day,
    until: LastDay = None,
    hours: DayHours = "",
    title: Title = "",
) -> WorkingHours:
    """Lay down the hours of a day, or of each day of a range, whatever the week and the holidays say; none for days
    off.

    Raises InvalidInput for hours that are not understood, or a range that is too long or ends before it begins.
    """
    spans = [[one.start, one.until] for one in parse_hours(hours)]
    for each in _range(day, until):
        _lay_down(session, calendar, each, "day", spans, title)
    return calendar


@operation("work.calendar.add_break", title=_("Add a break"), permission=MANAGE, effect="update")
def add_break(
    session: CrmSession, calendar: WorkingHours, *, day: Day, hours: DayHours, until: LastDay = None, title: Title = ""
) -> WorkingHours:
    """Take hours of a day, or of each day of a range, away from what is worked then, besides those that were taken away
    before. Raises InvalidInput as `set_days`, and for no hours."""
    taken = parse_hours(hours)
    if not taken:
        raise InvalidInput([Problem(InvalidInput.code, _("A break has hours."), field="hours")])
    for each in _range(day, until):
        known = session.scalar(_entry(calendar, each, "break"))
        before = {Hours(start, end) for start, end in known.hours} if known is not None else set[Hours]()
        spans = [[one.start, one.until] for one in sorted(before | set(taken))]
        _lay_down(session, calendar, each, "break", spans, title)
    return calendar


@operation("work.calendar.clear_days", title=_("Forget what was set for days"), permission=MANAGE, effect="update")
def clear_days(session: CrmSession, calendar: WorkingHours, *, day: Day, until: LastDay = None) -> WorkingHours:
    """Let days be as the week and the holidays say again. Raises InvalidInput for a range that is none."""
    days = _range(day, until)
    for entry in session.scalars(
        select(SpecialDay).where(SpecialDay.calendar_id == calendar.id, SpecialDay.day.between(days[0], days[-1]))
    ):
        session.delete(entry)
    return calendar


@operation("work.calendar.load", title=_("Load an iCalendar file"), permission=MANAGE, effect="update")
def load_ics(
    session: CrmSession,
    calendar: WorkingHours,
    *,
    document: Annotated[
        str, Input(title=_("iCalendar file"), max_length=5_000_000, multiline=True, classified="internal")
    ],
    until: LastDay = None,
) -> WorkingHours:
    """Lay down days off and breaks that an iCalendar file has: its all-day events, and its others. Recurring ones are
    followed to ``until``, by default for five years. Raises InvalidInput for what is no such file."""
    last = until or session.today() + timedelta(days=5 * 366)
    entries = read_ics(document, zone=calendar.zone, until=last)
    breaks: dict[date, tuple[set[Hours], str]] = {}
    for entry in entries:
        if entry.hours is None:
            _lay_down(session, calendar, entry.day, "day", [], entry.title)
        else:
            breaks.setdefault(entry.day, (set(), entry.title))[0].add(entry.hours)
    for day, (hours, title) in breaks.items():
        known = session.scalar(_entry(calendar, day, "break"))
        before = {Hours(start, end) for start, end in known.hours} if known is not None else set[Hours]()
        _lay_down(session, calendar, day, "break", [[one.start, one.until] for one in sorted(before | hours)], title)
    return calendar


@operation("work.calendar.assign_team", title=_("Let a team go by the calendar"), permission=MANAGE, effect="update")
def assign_team(
    session: CrmSession,
    calendar: WorkingHours,
    *,
    team_id: Annotated[UUID, Input(title=_("Team"), resource="team", classified="internal")],
) -> WorkingHours:
    """Let a team, and the teams below it that have none of their own, go by a calendar. Raises NotFound."""
    if session.get(Team, team_id) is None:
        raise NotFound(_("There is no team {id}."), id=team_id)
    known = session.scalar(select(TeamCalendar).where(TeamCalendar.team_id == team_id))
    if known is None:
        session.add(TeamCalendar(team_id=team_id, calendar_id=calendar.id))
    else:
        known.calendar_id = calendar.id
    return calendar


@operation(
    "work.calendar.assign_customer", title=_("Let a customer go by the calendar"), permission=MANAGE, effect="update"
)
def assign_customer(
    session: CrmSession,
    calendar: WorkingHours,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
) -> WorkingHours:
    """Let a calendar hold for a customer, whoever works for it. Raises NotFound for one that cannot be seen."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    known = session.scalar(select(CustomerCalendar).where(CustomerCalendar.customer_id == customer_id))
    if known is None:
        session.add(CustomerCalendar(customer_id=customer_id, calendar_id=calendar.id))
    else:
        known.calendar_id = calendar.id
    return calendar


def _lay_down(
    session: CrmSession, calendar: WorkingHours, day: date, kind: str, hours: list[list[int]], title: str
) -> None:
    known = session.scalar(_entry(calendar, day, kind))
    if known is None:
        session.add(SpecialDay(calendar_id=calendar.id, day=day, kind=kind, hours=hours, title=title))
    else:
        known.hours, known.title = hours, title or known.title


def _entry(calendar: WorkingHours, day: date, kind: str) -> Select[tuple[SpecialDay]]:
    return select(SpecialDay).where(
        SpecialDay.calendar_id == calendar.id, SpecialDay.day == day, SpecialDay.kind == kind
    )


def _range(day: date, until: date | None) -> list[date]:
    count = ((until or day) - day).days + 1
    if not 1 <= count <= LONGEST:
        message = _("The last day is before the first.") if count < 1 else _("At most {most} days at once.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="until", most=LONGEST)])
    return [day + timedelta(days=index) for index in range(count)]


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        message = _('"{zone}" is no time zone.')
        hint = _("Give its name of the IANA database, such as Asia/Shanghai.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="zone", hint=hint, zone=name)]) from error


def _holidays(country: str | None, subdivision: str | None) -> tuple[str | None, str | None]:
    if country is None:
        return None, None
    check_country(country.upper(), subdivision)
    return country.upper(), subdivision


def _make_usual(session: CrmSession, calendar: WorkingHours) -> None:
    for other in session.scalars(select(WorkingHours).where(WorkingHours.usual, WorkingHours.id != calendar.id)):
        other.usual = False
    calendar.usual = True


OPERATIONS = [
    create_calendar,
    update_calendar,
    delete_calendar,
    set_days,
    add_break,
    clear_days,
    load_ics,
    assign_team,
    assign_customer,
]
