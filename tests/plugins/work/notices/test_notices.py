"""Telling people something: who sees it, in which words, and where else it goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from crmkit_work.api import NewNotice, notify
from crmkit_work.calendars.clock import Hours, WorkingCalendar
from crmkit_work.notices.hours import next_daily, next_working
from crmkit_work.notices.models import Notice, NoticeDelivery, NoticeItem
from crmkit_work.notices.reading import told, unread_count
from crmkit_work.notices.routing import wanted_on
from sqlalchemy import select

from crmkit import texts
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import InvalidInput, NotFound, Refused
from tests.conftest import ENGINES, Templates
from tests.plugins.work.staff import SYSTEM, carrier, customer, person, sent, team, tell, work

_ = texts("crmkit_work")


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with the plugin, once for each engine."""
    with templates.opened(request.param, tmp_path, "work") as crm:
        yield crm


@pytest.fixture
def lite(templates: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CRM]:
    """The same on SQLite alone, with a carrier."""
    with CRM.open(templates.copy_enabled("sqlite", tmp_path, "work"), plugins=[carrier(tmp_path, monkeypatch)]) as crm:
        crm.enable("carrier")
        yield crm


def say(crm: CRM, *people: Actor, **values: Any) -> None:
    """Tell people something in system scope."""
    given = {"kind": "task", "title": _("Everything else"), **values}
    with crm.transaction(SYSTEM) as session:
        notify(session, [each.user_id for each in people], NewNotice(**given))


def titles(crm: CRM, actor: Actor, language: str = "en", **values: Any) -> list[str]:
    """Return what somebody is told."""
    with crm.session(actor) as session:
        return [each.title for each in told(session, language, **values)]


def choose(crm: CRM, actor: Actor, *choices: tuple[str, str, str]) -> None:
    """Choose by kind and channel."""
    rows = [{"kind": kind, "channel": channel, "wanted": wanted} for kind, channel, wanted in choices]
    crm.run(actor, "work.notice.choose", {"choices": rows})


def deliveries(crm: CRM) -> list[NoticeDelivery]:
    """Return all deliveries in order."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(NoticeDelivery).order_by(NoticeDelivery.created_at, NoticeDelivery.id)))


# --- in the pages -----------------------------------------------------------------------------------------------------


def test_unread_come_first_and_urgent_before_these(desk: CRM) -> None:
    """And the newest before the older ones."""
    sam = person(desk, "sam")
    for title in ("first", "second", "third"):
        say(desk, sam, title=title, urgent=title == "first")
    assert titles(desk, sam) == ["first", "third", "second"]
    with desk.session(sam) as session:
        third = session.scalar(select(Notice).where(Notice.title == "third"))
        assert third is not None
    desk.run(sam, "work.notice.read", target=third.id)
    assert titles(desk, sam) == ["first", "second", "third"]
    assert titles(desk, sam, unread=True) == ["first", "second"]
    assert desk.run(sam, "work.notice.read_all") == 2
    with desk.session(sam) as session:
        assert unread_count(session) == 0


def test_nobody_reads_what_others_are_told(desk: CRM) -> None:
    """Whoever may read everything neither; what is somebody else's is not found, for changing it neither."""
    sam, boss = person(desk, "sam"), person(desk, "boss", "admin")
    say(desk, sam, title="for sam alone")
    assert (titles(desk, boss), titles(desk, sam)) == ([], ["for sam alone"])
    with desk.session(boss) as session:
        assert session.scalars(select(Notice)).all() == []
    with desk.session(SYSTEM) as session:
        notice = session.scalars(select(Notice)).one()
    with pytest.raises(NotFound):
        desk.run(boss, "work.notice.read", target=notice.id)


def test_nobody_tells_others_in_the_name_of_the_framework(desk: CRM) -> None:
    """What writes notices is for what happens; people tell colleagues by an operation of their own."""
    sam, kim, ann = person(desk, "sam"), person(desk, "kim"), person(desk, "ann", "analyst")
    with pytest.raises(Refused):
        desk.run(sam, "work.notice.add", {"user_ids": [kim.user_id], "kind": "task", "title": "phishing"})
    with pytest.raises(Refused):
        desk.run(ann, "work.notice.send", {"user_id": kim.user_id, "title": "Hello"})
    desk.run(sam, "work.notice.send", {"user_id": kim.user_id, "title": "Call {customer} {back}"})
    assert titles(desk, kim) == ["Call {customer} {back}"]


