"""The feed of events: one order for good, nothing missed, nothing told that the reader may not know."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from crmkit import CRM, Actor
from crmkit.errors import EventsGone, InvalidInput
from crmkit.exchange.feed.reading import FeedEvent, read_feed
from tests.web.conftest import Web
from tests.web.rest.callers import Callers, calling

SYSTEM = Actor.system("tests of the feed")


@pytest.fixture
def api(web: Web) -> Iterator[Callers]:
    """The API of a customer base of this test alone, on each engine."""
    with calling(web) as found:
        yield found


@pytest.fixture
def small(sqlite_web: Web) -> Iterator[Callers]:
    """The same on SQLite alone."""
    with calling(sqlite_web) as found:
        yield found


def drained(crm: CRM, actor: Actor, after: str | None = None, *, limit: int = 100, **more: Any) -> list[FeedEvent]:
    """Return all events behind a cursor, page by page."""
    found: list[FeedEvent] = []
    while True:
        page = read_feed(crm, actor, after, limit=limit, **more)
        found.extend(page.events)
        after = page.next
        if not page.more:
            return found


def customer(crm: CRM, name: str, **values: Any) -> Any:
    return crm.run(SYSTEM, "customer.create", {"name": name, **values})


def test_pages_of_any_size_have_the_same_events_in_the_same_order(api: Callers) -> None:
    """Whoever follows the feed one by one reads what another one reads in large pages, and later the same again."""
    whole = drained(api.crm, SYSTEM)
    assert len(whole) > 10
    assert [each.id for each in whole] == [each.id for each in drained(api.crm, SYSTEM, limit=3)]
    assert [each.cursor for each in whole] == [each.cursor for each in drained(api.crm, SYSTEM)]


def test_an_event_of_a_slower_transaction_comes_later_and_is_not_missed(api: Callers) -> None:
    """A transaction that emitted its event first and commits last has it behind what others committed meanwhile: who
    has gone on from there gets it."""
    if api.crm.engines.dialect == "sqlite":
        # Of transactions that write there is one at a time: the slow one has the others wait.
        customer(api.crm, "Slow")
    start = read_feed(api.crm, SYSTEM, "now").next
    emitted, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with api.crm.transaction(SYSTEM) as session:
            session.run("customer.create", {"name": "Slow"})
            emitted.set()
            may_commit.wait(20)

    slow = threading.Thread(target=slowly)
    slow.start()
    assert emitted.wait(20)
    if api.crm.engines.dialect == "sqlite":
        may_commit.set()
        slow.join(20)
        customer(api.crm, "Quick")
        assert len(drained(api.crm, SYSTEM, start, types=["customer.created"])) == 2
        return
    quick = customer(api.crm, "Quick")
    page = read_feed(api.crm, SYSTEM, start, types=["customer.created"])
    assert [each.data["customer_ids"] for each in page.events] == [[str(quick.id)]]
    may_commit.set()
    slow.join(20)
    late = drained(api.crm, SYSTEM, page.next, types=["customer.created"])
    assert len(late) == 1
    assert late[0].recorded_at < page.events[0].recorded_at


def test_readers_miss_nothing_while_many_write(api: Callers, scale: Any) -> None:
    """While writers commit at odd times, readers that go on from cursor to cursor get every event once, all in the same
    order."""
    writers, each = scale(small=4, full=8), scale(small=12, full=200)
    start = read_feed(api.crm, SYSTEM, "now").next
    over = threading.Event()
    failures: list[BaseException] = []
    readers: list[list[FeedEvent]] = [[], []]

    def write(number: int) -> None:
        try:
            for place in range(each):
                with api.crm.transaction(SYSTEM) as session:
                    session.run("customer.create", {"name": f"Writer {number} {place}"})
                    time.sleep(0.002 * ((number * 7 + place * 3) % 5))
        except BaseException as error:
            failures.append(error)

    def read(found: list[FeedEvent]) -> None:
        after = start
        try:
            while True:
                last = over.is_set()
                page = read_feed(api.crm, SYSTEM, after, limit=7)
                found.extend(page.events)
                after = page.next
                if last and not page.more:
                    return
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    watching = [threading.Thread(target=read, args=(found,)) for found in readers]
    for thread in (*watching, *threads):
        thread.start()
    for thread in threads:
        thread.join(120)
    over.set()
    for thread in watching:
        thread.join(60)
    assert failures == []
    created = [[one.id for one in found if one.type == "customer.created"] for found in readers]
    assert len(created[0]) == len(set(created[0])) == writers * each
    assert created[0] == created[1]
    assert [one.id for one in readers[0]] == [one.id for one in drained(api.crm, SYSTEM, start)]


def test_a_cursor_that_is_none_is_refused(small: Callers) -> None:
    """A text that was never given out as a cursor is a mistake of the caller's."""
    for wrong in ("x", "AAAA", "!" * 16, "é", "A" * 39):
        with pytest.raises(InvalidInput):
            read_feed(small.crm, SYSTEM, wrong)
        assert small.call("ada", "GET", "/events", params={"after": wrong}).status_code == 422


