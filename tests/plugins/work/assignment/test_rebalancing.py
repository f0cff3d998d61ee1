"""Work of people who are gone, work that waits, and what doctor says of both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmkit_work.assignment.checks import CHECKS
from crmkit_work.assignment.models import AssignmentEntry
from crmkit_work.assignment.standing import loads_of
from crmkit_work.tasks.models import Task
from sqlalchemy import func, select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import InvalidInput, Refused
from tests.plugins.work.assignment.conftest import BOSS, away, give, queue, user


def task(crm: CRM, title: str = "Call", **values: Any) -> UUID:
    """Add a task and return its id."""
    found: UUID = crm.run(BOSS, "work.task.create", {"title": title, **values}).id
    return found


def owner(crm: CRM, identity: UUID) -> UUID | None:
    """Return whose task it is."""
    with crm.session(BOSS) as session:
        return session.scalars(select(Task.owner_id).where(Task.id == identity)).one()


def test_work_of_who_is_gone_goes_back_to_its_queue(work: CRM) -> None:
    """Of somebody absent and of somebody who has left; what others have stays theirs."""
    ada, bo, cy = (user(work, login) for login in ("ada", "bo", "cy"))
    queue(work, ada, bo, cy)
    tasks = [task(work, queue="desk") for _each in range(3)]
    assert [owner(work, each) for each in tasks] == [ada, bo, cy]
    away(work, ada)
    work.run(BOSS, "user.deactivate", target=bo)
    found = work.run(BOSS, "work.queue.rebalance")
    assert (found.moved, found.waiting, found.left) == (2, 0, ())
    assert [owner(work, each) for each in tasks] == [cy, cy, cy]
    assert work.run(BOSS, "work.queue.rebalance").moved == 0


def test_without_a_queue_the_deputy_gets_it(lite: CRM) -> None:
    """Else a queue that is named; without either it stays, and is named."""
    ada, bo, cy = (user(lite, login) for login in ("ada", "bo", "cy"))
    first, second = task(lite, owner_id=ada), task(lite, owner_id=bo)
    give(lite, "7", users=(bo,))
    away(lite, ada, deputy=cy)
    lite.run(BOSS, "user.deactivate", target=bo)
    found = lite.run(BOSS, "work.queue.rebalance")
    assert (owner(lite, first), found.moved) == (cy, 1)
    assert set(found.left) == {f"work.task:{second}", "test.work:7"}
    desk = queue(lite, cy)
    again = lite.run(BOSS, "work.queue.rebalance", {"queue_id": desk})
    assert (owner(lite, second), again.moved, again.left) == (cy, 1, ("test.work:7",))


def test_short_absences_can_be_left_alone(lite: CRM) -> None:
    """Whoever is back within the days keeps the work; who is there is not robbed of it."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    queue(lite, ada, bo)
    first = task(lite, queue="desk")
    away(lite, ada, days=2)
    assert lite.run(BOSS, "work.queue.rebalance", {"days": 7}).moved == 0
    with pytest.raises(InvalidInput):
        lite.run(BOSS, "work.queue.rebalance", {"user_ids": [bo]})
    assert lite.run(BOSS, "work.queue.rebalance", {"user_ids": [ada]}).moved == 1
    assert owner(lite, first) == bo