def test_a_path_leads_nowhere_else(desk: CRM) -> None:
    """Only to pages of ours."""
    sam = person(desk, "sam")
    for path in ("https://evil.example", "//evil.example", "javascript:alert(1)"):
        with pytest.raises(InvalidInput):
            desk.run(SYSTEM, "work.notice.send", {"user_id": sam.user_id, "title": "x", "path": path})


def test_whoever_acts_is_not_told_it(desk: CRM) -> None:
    """And of several each once."""
    sam, kim = person(desk, "sam"), person(desk, "kim")
    with desk.transaction(sam) as session:
        session.run("work.notice.send", {"user_id": kim.user_id, "title": "one"})
        with pytest.raises(Refused):
            notify(session, [sam.user_id, kim.user_id, kim.user_id, None], NewNotice(kind="task", title="two"))
        notify(session, [sam.user_id, None], NewNotice(kind="task", title="three"))
    assert (titles(desk, sam), titles(desk, kim)) == ([], ["one"])


def test_a_customer_is_named_to_who_may_see_the_customer(desk: CRM) -> None:
    """As it stands when the notice is read, not when it was written; nothing of it is in the notice."""
    north, south = team(desk, "North"), team(desk, "South")
    sam, kim = person(desk, "sam", teams=[north]), person(desk, "kim", teams=[south])
    ada = customer(desk, team_id=north)
    say(desk, sam, kim, title=_("Call {customer}"), customer_id=ada)
    assert (titles(desk, sam), titles(desk, kim)) == (["Call Ada Lovelace"], ["Call a customer"])
    with desk.session(kim) as session:
        assert [each.customer_id for each in told(session, "en")] == [None]
    desk.run(SYSTEM, "customer.assign", {"team_id": south}, target=ada)
    assert (titles(desk, sam), titles(desk, kim)) == (["Call a customer"], ["Call Ada Lovelace"])


def test_values_are_shown_in_the_reader_s_words_and_zone(desk: CRM) -> None:
    """Marked texts in the language, instants in the zone of who reads."""
    sam = person(desk, "sam", zone="Asia/Shanghai")
    due = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    say(desk, sam, title="{what}: {due}", values={"what": _("Reminders"), "due": due})
    assert titles(desk, sam) == ["Reminders: 02/03/2026, 09:30"]
    assert titles(desk, sam, "zh_Hans") == ["提醒: 2026/3/2 09:30"]


def test_what_is_long_over_goes(desk: CRM) -> None:
    """Read notices after three months."""
    sam = person(desk, "sam")
    say(desk, sam, title="old")
    say(desk, sam, title="new")
    with desk.session(SYSTEM) as session:
        old = session.scalars(select(Notice).where(Notice.title == "old")).one()
    desk.run(sam, "work.notice.read", target=old.id)
    with desk.engines.system_write.begin() as connection:
        table: Any = Notice.__table__
        connection.execute(
            table.update().where(table.c.id == old.id).values(read_at=datetime.now(UTC) - timedelta(days=91))
        )
    desk.run(SYSTEM, "work.notice.sweep")
    assert titles(desk, sam) == ["new"]


# --- by choice --------------------------------------------------------------------------------------------------------


def test_a_choice_for_a_kind_goes_before_one_for_everything() -> None:
    """And that before what is usual."""
    choices = {("*", "email"): "daily", ("task", "email"): "now"}
    assert [wanted_on(choices, kind, "email") for kind in ("task", "comment")] == ["now", "daily"]
    assert [wanted_on({}, "task", channel) for channel in ("pages", "email")] == ["now", "never"]


def test_nothing_leaves_unless_it_is_wanted(lite: CRM, tmp_path: Path) -> None:
    """Without a choice only the pages tell."""
    sam = person(lite, "sam", email="sam@example.com")
    say(lite, sam, title="hello")
    work(lite)
    assert (sent(tmp_path), titles(lite, sam)) == ([], ["hello"])


