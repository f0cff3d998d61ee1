"""Calendars for other programs: the file, and the links that a user makes, and what ends them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.access.models import User
from crmkit.core.store.clock import system_now
from crmkit.errors import Conflict, NotFound, Refused
from crmkit.exchange.calendars import CalendarEntry, write_calendar
from crmkit.resources.calendars import feed_span, own_entries
from crmkit.security.public import feeds
from tests.web.public.conftest import SYSTEM, Shop


def entry(**values: Any) -> CalendarEntry:
    """Return an entry with some values."""
    now = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    return CalendarEntry(**{"uid": "a@crmkit", "title": "Visit", "first": now, "changed_at": now, **values})


def events(content: bytes) -> list[Any]:
    """Return the events of a calendar."""
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_instants_are_in_utc_and_days_are_whole() -> None:
    """A time is written in UTC; whole days end on the day behind the last one; the same entries give the same bytes."""
    first = entry(last=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    second = entry(uid="b@crmkit", first=date(2026, 3, 2), last=date(2026, 3, 3))
    content = write_calendar([first, second], title="Tea House")
    assert b"DTSTART:20260301T080000Z\r\nDTEND:20260301T093000Z\r\n" in content
    assert b"DTSTART;VALUE=DATE:20260302\r\nDTEND;VALUE=DATE:20260304\r\n" in content
    assert write_calendar([first, second], title="Tea House") == content


def test_chinese_text_is_folded_at_75_octets() -> None:
    """No line is longer, and no character is cut in two."""
    title = "拜访客户王小明,讨论新的年度合同;" * 8
    content = write_calendar([entry(title=title)], title="茶馆")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert str(events(content)[0]["SUMMARY"]) == title
    assert all(line.decode() is not None for line in content.split(b"\r\n"))


def test_what_a_customer_wrote_begins_no_line_of_its_own() -> None:
    """A break in a title stays in the title."""
    (found,) = events(write_calendar([entry(title="a\r\nEND:VEVENT\x00\x07")], title="x"))
    assert str(found["SUMMARY"]).replace("\r", "") == "a\nEND:VEVENT"


@pytest.fixture
def ann(shop: Shop) -> Actor:
    """A user who may read everything."""
    return user(shop.crm, "ann", "manager")


def user(crm: CRM, login: str, role: str) -> Actor:
    """Add a user."""
    crm.run(SYSTEM, "user.create", {"login": login, "name": login.title(), "email": f"{login}@tea.example"})
    with crm.session(SYSTEM) as session:
        found = session.scalar(select(User).where(User.login == login))
        assert found is not None
    crm.run(SYSTEM, "user.assign_role", {"role": role}, target=found.id)
    return Actor.user(found.id, login)


def visit(shop: Shop, customer: UUID, by: Actor | None = None, **values: Any) -> Any:
    """Record a visit an hour ago."""
    given = {"kind": "visit", "customer_id": customer, "occurred_at": system_now() - timedelta(hours=1), **values}
    if by is not None:
        shop.crm.run(SYSTEM, "customer.assign", {"owner_id": by.user_id}, target=customer)
    return shop.crm.run(SYSTEM, "interaction.record", given)


def titles(content: bytes) -> list[str]:
    """Return the titles of a calendar's events."""
    return sorted(str(found["SUMMARY"]) for found in events(content))


