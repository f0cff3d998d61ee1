"""Whose a need is, its task in work, and what its owner is told of its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_needs.catalogue.models import Need
from crmkit_work.api import Task
from crmkit_work.notices.models import Notice
from sqlalchemy import select

from crmkit import Actor, Refused, Settings
from crmkit.app import CRM
from tests.conftest import Templates
from tests.plugins.needs.conftest import enabled

SYSTEM = Actor.system("a test")


@pytest.fixture
def office(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with needs, of which a queue gives out those that nobody answers for."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    with CRM.open(Settings(database=url, options={"needs": {"queue": "needs", "remind_days": 3}})) as opened:
        yield opened


def run(crm: CRM, operation: str, target: Any = None, /, **values: Any) -> Any:
    """Run an operation and everything that follows from it."""
    made = crm.run(SYSTEM, operation, values, target=None if target is None else target.id)
    crm.worker().run_until_idle()
    return made


def user(crm: CRM, login: str) -> Any:
    """Add somebody who works here."""
    return run(crm, "user.create", login=login, name=login.title(), email=f"{login}@shop.example")


def with_queue(crm: CRM) -> Any:
    """Make the queue, with one member who is always at work, and return that one."""
    quinn = user(crm, "quinn")
    queue = run(crm, "work.queue.create", name="needs", title="Needs", in_hours=False)
    run(crm, "work.queue.add_member", queue, user_id=quinn.id)
    return quinn


def kept(crm: CRM, need: Any) -> Need:
    """Return a need as it is kept."""
    with crm.session(SYSTEM) as session:
        return session.get_one(Need, need.id)


def tasks(crm: CRM) -> list[Task]:
    """Return all tasks."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(Task).order_by(Task.id)))


def notices(crm: CRM) -> list[tuple[Any, str]]:
    """Return who was told what."""
    with crm.session(SYSTEM) as session:
        return [(each.user_id, each.title) for each in session.scalars(select(Notice).order_by(Notice.id))]


def day(crm: CRM, days: int) -> date:
    """Return a day from today."""
    with crm.session(SYSTEM) as session:
        return session.today() + timedelta(days=days)


def test_the_lead_of_the_area_or_of_the_one_above_has_it(office: CRM) -> None:
    with_queue(office)
    lea = user(office, "lea")
    run(office, "needs.area.create", name="packing", lead_id=lea.id)
    run(office, "needs.area.create", name="jars", parent="packing")
    made = run(office, "needs.need.create", title="Glass", area="jars")
    assert kept(office, made).owner_id == lea.id
    assert notices(office) == [(lea.id, "Need {number} is yours to see to")]


def test_a_queue_gives_out_what_no_lead_answers_for(office: CRM) -> None:
    quinn = with_queue(office)
    run(office, "needs.area.create", name="packing")
    made = run(office, "needs.need.create", title="Glass", area="packing")
    assert kept(office, made).owner_id == quinn.id
    assert [who for who, _title in notices(office)] == [quinn.id]


def test_without_lead_and_queue_it_waits(lite: CRM) -> None:
    made = run(lite, "needs.need.create", title="Glass", due_on=day(lite, 1))
    assert kept(lite, made).owner_id is None
    assert tasks(lite) == []


def test_the_task_moves_with_the_date_and_the_owner_and_is_closed_with_the_need(lite: CRM) -> None:
    lea, max_ = user(lite, "lea"), user(lite, "max")
    made = run(lite, "needs.need.create", title="Glass", owner_id=lea.id, due_on=day(lite, 30))
    (task,) = tasks(lite)
    assert (task.owner_id, task.is_open, task.ref) == (lea.id, True, f"needs.need:{made.id}")
    run(lite, "needs.need.update", made, promised_on=day(lite, 20), owner_id=max_.id)
    (moved,) = tasks(lite)
    assert task.due_at is not None
    assert (moved.id, moved.owner_id, moved.due_at) == (task.id, max_.id, task.due_at - timedelta(days=10))
    for state in ("accepted", "in_progress", "delivered"):
        run(lite, "needs.need.move", made, to=state)
    assert [each.state for each in tasks(lite)] == ["done"]
    run(lite, "needs.need.move", made, to="in_progress")
    assert [each.is_open for each in tasks(lite)] == [True]
    run(lite, "needs.need.update", made, promised_on=None, due_on=None)
    assert [each.state for each in tasks(lite)] == ["dropped"]


def test_a_task_that_was_done_by_hand_stays_so(lite: CRM) -> None:
    lea = user(lite, "lea")
    made = run(lite, "needs.need.create", title="Glass", owner_id=lea.id, due_on=day(lite, 30))
    run(lite, "work.task.finish", tasks(lite)[0])
    run(lite, "needs.need.update", made, due_on=day(lite, 31))
    run(lite, "needs.need.move", made, to="accepted")
    assert [each.state for each in tasks(lite)] == ["done"]


def test_owners_are_told_before_and_after_the_day_once_each(office: CRM) -> None:
    lea = user(office, "lea")
    soon = run(office, "needs.need.create", title="Glass", owner_id=lea.id, due_on=day(office, 3))
    run(office, "needs.need.create", title="Later", owner_id=lea.id, due_on=day(office, 4))
    late = run(office, "needs.need.create", title="Lids", owner_id=lea.id, promised_on=day(office, -1))
    told = len(notices(office))
    assert office.run(SYSTEM, "needs.need.tick", {}) == 2
    assert office.run(SYSTEM, "needs.need.tick", {}) == 0
    assert sorted(title for _who, title in notices(office)[told:]) == [
        "Need {number} is due on {day}",
        "Need {number} is late: it was due on {day}",
    ]
    run(office, "needs.need.update", soon, due_on=day(office, 2))
    run(office, "needs.need.move", late, to="declined", decline="other")
    assert office.run(SYSTEM, "needs.need.tick", {}) == 1


def test_what_was_taken_over_gets_its_task_later(office: CRM) -> None:
    quinn = with_queue(office)
    past = {"title": "Glass", "external_id": "1", "external_source": "old", "due_on": str(day(office, 60))}
    made = run(office, "needs.need.import", **past)
    office.run(SYSTEM, "needs.need.tick", {})
    assert [each.owner_id for each in tasks(office)] == [quinn.id]
    assert kept(office, made).owner_id == quinn.id


def test_nobody_follows_by_hand(lite: CRM) -> None:
    made = run(lite, "needs.need.create", title="Glass")
    lea = user(lite, "lea")
    run(lite, "user.assign_role", lea, role="manager")
    with pytest.raises(Refused):
        lite.run(Actor.user(lea.id, "Lea"), "needs.need.follow", {}, target=made.id)