def test_a_notice_goes_by_every_channel_that_is_wanted(lite: CRM, tmp_path: Path) -> None:
    """To the account's address by e-mail, elsewhere to the person's own; the text stays in the pages."""
    sam = person(lite, "sam", email="sam@example.com")
    lite.run(sam, "work.notice.set_address", {"channel": "carrier.robot", "address": "https://robot.example/key-1"})
    choose(lite, sam, ("*", "email", "now"), ("task", "carrier.robot", "now"), ("task", "pages", "never"))
    say(lite, sam, title="a task", text="the long story", path="/customers")
    say(lite, sam, kind="comment", title="a comment")
    work(lite)
    found = sorted((each["channel"], each["address"], each["subject"]) for each in sent(tmp_path))
    assert found == [
        ("carrier.robot", "https://robot.example/key-1", "a task"),
        ("email", "sam@example.com", "a comment"),
        ("email", "sam@example.com", "a task"),
    ]
    assert all("the long story" not in each["body"] for each in sent(tmp_path))
    assert {each["headers"]["Auto-Submitted"] for each in sent(tmp_path)} == {"auto-generated"}
    assert titles(lite, sam) == ["a comment"]
    assert {each.state for each in deliveries(lite)} == {"sent"}


def test_an_address_is_never_shown(lite: CRM) -> None:
    """It may hold a key: nobody reads it in full, and nobody but the person sees that there is one."""
    from crmkit_work.notices.models import PersonAddress

    sam, boss = person(lite, "sam"), person(lite, "boss", "admin")
    lite.run(sam, "work.notice.set_address", {"channel": "carrier.robot", "address": "https://robot.example/key-1"})
    with lite.session(boss) as session:
        assert session.scalars(select(PersonAddress)).all() == []
    with lite.session(sam) as session:
        assert "key-1" not in str(session.scalars(select(PersonAddress)).one().address)


def test_the_words_of_a_message_are_what_its_recipient_may_see(lite: CRM, tmp_path: Path) -> None:
    """No name of a customer leaves to somebody who may not see that customer."""
    north = team(lite, "North")
    sam, kim = (
        person(lite, "sam", email="sam@example.com", teams=[north]),
        person(lite, "kim", email="kim@example.com", teams=[team(lite, "South")]),
    )
    for each in (sam, kim):
        choose(lite, each, ("*", "email", "now"))
    say(lite, sam, kim, title=_("Call {customer}"), customer_id=customer(lite, team_id=north))
    work(lite)
    found = {each["address"]: each["subject"] for each in sent(tmp_path)}
    assert found == {"sam@example.com": "Call Ada Lovelace", "kim@example.com": "Call a customer"}
    (kims,) = (each for each in sent(tmp_path) if each["address"] == "kim@example.com")
    assert "Ada" not in kims["body"]


def test_all_of_a_day_comes_in_one_message(lite: CRM, tmp_path: Path) -> None:
    """What was read meanwhile is left out; what is urgent does not wait for it."""
    sam = person(lite, "sam", email="sam@example.com")
    choose(lite, sam, ("*", "email", "daily"))
    for title in ("one", "two", "three"):
        say(lite, sam, title=title)
    say(lite, sam, title="fire", urgent=True)
    work(lite)
    assert [each["subject"] for each in sent(tmp_path)] == ["fire"]
    lite.run(sam, "work.notice.read", target=notice_named(lite, "two"))
    (daily,) = (each for each in deliveries(lite) if each.daily)
    make_due(lite, daily.id)
    work(lite)
    message = sent(tmp_path)[-1]
    assert "two" not in message["body"]
    assert all(title in message["body"] for title in ("one", "three"))
    assert UUID(message["id"]) == daily.id


def test_what_was_read_is_not_sent_any_more(lite: CRM, tmp_path: Path) -> None:
    """A message whose notices were all read in the pages is not needed."""
    sam = person(lite, "sam", email="sam@example.com")
    choose(lite, sam, ("*", "email", "daily"))
    say(lite, sam, title="one")
    work(lite)
    lite.run(sam, "work.notice.read_all")
    (daily,) = deliveries(lite)
    make_due(lite, daily.id)
    work(lite)
    assert ([each.state for each in deliveries(lite)], sent(tmp_path)) == (["dropped"], [])