def test_a_cursor_of_another_feed_is_told(small: Callers) -> None:
    """Where a cursor does not fit what there is, as after an older backup was restored, the reader is told to begin
    anew; a page that would pass something over in silence is never given."""
    page = read_feed(small.crm, SYSTEM, "now")
    events = drained(small.crm, SYSTEM)
    with small.crm.engines.system_write.begin() as connection:
        connection.execute(text("DELETE FROM crm_event WHERE position > 5"))
    with pytest.raises(EventsGone):
        read_feed(small.crm, SYSTEM, page.next)
    assert small.call("ada", "GET", "/events", params={"after": page.next}).status_code == 409
    with small.crm.engines.system_write.begin() as connection:
        connection.execute(text("DELETE FROM crm_event WHERE position < 4"))
    with pytest.raises(EventsGone):
        read_feed(small.crm, SYSTEM, events[0].cursor)
    # What followed the third one is all there.
    assert [each.id for each in drained(small.crm, SYSTEM, events[2].cursor)] == [each.id for each in events[3:5]]


def test_a_reader_is_told_of_customers_that_he_may_see_alone(small: Callers) -> None:
    """An event about many customers names those of the reader's; one about others alone is left out."""
    start = read_feed(small.crm, SYSTEM, "now").next
    sam, sue = (str(small.web.users[login]) for login in ("sam", "sue"))
    items = [{"name": f"Mine {number}", "owner_id": owner} for number, owner in enumerate((sam, sue, sam))]
    made = [str(each.result) for each in small.crm.run_many(SYSTEM, "customer.create", items)]
    customer(small.crm, "Hers", owner_id=sue)
    seen = small.get("sam", "/events", after=start, type="customer.created")
    assert [each["data"]["customer_ids"] for each in seen["data"]] == [[made[0], made[2]]]
    everything = small.get("ada", "/events", after=start, type="customer.created")
    assert [len(each["data"]["customer_ids"]) for each in everything["data"]] == [3, 1]


def test_lists_that_belong_together_are_cut_together(small: Callers) -> None:
    """Of interactions each keeps its customer at the same place."""
    start = read_feed(small.crm, SYSTEM, "now").next
    mine, hers = small.web.customers["Wang Lin"], small.web.customers["Sofia Rossi"]
    small.crm.run_many(
        SYSTEM,
        "interaction.record",
        [{"kind": "call", "customer_id": str(each), "subject": "hello"} for each in (hers, mine, hers)],
    )
    (seen,) = small.get("sam", "/events", after=start, type="interaction.recorded")["data"]
    assert seen["data"]["customer_ids"] == [str(mine)]
    assert len(seen["data"]["interaction_ids"]) == 1


def test_what_is_no_customers_needs_a_right_on_its_resource(small: Callers) -> None:
    """Who administers is told that the configuration changed, sellers are not; of products both are."""
    start = read_feed(small.crm, SYSTEM, "now").next
    small.crm.run(SYSTEM, "business.configure", {"name": "Another"})
    small.crm.run(SYSTEM, "product.create", {"sku": "T1", "title": "Tea"})
    names = {
        login: [each["type"] for each in small.get(login, "/events", after=start)["data"]] for login in ("ada", "sam")
    }
    assert "business.configured" in names["ada"]
    assert "business.configured" not in names["sam"]
    assert "product.created" in names["ada"]
    assert "product.created" in names["sam"]


def test_texts_that_are_masked_for_the_reader_are_left_out(small: Callers) -> None:
    """A label may say where somebody lives: who sees names masked does not read it in the feed."""
    start = read_feed(small.crm, SYSTEM, "now").next
    target = small.web.customers["Wang Lin"]
    small.crm.run(SYSTEM, "customer.pin_label", {"dimension": "vip", "label": "vip"}, target=target)
    (full,) = small.get("max", "/events", after=start, type="customer.label_pinned")["data"]
    (masked,) = small.get("ann", "/events", after=start, type="customer.label_pinned")["data"]
    assert (full["data"]["label"], masked["data"]["label"]) == ("vip", None)


def test_somebody_without_rights_reads_nothing(small: Callers) -> None:
    """A user without any role gets an empty feed, and a cursor to go on from."""
    made = small.crm.run(SYSTEM, "user.create", {"login": "nobody", "name": "No Body"})
    page = read_feed(small.crm, Actor.user(made.id), limit=1000)
    assert page.events == ()


def test_a_removed_customer_is_told_to_who_sees_all(small: Callers) -> None:
    """That a customer is gone is told to who saw all of them, since others might learn by it whom there was."""
    target = small.web.customers["Wang Lin"]
    start = read_feed(small.crm, SYSTEM, "now").next
    small.crm.run(SYSTEM, "customer.delete", target=target)
    small.crm.run(SYSTEM, "customer.remove", target=target)
    assert [
        each["data"]["customer_ids"]
        for each in small.get("ada", "/events", after=start, type="customer.removed")["data"]
    ] == [[str(target)]]
    assert small.get("sam", "/events", after=start, type="customer.removed")["data"] == []


def test_a_call_waits_until_something_happens(small: Callers) -> None:
    """With ``wait`` the answer comes soon after the event, not at the end of the time."""
    start = read_feed(small.crm, SYSTEM, "now").next
    threading.Timer(0.6, lambda: customer(small.crm, "Late")).start()
    began = time.monotonic()
    found = small.get("ada", "/events", after=start, wait=20, type="customer.*")
    assert [each["type"] for each in found["data"]] == ["customer.created"]
    assert time.monotonic() - began < 10


def test_types_choose_by_name_and_by_resource(small: Callers) -> None:
    """``customer.*`` is everything about customers, and nothing about ``customers_of_others.x``."""
    types = {each["type"] for each in small.get("ada", "/events", type="customer.*", limit=1000)["data"]}
    assert types
    assert all(each.startswith("customer.") for each in types)
    assert small.get("ada", "/events", type="business.configured,customer_", limit=1000)["data"] != []
