"""The pages of tasks: the work list and what is done from it, a task with everything about it, and what others show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from crmkit_work.tasks.listing import ListFilter, work_list
from crmkit_work.tasks.models import Task
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.testing.workbench import MovableClock
from tests.conftest import Templates
from tests.web.conftest import Browsing, Web, populate

SYSTEM = Actor.system("a test")
HOME = "/modules/work/tasks"
NOON = (datetime.now(UTC) + timedelta(days=1)).replace(hour=4, minute=0, second=0, microsecond=0)
"""Noon in Shanghai, tomorrow: after the customers were made, at whatever hour the tests run."""


@define(kw_only=True)
class Desk:
    """A customer base with tasks of Sam's and of Sue's, and what Sam has in a queue."""

    web: Web
    clock: MovableClock
    tasks: dict[str, Task]

    @property
    def crm(self) -> CRM:
        """Return the customer base."""
        return self.web.crm

    def task(self, title: str) -> Any:
        """Return a task as it is now."""
        with self.crm.session(SYSTEM) as session:
            return session.scalars(select(Task).where(Task.title == title)).one()


def fill(crm: CRM) -> tuple[Any, Any]:
    """Enable work and add people and customers."""
    crm.enable("work")
    made = populate(crm)
    return made.users, made.customers


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """The desk on a day at noon."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    clock = MovableClock()
    clock.set(NOON)
    with CRM.open(url, clock=clock.as_clock()) as crm:
        made = Web(crm=crm, users=users, customers=customers)
        sam, sue = made.users["sam"], made.users["sue"]
        queue = crm.run(SYSTEM, "work.queue.create", {"name": "post", "title": "Post"}).id
        crm.run(SYSTEM, "work.queue.add_member", {"user_id": sam}, target=queue)
        crm.run(SYSTEM, "work.ladder.create", {"name": "usual", "steps": "0 owner; +1h lead"})
        theirs = made.customers["Blue Kettle Ltd"]
        plans: list[dict[str, Any]] = [
            {"title": "Call back", "due_at": NOON - timedelta(hours=3), "owner_id": sam, "customer_id": theirs},
            {"title": "Send the <offer>", "due_at": NOON + timedelta(hours=2), "owner_id": sam, "priority": "urgent"},
            {"title": "Tidy up", "due_at": NOON + timedelta(days=30), "owner_id": sam, "repeat_rule": "FREQ=WEEKLY"},
            {"title": "Some day", "owner_id": sam},
            {"title": "Sue's own", "due_at": NOON, "owner_id": sue},
            {"title": "Letter", "due_at": NOON + timedelta(hours=1), "queue_id": queue, "owner_id": sam},
        ]
        tasks = {each["title"]: crm.run(SYSTEM, "work.task.create", each) for each in plans}
        crm.run(SYSTEM, "work.task.tick")
        yield Desk(web=made, clock=clock, tasks=tasks)
        for client in made.clients:
            client.close()


def texts_in(client: Browsing, path: str = HOME) -> str:
    """Return the text of a page that is there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: str = answer.text
    return found


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("login", ["sam", "mia", "ann", "ada"])
def test_every_page_is_shown(desk: Desk, login: str, language: str) -> None:
    """To everybody who may see tasks, in both languages, with every filter."""
    client = desk.web.client(login, language=language)
    queries = ["", *(f"?whose={whose}" for whose in ("mine", "own", "queues", "given", "all"))]
    queries += ["?section=overdue", "?q=call", "?q=%231", "?priority=urgent", "?user=nonsense", "?snoozed=1"]
    for query in queries:
        texts_in(client, f"{HOME}{query}")
    if login in ("sam", "mia", "ada"):
        texts_in(client, f"/modules/work/task?id={desk.tasks['Call back'].id}")
        texts_in(client, "/modules/work/task?number=3")
    texts_in(client, "/records/work.task/calendar/work.tasks")
    texts_in(client, "/")


def test_the_list_has_what_one_has_to_do_by_urgency(desk: Desk) -> None:
    """What is overdue first, what is urgent before what is not; of others nothing."""
    text = texts_in(desk.web.client("sam"))
    order = [text.index(title) for title in ("Call back", "Send the &lt;offer&gt;", "Letter", "Tidy up", "Some day")]
    assert order == sorted(order)
    assert "Sue&#39;s own" not in text
    assert "Sue's own" not in text


def test_done_started_and_put_aside_at_a_click(desk: Desk) -> None:
    """And one is back on the list afterwards."""
    client = desk.web.client("sam")
    for title, verb, data in (
        ("Call back", "finish", {}),
        ("Letter", "start", {}),
        ("Some day", "snooze", {"choice": "tomorrow"}),
    ):
        path = f"/operations/work.task.{verb}?target={desk.tasks[title].id}&next={HOME}&quiet=1"
        answer = client.post(path, data)
        assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    assert desk.task("Call back").state == "done"
    assert desk.task("Letter").state == "in_progress"
    assert desk.task("Some day").snoozed_until is not None


def test_a_task_is_jotted_down_in_a_line(desk: Desk) -> None:
    """With its due time in words; what is not understood is said, and nothing is lost."""
    client = desk.web.client("sam")
    path = f"/operations/work.task.jot?next={HOME}"
    answer = client.post(path, {"title": "Buy stamps", "due": "tomorrow 10:00", "priority": "high"})
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    made = desk.task("Buy stamps")
    assert (made.owner_id, made.due_at) == (desk.web.users["sam"], NOON + timedelta(hours=22))
    refused = client.post(path, {"title": "Buy more", "due": "whenever", "priority": "high"})
    assert refused.status_code == 422
    assert "Buy more" in refused.text


def test_a_task_is_not_shown_to_whom_it_is_hidden(desk: Desk) -> None:
    """By its id and by its number it looks as if there were none."""
    client = desk.web.client("sam")
    hidden = desk.tasks["Sue's own"]
    answers = [
        client.get(f"/modules/work/task?id={hidden.id}").status_code,
        client.get(f"/modules/work/task?number={hidden.number}").status_code,
        client.get("/modules/work/task?number=999").status_code,
        client.get("/modules/work/task?id=nonsense").status_code,
    ]
    assert answers == [404] * 4


def test_a_task_has_its_ladder_reminders_and_reasons_on_its_page(desk: Desk) -> None:
    """What was told and what comes next stands there, with notes and the reason of the assignment."""
    sam = Actor.user(desk.web.users["sam"])
    task = desk.crm.run(SYSTEM, "work.task.create", {"title": "Explained", "queue": "post", "due": "+1h"})
    desk.crm.run(sam, "work.task.note", {"note": "He wants <two>"}, target=task.id)
    desk.crm.run(sam, "work.task.remind", {"minutes": 30}, target=task.id)
    desk.clock.advance(hours=1)
    desk.crm.run(SYSTEM, "work.task.tick")
    text = texts_in(desk.web.client("sam"), f"/modules/work/task?id={task.id}")
    for said in ("He wants &lt;two&gt;", "It was their turn", "Lead of the team", "Before it is due", "Sam Seller"):
        assert said in text


def test_the_menu_counts_what_presses(desk: Desk) -> None:
    """What is overdue or due today of one's own stands beside the menu."""
    from crmkit_work.tasks.listing import pressing

    with desk.crm.session(Actor.user(desk.web.users["sam"])) as session:
        assert pressing(session) == 3