def test_it_is_quiet_outside_working_hours(lite: CRM, tmp_path: Path) -> None:
    """By the calendar of the main team; what is urgent comes at any hour, and so does everything to who wants that."""
    north = team(lite, "North")
    hours = lite.run(SYSTEM, "work.calendar.create", {"name": "never", "hours": f"{_other_day()} 09:00-10:00"})
    lite.run(SYSTEM, "work.calendar.assign_team", {"team_id": north}, target=hours.id)
    sam, kim = (person(lite, name, email=f"{name}@example.com", teams=[north]) for name in ("sam", "kim"))
    for each in (sam, kim):
        choose(lite, each, ("*", "email", "now"))
    lite.run(kim, "work.notice.prefer", {"quiet": False})
    say(lite, sam, kim, title="calm")
    say(lite, sam, title="fire", urgent=True)
    work(lite)
    assert sorted(each["address"][:3] + ":" + each["subject"] for each in sent(tmp_path)) == ["kim:calm", "sam:fire"]
    (waiting,) = (each for each in deliveries(lite) if each.state == "waiting")
    assert waiting.due_at > datetime.now(UTC) + timedelta(hours=12)


def test_who_has_left_is_told_nothing(lite: CRM, tmp_path: Path) -> None:
    """What waited for somebody who was deactivated is refused, and nothing new is queued."""
    sam = person(lite, "sam", email="sam@example.com")
    choose(lite, sam, ("*", "email", "now"))
    say(lite, sam, title="one")
    with lite.transaction(SYSTEM) as session:
        assert sam.user_id is not None
        session.run("user.deactivate", target=sam.user_id)
    work(lite)
    say(lite, sam, title="two")
    work(lite)
    assert (sent(tmp_path), [each.state for each in deliveries(lite)]) == ([], [])


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-06T20:00", "2026-03-09T08:30"),  # a Friday evening: on Monday
        ("2026-03-09T08:00", "2026-03-09T08:30"),
        ("2026-03-09T08:30", "2026-03-10T08:30"),
    ],
)
def test_the_daily_notice_comes_on_workdays(now: str, expected: str) -> None:
    """At the person's time of day, in the person's zone."""
    zone = ZoneInfo("Asia/Shanghai")
    calendar = WorkingCalendar(zone=zone.key, week={day: (Hours(9 * 3600, 18 * 3600),) for day in range(5)})
    at = datetime.fromisoformat(now).replace(tzinfo=zone).astimezone(UTC)
    found = next_daily("08:30", zone, calendar, at)
    assert found.astimezone(zone).strftime("%Y-%m-%dT%H:%M") == expected


def test_a_calendar_that_never_works_keeps_nothing_back() -> None:
    """Nobody would ever be told anything."""
    now = datetime(2026, 3, 9, tzinfo=UTC)
    assert next_working(WorkingCalendar(zone="UTC", week={}), now) == now


# --- carriers ---------------------------------------------------------------------------------------------------------


def test_what_a_carrier_takes_later_is_tried_again(lite: CRM, tmp_path: Path) -> None:
    """Later and later, under the same id."""
    (delivery,) = delivered(lite, tmp_path, "later")
    assert (delivery.state, delivery.attempts, delivery.reason) == ("waiting", 1, "busy")
    assert delivery.due_at > datetime.now(UTC) + timedelta(minutes=1)
    tell(tmp_path, "")
    make_due(lite, delivery.id)
    work(lite)
    assert [each["id"] for each in sent(tmp_path)] == [str(delivery.id)]
    assert [each.state for each in deliveries(lite)] == ["sent"]


def test_what_a_carrier_refuses_is_not_tried_again(lite: CRM, tmp_path: Path) -> None:
    """The reason is kept, and the person can have it sent again."""
    (delivery,) = delivered(lite, tmp_path, "refuse")
    assert (delivery.state, delivery.reason) == ("refused", "unknown")
    tell(tmp_path, "")
    with lite.session(SYSTEM) as session:
        sam = Actor.user(session.get_one(NoticeDelivery, delivery.id).user_id)
    lite.run(sam, "work.notice_delivery.resend", target=delivery.id)
    work(lite)
    assert [each.state for each in deliveries(lite)] == ["sent"]


def test_a_carrier_that_fails_leaves_it_uncertain(lite: CRM, tmp_path: Path) -> None:
    """Nobody knows whether it has left: it is not sent by itself again, and doctor says so."""
    delivered(lite, tmp_path, "raise")
    tell(tmp_path, "")
    work(lite)
    assert [(each.state, each.reason) for each in deliveries(lite)] == [("uncertain", "HookFailed")]
    assert sent(tmp_path) == []
    with lite.session(SYSTEM) as session:
        (check,) = (each for each in lite.registry.tables["check"].values() if each.name == "work.notices")
        (finding,) = check.run(session)
    assert (finding.level, finding.values["uncertain"]) == ("warning", 1)


