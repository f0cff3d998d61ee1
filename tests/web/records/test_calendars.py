"""Calendars: records on their days, in the company's zone, a month, a week or thirty days at a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crmkit.web.pages.records.calendars import span_of
from tests.web.conftest import Web
from tests.web.records.making import opportunity, warranty

CALENDAR = "/records/sales.opportunity/calendar/sales.closes"


def cell_of(text: str, day: date) -> str:
    """Return what stands on a day of a month."""
    return text.partition("<td class=")[2] and text.partition(f'datetime="{day}"')[2].partition("</td>")[0]


def test_records_stand_on_their_days(plugins_web: Web) -> None:
    """Each on its day, with a way to it; other months are a link away."""
    record = opportunity(plugins_web, title="Green tea", expected_close=date(2026, 5, 20))
    client = plugins_web.client("sam")
    may = client.get(f"{CALENDAR}?day=2026-05-01").text
    assert (True, True) == ("May 2026" in may, "Green tea" in cell_of(may, date(2026, 5, 20)))
    assert f"/records/sales.opportunity/{record.id}" in may
    assert "Green tea" not in client.get(f"{CALENDAR}?day=2026-07-01").text
    assert "Green tea" in client.get(f"{CALENDAR}?span=week&day=2026-05-18").text
    assert "Green tea" in client.get(f"{CALENDAR}?span=agenda&day=2026-05-01").text


def test_a_full_day_says_how_much_more(plugins_web: Web) -> None:
    """A month shows a few of a day's records and where the others are."""
    for number in range(7):
        opportunity(plugins_web, title=f"Tea {number}", expected_close=date(2026, 5, 20))
    cell = cell_of(plugins_web.client("sam").get(f"{CALENDAR}?day=2026-05-01").text, date(2026, 5, 20))
    assert (3, True) == (cell.count("calendar-item"), "4 more" in cell)


def test_what_others_have_is_not_there(plugins_web: Web) -> None:
    """A calendar has what one may see alone."""
    opportunity(plugins_web, title="Of Sue", customer="Sofia Rossi", owner="sue", expected_close=date(2026, 5, 20))
    assert "Of Sue" not in plugins_web.client("sam").get(f"{CALENDAR}?day=2026-05-01").text


def test_the_example_has_one_by_declaration_alone(plugins_web: Web) -> None:
    """Days on which warranties end."""
    record = warranty(plugins_web, starts_on=date(2026, 1, 15), months=12)
    text = plugins_web.client("ada").get("/records/warranty.warranty/calendar/warranty.expiries?day=2027-01-01").text
    assert (date(2027, 1, 15), True) == (record.expires_on, "SN-1" in cell_of(text, date(2027, 1, 15)))


@pytest.mark.parametrize("text", ["", "nonsense", "0001-01-01", "9999-12-31", "2026-02-31"])
def test_a_day_that_there_is_not_is_today(plugins_sample: Web, text: str) -> None:
    """No address breaks a calendar."""
    for span in ("month", "week", "agenda", "nonsense"):
        assert 200 == plugins_sample.client("sam").get(f"{CALENDAR}?span={span}&day={text}").status_code


@pytest.mark.parametrize("first", [0, 6])
def test_a_month_is_whole_weeks(first: int) -> None:
    """Every day of a month is in its span, which begins on the first day of a week and ends on the last."""
    for offset in range(0, 800, 13):
        day = date(2025, 1, 1) + timedelta(days=offset)
        begin, end = span_of("month", day, first)
        assert (first, 0, True) == (begin.weekday(), ((end - begin).days + 1) % 7, begin <= day <= end)
        assert begin <= day.replace(day=1)
        assert end.month != day.month or (end + timedelta(days=1)).month != day.month