def test_who_may_not_see_a_task_does_not_move_it(lite: CRM) -> None:
    """A manager of another team leaves it where it is."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    queue(lite, ada, bo)
    first = task(lite, queue="desk")
    away(lite, ada)
    manager = Actor.user(user(lite, "mia", "manager"))
    found = lite.run(manager, "work.queue.rebalance")
    assert (found.moved, found.left, owner(lite, first)) == (0, (f"work.task:{first}",), ada)


def test_finished_work_no_longer_counts_and_opened_again_goes_to_who_is_there(work: CRM) -> None:
    """Reopening a task of somebody who is absent or has left gives it to somebody else."""
    ada, bo = user(work, "ada"), user(work, "bo")
    queue(work, ada, bo)
    tasks = [task(work, queue="desk") for _each in range(2)]
    for each in tasks:
        work.run(BOSS, "work.task.finish", {}, target=each)
    away(work, ada)
    work.run(BOSS, "user.deactivate", target=bo)
    cy = user(work, "cy")
    with work.session(BOSS) as session:
        from crmkit_work.assignment.reading import queue_named

        desk = queue_named(session, "desk").id
    work.run(BOSS, "work.queue.add_member", {"user_id": cy}, target=desk)
    for each in tasks:
        work.run(BOSS, "work.task.reopen", {}, target=each)
    assert [owner(work, each) for each in tasks] == [cy, cy]


def test_what_waits_is_given_out_once_somebody_can_take_it(work: CRM) -> None:
    """With the skills that it asked for, the most urgent first; while nobody can, the log does not grow."""
    ada, bo = user(work, "ada"), user(work, "bo")
    queue(work, ada, bo, max_per_day=1)
    work.run(BOSS, "work.person.set_skill", {"user_id": bo, "skill": "tax"})
    for each in (ada, bo):
        work.run(BOSS, "work.person.set_presence", {"user_id": each, "presence": "offline"})
    low = task(work, "Low", queue="desk", priority="low")
    high = task(work, "High", queue="desk", priority="urgent")
    tax = task(work, "Tax", queue="desk", skills=["tax"])
    assert work.run(BOSS, "work.queue.distribute") == 0
    with work.session(BOSS) as session:
        assert session.scalar(select(func.count()).select_from(AssignmentEntry)) == 3
    work.run(BOSS, "work.person.set_presence", {"user_id": ada, "presence": "available"})
    assert work.run(BOSS, "work.queue.distribute") == 1
    assert [owner(work, each) for each in (low, high, tax)] == [None, ada, None]
    work.run(BOSS, "work.person.set_presence", {"user_id": bo, "presence": "available"})
    assert work.run(BOSS, "work.queue.distribute") == 1
    assert [owner(work, each) for each in (low, high, tax)] == [None, ada, bo]


def test_doctor_names_what_is_wrong(lite: CRM) -> None:
    """A queue without anybody, working hours that nobody knows, work of somebody who has left."""
    ada = user(lite, "ada")
    queue(lite, ada)
    queue(lite, name="lonely", in_hours=False)
    give(lite, 1)
    lite.run(BOSS, "user.deactivate", target=ada)
    with lite.session(BOSS) as session:
        found = [(one.code, one.level) for check in CHECKS for one in check.run(session)]
    assert found == [
        ("work.queue_without_people", "warning"),
        ("work.queue_without_people", "warning"),
        ("work.calendar_missing", "info"),
        ("work.left_behind", "warning"),
    ]


def test_who_brings_work_does_not_decide_by_what_they_see(work: CRM) -> None:
    """A seller's task out of a queue goes by the load of people whose tasks the seller cannot see."""
    ada, bo = user(work, "ada", "seller"), user(work, "bo", "seller")
    queue(work, ada, bo, strategy="least_loaded")
    for _each in range(3):
        task(work, owner_id=ada)
    seller = Actor.user(user(work, "sal", "seller"))
    made = work.run(seller, "work.task.create", {"title": "Call", "queue": "desk"})
    assert made.owner_id == bo
    with work.session(seller) as session:
        assert len(session.scalars(select(Task)).all()) == 1
    with work.session(Actor.user(bo)) as session:
        entry = session.scalars(select(AssignmentEntry).where(AssignmentEntry.ref == f"work.task:{made.id}")).one()
        assert (entry.user_id, entry.code, entry.actor_id) == (bo, "least_loaded", seller.id)


def test_the_register_follows_what_happens_to_tasks_elsewhere(work: CRM) -> None:
    """A person's records are handed over to somebody else, a customer goes with the tasks: loads follow."""
    ada, bo = user(work, "ada"), user(work, "bo")
    about = work.run(BOSS, "customer.create", {"name": "Li"}).id
    task(work, owner_id=ada)
    task(work, owner_id=ada, customer_id=about)

    def loads() -> dict[UUID, int]:
        with work.session(BOSS) as session:
            return dict(loads_of(session, [ada, bo]))

    assert loads() == {ada: 2}
    work.run(BOSS, "user.hand_over", {"to_id": bo}, target=ada)
    work.worker().run_until_idle()
    assert loads() == {bo: 2}
    work.run(BOSS, "customer.delete", target=about)
    work.run(BOSS, "customer.remove", target=about)
    assert work.run(BOSS, "work.load.recount") == 1
    assert loads() == {bo: 1}
    with pytest.raises(Refused):
        work.run(Actor.user(user(work, "ida", "admin")), "work.load.recount")
