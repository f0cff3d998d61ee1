"""Calendars: the records of a resource on their days, as a month, a week, or a list of what comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import and_, func, or_, select
from starlette.responses import Response

from crmkit.hooks.contributions import Calendar, Resource
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms.references import name_of, referred
from crmkit.web.pages.records.cells import Cell, cells_of, shown_of
from crmkit.web.pages.records.links import record_path
from crmkit.web.pages.records.views import resource_of, view_named, view_path, views_of
from crmkit.web.pages.rendering import locale_of
from crmkit.web.pages.routing import PageRoute, get

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST = 1000
"""Records of a calendar's page."""
A_DAY = 4
"""Records of a day in a month that are shown."""
SPANS = ("month", "week", "agenda")


@frozen(kw_only=True)
class Item:
    """A record in a calendar. ``at`` is the time of day, of one that has such."""

    path: str
    title: str
    tone: str
    first: date
    last: date
    at: datetime | None
    cells: Sequence[Cell]


@frozen(kw_only=True)
class Day:
    """A day with what stands on it. ``more`` is what is not shown."""

    day: date
    inside: bool
    today: bool
    items: Sequence[Item]
    more: int
    path: str


@get("/records/{resource}/calendar/{name}")
def show_calendar(call: PageCall, resource: str, name: str) -> Response:
    """Show a calendar."""
    declared = resource_of(call, resource)
    calendar = cast(Calendar, view_named(call, resource, "calendar", name))
    span = call.value("span") if call.value("span") in SPANS else "month"
    with call.session() as session:
        today = session.today()
        day = _day(call.value("day"), today)
        first, last = span_of(span, day, locale_of(call.language).first_week_day)
        items = list(_items(call, session, declared, calendar, first, last))
    path = view_path(calendar)
    before, after = _neighbours(span, day)
    grouped = {each: [item for item in items if item.first <= each <= item.last] for each in _days(first, last)}
    context = {
        "resource": declared,
        "calendar": calendar,
        "views": views_of(call.crm.registry, declared.name),
        "span": span,
        "spans": [(each, f"{path}?span={each}&day={day}") for each in SPANS],
        "title": _title(call, span, day, first, last),
        "today_path": f"{path}?span={span}",
        "before": f"{path}?span={span}&day={before}",
        "after": f"{path}?span={span}&day={after}",
        "weekdays": [_weekday(call, each) for each in list(_days(first, last))[:7]],
        "weeks": list(_weeks(path, day, today, span, grouped)),
        "agenda": [(each, found) for each, found in grouped.items() if found],
        "day": day,
        "today": today,
    }
    return call.page("records/calendar.html", **context)


def _day(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if date(1900, 2, 1) < found < date(9900, 1, 1) else today


def span_of(span: str, day: date, first_week_day: int) -> tuple[date, date]:
    """Return the first and the last day of a span that a day is in: whole weeks of the month, its week, or thirty days
    from it on."""
    if span == "agenda":
        return day, day + timedelta(days=29)
    if span == "week":
        first = day - timedelta(days=(day.weekday() - first_week_day) % 7)
        return first, first + timedelta(days=6)
    begin = day.replace(day=1)
    following = (begin + timedelta(days=32)).replace(day=1)
    first = begin - timedelta(days=(begin.weekday() - first_week_day) % 7)
    last = following - timedelta(days=1)
    return first, last + timedelta(days=(first_week_day - 1 - last.weekday()) % 7)


def _neighbours(span: str, day: date) -> tuple[date, date]:
    if span == "month":
        begin = day.replace(day=1)
        return (begin - timedelta(days=1)).replace(day=1), (begin + timedelta(days=32)).replace(day=1)
    step = timedelta(days=7 if span == "week" else 30)
    return day - step, day + step


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _weeks(path: str, day: date, today: date, span: str, grouped: dict[date, list[Item]]) -> Iterator[list[Day]]:
    days = [
        Day(
            day=each,
            inside=span != "month" or each.month == day.month,
            today=each == today,
            items=items if span == "week" or len(items) <= A_DAY else items[: A_DAY - 1],
            more=0 if span == "week" or len(items) <= A_DAY else len(items) - A_DAY + 1,
            path=f"{path}?span=agenda&day={each}",
        )
        for each, items in grouped.items()
    ]
    for start in range(0, len(days), 7):
        yield days[start : start + 7]


def _title(call: PageCall, span: str, day: date, first: date, last: date) -> str:
    from babel.dates import format_date, format_skeleton

    locale = locale_of(call.language)
    if span == "month":
        return str(format_skeleton("yMMMM", day, locale=locale))
    return f"{format_date(first, 'medium', locale=locale)} – {format_date(last, 'medium', locale=locale)}"


def _weekday(call: PageCall, day: date) -> str:
    from babel.dates import format_date

    return str(format_date(day, "EEE", locale=locale_of(call.language)))


# --- what stands in it -----------------------------------------------------------------------------------------------


def _items(
    call: PageCall, session: CrmSession, declared: Resource, calendar: Calendar, first: date, last: date
) -> Iterator[Item]:
    model: Any = declared.model
    known = referred(call.crm.registry, declared.name)
    assert known is not None
    zone = ZoneInfo(call.business.zone)
    start = getattr(model, calendar.start)
    end = getattr(model, calendar.end) if calendar.end else None
    begin, finish = _bounds(model, calendar.start, first, last, zone)
    query = select(model).where(start < finish)
    if end is None:
        query = query.where(start >= begin)
    else:
        until, _finish = _bounds(model, calendar.end, first, last, zone)
        query = query.where(or_(start >= begin, and_(end.is_not(None), func.coalesce(end, start) >= until)))
    if hasattr(model, "deleted_at"):
        query = query.where(model.deleted_at.is_(None))
    records = list(session.scalars(query.order_by(start, model.id).limit(MOST)))
    names = calendar.label or declared.columns[:2]
    heads = cells_of(session, shown_of(session, model, names[:1]), records, call.language)
    rows = cells_of(session, shown_of(session, model, names[1:]), records, call.language)
    for record, head, cells in zip(records, heads, rows, strict=True):
        value = getattr(record, calendar.start)
        closing = getattr(record, calendar.end) if calendar.end else None
        titled = str(head[0].value) if head and head[0].value not in (None, "") else name_of(known, record)
        began = _local_day(value, zone)
        yield Item(
            path=record_path(call.crm.registry, declared.name, record.id) or "",
            title=titled,
            tone=calendar.states.get(getattr(record, calendar.state), "") if calendar.state else "",
            first=began,
            last=max(_local_day(closing, zone), began) if closing is not None else began,
            at=value if isinstance(value, datetime) else None,
            cells=[each for each in cells if each.kind != "none"],
        )


def _local_day(value: Any, zone: ZoneInfo) -> date:
    return value.astimezone(zone).date() if isinstance(value, datetime) else cast(date, value)


def _bounds(model: Any, name: str, first: date, last: date, zone: ZoneInfo) -> tuple[Any, Any]:
    """Return from where, and up to where, a column's values are within some days of the company's zone."""
    after = last + timedelta(days=1)
    if model.__table__.c[name].type.python_type is datetime:
        return _midnight(first, zone), _midnight(after, zone)
    return first, after


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


ROUTES: list[PageRoute] = [show_calendar]