def test_the_first_page_and_the_customer_have_the_tasks(desk: Desk) -> None:
    """A card of what is due, a panel and the timeline of the customer."""
    client = desk.web.client("sam")
    assert "Call back" in texts_in(client, "/today/work.tasks")
    task = desk.task("Call back")
    page = texts_in(desk.web.client("mia"), f"/customers/{task.customer_id}")
    assert "Open tasks" in page
    assert "Call back" in page


def test_the_calendar_feed_has_the_own_tasks(desk: Desk) -> None:
    """A calendar program gets the tasks of whose link it is, on their due times, and no others."""
    sam = Actor.user(desk.web.users["sam"])
    link = desk.crm.run(sam, "calendar.subscribe")
    answer = desk.web.client().get(f"{link.path}.ics")
    assert answer.status_code == 200
    assert "SUMMARY:Letter" in answer.text
    assert "Sue" not in answer.text


def test_whose_list_it_is(desk: Desk) -> None:
    """A manager looks at somebody's list; all is what the reader may see."""
    mia = Actor.user(desk.web.users["mia"])
    with desk.crm.session(mia) as session:
        sams = work_list(session, ListFilter(user_id=desk.web.users["sam"]))
        everything = work_list(session, ListFilter(whose="all"))
        urgent = work_list(session, ListFilter(whose="all", priority="urgent", text="offer"))
    assert (sams.count, urgent.count) == (5, 1)
    assert everything.count >= sams.count


@pytest.mark.parametrize(
    "report",
    ["tasks_done?by=owner", "tasks_done?by=queue", "tasks_open?by=priority", "tasks_open?by=queue", "tasks_course"],
)
def test_reports_are_shown_with_charts(desk: Desk, report: str) -> None:
    """In the pages, with a chart, grouped by each of the groupings."""
    desk.crm.run(SYSTEM, "work.task.finish", target=desk.tasks["Letter"].id)
    desk.crm.run(SYSTEM, "work.task.finish", target=desk.tasks["Call back"].id)
    text = texts_in(desk.web.client("mia"), f"/reports/work.{report}")
    assert "<svg" in text


def test_reports_count_what_was_done_in_time(desk: Desk) -> None:
    """By owner: one in time, one late."""
    from crmkit_work.tasks.reports import DoneParameters, OpenParameters, age_rows, done_rows

    from crmkit import Period

    for title in ("Letter", "Call back"):
        desk.crm.run(SYSTEM, "work.task.finish", target=desk.tasks[title].id)
    day = (NOON + timedelta(hours=8)).date()
    with desk.crm.session(Actor.user(desk.web.users["mia"])) as session:
        (row,) = done_rows(session, DoneParameters(period=Period(first=day, last=day)), None).rows
        (left,) = age_rows(session, OpenParameters(), None).rows
    assert (row["group"], row["done"], row["on_time"], row["late"]) == ("Sam Seller", 2, 1, 1)
    assert (left["group"], left["open"], left["overdue"]) == ("Sam Seller", 3, 0)


def test_facts_of_customers(desk: Desk) -> None:
    """Open and overdue tasks and when the next one is due, as of now and as of before."""
    from crmkit.testing.workbench import facts_at

    task = desk.task("Call back")
    moment, after = (NOON + timedelta(days=days) for days in (0, 1))
    now = [row for row in facts_at(desk.crm, "work", moment, known_at=after) if row[0] == task.customer_id]
    assert [tuple(row[1:4]) for row in now] == [(1, 1, task.due_at)]
    desk.crm.run(SYSTEM, "work.task.finish", target=task.id)
    later = [row for row in facts_at(desk.crm, "work", after, known_at=after) if row[0] == task.customer_id]
    assert [tuple(row[1:5]) for row in later] == [(0, 0, None, 1)]