def test_a_feed_shows_the_own_visits_calls_and_meetings(shop: Shop, ann: Actor) -> None:
    """What is with an own customer is there under an id that stays; notes, others' visits and reversed ones are not."""
    made = visit(shop, shop.ada, ann, duration=1800)
    gone = visit(shop, shop.ada)
    shop.crm.run(SYSTEM, "interaction.reverse", {"reason": "x"}, target=gone.id)
    visit(shop, shop.bob)
    shop.crm.run(SYSTEM, "interaction.record", {"kind": "note", "customer_id": shop.ada, "body": "x"})
    link = shop.crm.run(ann, "calendar.subscribe", {})
    answer = shop.client.get(link.path + ".ics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    (found,) = events(answer.content)
    assert (str(found["SUMMARY"]), str(found["UID"])) == ("Visit: Ada Byron", f"interaction-{made.id}@crmkit")
    assert found["DTEND"].dt - found["DTSTART"].dt == timedelta(minutes=30)
    assert shop.client.get(link.path).content == answer.content


def test_the_rights_of_the_user_are_asked_each_time(shop: Shop, ann: Actor) -> None:
    """A right that is taken away, and an account that is ended, show at the next request."""
    visit(shop, shop.ada, ann)
    link = shop.crm.run(ann, "calendar.subscribe", {})
    assert titles(shop.client.get(link.path).content) == ["Visit: Ada Byron"]
    shop.crm.run(SYSTEM, "user.unassign_role", {"role": "manager"}, target=ann.user_id)
    answer = shop.client.get(link.path)
    assert answer.status_code == 404 or titles(answer.content) == []
    shop.crm.run(SYSTEM, "user.deactivate", {}, target=ann.user_id)
    assert shop.client.get(link.path).status_code == 404


def test_a_link_ends_when_it_is_revoked_or_its_day_comes(shop: Shop, ann: Actor) -> None:
    """A link that was revoked, is over, or of which a sign was changed opens nothing."""
    link = shop.crm.run(ann, "calendar.subscribe", {"days": 30})
    other = shop.crm.run(ann, "calendar.subscribe", {})
    assert shop.client.get(link.path[:-2] + ("AA" if link.path[-2:] != "AA" else "BB")).status_code == 404
    shop.crm.run(ann, "calendar.unsubscribe", {"link": link.link_id})
    assert shop.client.get(link.path).status_code == 404
    assert shop.client.get(other.path).status_code == 200
    with shop.crm.session(ann) as session:
        assert [one.id for one in feeds.own_links(session)] == [other.link_id]


def test_nobody_has_a_link_to_somebody_elses_calendar(shop: Shop, ann: Actor) -> None:
    """Links are made for oneself; others' are not revoked; a public link to the page "calendar" there is not."""
    ben = user(shop.crm, "ben", "manager")
    link = shop.crm.run(ann, "calendar.subscribe", {})
    with pytest.raises(NotFound):
        shop.crm.run(ben, "calendar.unsubscribe", {"link": link.link_id})
    with pytest.raises(Refused):
        shop.crm.run(SYSTEM, "calendar.subscribe", {})
    with pytest.raises(Exception, match="no such public page"):
        shop.crm.run(SYSTEM, "public_link.create", {"page": "calendar", "ref": f"user:{ann.user_id}"})
    other = shop.link("preferences")
    token = other.path.rpartition("/")[2]
    assert shop.client.get(f"/p/calendar/{token}").status_code == 404
    assert shop.client.get(f"/p/preferences/{link.path.rpartition('/')[2]}").status_code == 404


def test_a_feed_changes_nothing(shop: Shop, ann: Actor) -> None:
    """Whoever has a link reads and does nothing else, whatever its user may do."""
    shop.crm.run(SYSTEM, "user.assign_role", {"role": "admin"}, target=ann.user_id)
    link = shop.crm.run(ann, "calendar.subscribe", {})
    actor = feeds.follow_feed(shop.crm, link.path.rpartition("/")[2])
    with pytest.raises(Refused):
        shop.crm.run(actor, "customer.create", {"name": "X"})
    assert shop.client.post(link.path).status_code in (404, 405)


def test_there_are_not_too_many_links(shop: Shop, ann: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than a user may have is refused."""
    monkeypatch.setattr(feeds, "MOST_LINKS", 1)
    shop.crm.run(ann, "calendar.subscribe", {})
    with pytest.raises(Conflict, match="1 such links already"):
        shop.crm.run(ann, "calendar.subscribe", {})


def test_an_own_calendar_has_what_its_user_sees(shop: Shop, ann: Actor) -> None:
    """The entries of a session are those of its actor."""
    visit(shop, shop.ada, ann)
    with shop.crm.session(ann) as session:
        assert [one.kind for one in own_entries(session, feed_span(session))] == ["Visit"]