def test_an_attempt_of_a_killed_process_is_not_repeated(lite: CRM, tmp_path: Path) -> None:
    """It is uncertain from then on; a channel that takes the same id once is given it again."""
    sam = person(lite, "sam")
    for channel in ("carrier.robot", "carrier.once"):
        lite.run(sam, "work.notice.set_address", {"channel": channel, "address": "x"})
        choose(lite, sam, ("*", channel, "now"))
    say(lite, sam, title="one")
    with lite.transaction(SYSTEM) as session:
        (notice,) = session.scalars(select(Notice)).all()
        session.run("work.notice.route", {"notice_ids": [notice.id]})
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    for delivery in deliveries(lite):
        lite.run(SYSTEM, "work.notice_delivery.begin", {"delivery_id": delivery.id})
        change(lite, delivery.id, started_at=long_ago)
    work(lite)
    assert {each.channel: each.state for each in deliveries(lite)} == {
        "carrier.robot": "uncertain",
        "carrier.once": "sent",
    }
    assert [each["channel"] for each in sent(tmp_path)] == ["carrier.once"]


def test_a_late_word_of_an_attempt_that_was_given_up_counts_nothing(lite: CRM, tmp_path: Path) -> None:
    """Another attempt was begun since."""
    (delivery,) = delivered(lite, tmp_path, "later")
    make_due(lite, delivery.id)
    first = lite.run(SYSTEM, "work.notice_delivery.begin", {"delivery_id": delivery.id})
    given = {"delivery_id": delivery.id, "attempt": UUID(int=7), "outcome": "accepted"}
    lite.run(SYSTEM, "work.notice_delivery.end", given)
    assert [each.state for each in deliveries(lite)] == ["sending"]
    lite.run(SYSTEM, "work.notice_delivery.end", {**given, "attempt": first.attempt})
    assert [each.state for each in deliveries(lite)] == ["sent"]


def test_notices_are_routed_once(lite: CRM) -> None:
    """Also when the job comes again."""
    sam = person(lite, "sam", email="sam@example.com")
    choose(lite, sam, ("*", "email", "now"))
    say(lite, sam, title="one")
    with lite.session(SYSTEM) as session:
        (notice,) = session.scalars(select(Notice)).all()
    for _number in range(2):
        lite.run(SYSTEM, "work.notice.route", {"notice_ids": [notice.id]})
    assert len(deliveries(lite)) == 1


def test_notices_of_a_day_that_come_at_once_come_in_one_message(desk: CRM) -> None:
    """Each is in it, whoever decides first."""
    sam = person(desk, "sam", email="sam@example.com")
    choose(desk, sam, ("*", "email", "daily"))
    for number in range(4):
        say(desk, sam, title=f"No {number}")
    with desk.session(SYSTEM) as session:
        ids = list(session.scalars(select(Notice.id)))
    threads = [
        threading.Thread(target=desk.run, args=(SYSTEM, "work.notice.route", {"notice_ids": [each]})) for each in ids
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with desk.session(SYSTEM) as session:
        assert len(session.scalars(select(NoticeItem)).all()) == 4
    assert len(deliveries(desk)) == 1


def delivered(crm: CRM, tmp_path: Path, told_to: str) -> list[NoticeDelivery]:
    """Return the deliveries after one notice went to a carrier that was told what to do."""
    sam = person(crm, "sam", email="sam@example.com")
    choose(crm, sam, ("*", "email", "now"))
    tell(tmp_path, told_to)
    say(crm, sam, title="one")
    work(crm)
    return deliveries(crm)


def notice_named(crm: CRM, title: str) -> UUID:
    """Return the id of a notice."""
    with crm.session(SYSTEM) as session:
        return session.scalars(select(Notice.id).where(Notice.title == title)).one()


def make_due(crm: CRM, delivery_id: UUID) -> None:
    """Let the time of a delivery come."""
    change(crm, delivery_id, due_at=datetime.now(UTC) - timedelta(minutes=30))
    crm.run(SYSTEM, "work.notice.sweep")


def change(crm: CRM, delivery_id: UUID, **values: Any) -> None:
    """Change a delivery behind everybody's back."""
    table: Any = NoticeDelivery.__table__
    with crm.engines.system_write.begin() as connection:
        connection.execute(table.update().where(table.c.id == delivery_id).values(**values))


def _other_day() -> str:
    """Return the name of a weekday that is neither today nor tomorrow, anywhere."""
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(datetime.now(UTC).weekday() + 3) % 7]
