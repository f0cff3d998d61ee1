"""``crmkit work tasks`` and ``crmkit work ladder``: for people, and with --json for scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:
    """An installation with work enabled and two people."""
    crmkit.has("work")
    for login in ("eve", "bob"):
        crmkit.ok("user", "add", login, login.title(), "--role", "seller")
    return crmkit


def new(shop: Crmkit, title: str, *options: str) -> Any:
    """Add a task of Eve's and return the document."""
    return shop.json("work", "tasks", "new", title, "--owner", "eve", *options)


def test_a_task_goes_its_way_on_the_command_line(shop: Crmkit) -> None:
    """Added, listed, started, noted, finished with what follows; every command answers with the task."""
    customer = shop.json("customer", "add", "name=Ada")["result"]["id"]
    made = new(shop, "Call Ada", "--due", "+2h", "--customer", customer, "--priority", "high", "--remind", "30")
    assert (made["number"], made["owner"], made["priority"], made["customer"]) == (1, "Eve", "high", "Ada")
    assert shop.json("work", "tasks", "start", "1")["state"] == "in_progress"
    shop.ok("work", "tasks", "note", "#1", "She has moved")
    listed = shop.json("work", "tasks", "list", "--user", "eve")
    assert [(each["number"], each["title"]) for each in listed["tasks"]] == [(1, "Call Ada")]
    done = shop.json(
        "work", "tasks", "finish", "1", "--outcome", "successful", "--next", "Send it", "--next-due", "+3d"
    )
    assert (done["state"], done["outcome"]) == ("done", "successful")
    shown = shop.json("work", "tasks", "show", made["id"])
    assert [each["text"] for each in shown["notes"]] == ["She has moved"]
    assert shop.json("work", "tasks", "show", "2")["title"] == "Send it"
    assert shop.json("work", "tasks", "reopen", "1")["state"] == "open"
    assert shop.json("work", "tasks", "drop", "1", "--note", "No use")["state"] == "dropped"


def test_tasks_wait_are_put_aside_and_given_away(shop: Crmkit) -> None:
    """By words for when, and by login for who."""
    new(shop, "Wait for it", "--due", "fri")
    assert shop.json("work", "tasks", "wait", "1", "--until", "+2h")["state"] == "waiting"
    assert shop.json("work", "tasks", "resume", "1")["state"] == "open"
    snoozed = shop.json("work", "tasks", "snooze", "1", "--until", "tomorrow 09:00")["snoozed_until"]
    assert datetime.fromisoformat(snoozed).tzinfo is not None
    assert shop.json("work", "tasks", "list", "--user", "eve")["snoozed"] == 1
    assert shop.json("work", "tasks", "delegate", "1", "bob")["owner"] == "Bob"
    assert shop.json("work", "tasks", "assign", "1", "--owner", "eve", "--note", "Back")["owner"] == "Eve"
    assert shop.json("work", "tasks", "remind", "1", "--at", "+1h")["next_at"]
    assert shop.json("work", "tasks", "acknowledge", "1")["state"] == "open"


def test_ladders_are_listed_and_made(shop: Crmkit) -> None:
    """With their steps; who leads a team is set by name."""
    made = shop.json("work", "ladder", "new", "usual", "--steps", "-60m owner; 0 lead", "--priority", "urgent")
    assert made["name"] == "usual"
    (listed,) = rows(shop)
    assert (listed["steps"], listed["priorities"]) == ("-60m owner; 0 lead", "urgent")
    shop.ok("team", "create", "North")
    assert shop.json("work", "ladder", "lead", "North", "eve")["lead"] == "eve"


def rows(shop: Crmkit) -> list[Any]:
    """Return the rows of the list of ladders."""
    found = shop.json("work", "ladder", "list")
    return found if isinstance(found, list) else next(value for value in found.values() if isinstance(value, list))


def test_open_tasks_are_written_as_to_dos(shop: Crmkit) -> None:
    """A file that other programs read, with due times in UTC."""
    from icalendar import Calendar

    new(shop, "Call, Ada; now", "--due", "2026-12-24T10:00:00Z", "--priority", "urgent")
    answer = shop.json("work", "tasks", "calendar", "tasks.ics", "--whose", "all")
    assert answer == {"file": "tasks.ics", "tasks": 1}
    (todo,) = Calendar.from_ical((shop.folder / "tasks.ics").read_bytes()).walk("VTODO")
    assert (str(todo["summary"]), int(todo["priority"])) == ("#1 Call, Ada; now", 1)
    assert todo.decoded("due").isoformat() == "2026-12-24T10:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "7"], "CK501"),
        (["start", "nonsense"], "CK501"),
        (["new", "X", "--due", "whenever"], "CK500"),
        (["new", "X", "--owner", "ghost"], "CK501"),
        (["new", "X", "--queue", "ghost"], "CK501"),
        (["new", "X", "--repeat", "FREQ=DAILY"], "CK500"),
        (["list", "--user", "ghost"], "CK501"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(shop: Crmkit, arguments: list[str], code: str) -> None:
    """With the code of the error, also for scripts."""
    done = shop("work", "tasks", *arguments, "--json")
    assert done.code != 0
    assert code in done.err + done.out
    assert "Traceback" not in done.err


def test_the_list_is_read_by_people(shop: Crmkit) -> None:
    """In parts, with a hint of what is put aside."""
    new(shop, "Call Ada", "--due", "+2h")
    new(shop, "Later")
    shop.ok("work", "tasks", "snooze", "2", "--for", "hour")
    text = shop.ok("work", "tasks", "list", "--user", "eve").out
    assert "Call Ada" in text
    assert "1 more are put aside" in text
    shop.ok("work", "tasks", "note", "1", "She has moved")
    assert "She has moved" in shop.ok("work", "tasks", "show", "1").out
    assert "Call Ada" in shop.ok("work", "tasks", "show", "1").out
