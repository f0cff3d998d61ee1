"""The life of a promise: it falls due, is kept or broken, and its owner gets a task where work is enabled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from crmkit_knowledge.insights.errors import InsightInState, NoPromise
from crmkit_work.api import Task
from sqlalchemy import select

from crmkit import InvalidInput, Settings
from crmkit.app import CRM
from crmkit.errors import Refused
from crmkit.testing.workbench import MovableClock
from tests.conftest import Templates
from tests.plugins.knowledge.base import Base, fill
from tests.plugins.knowledge.insights.known import (
    DAY,
    START,
    act,
    current,
    customer,
    due,
    insight,
    noted,
    promised,
    story,
)


def with_work(crm: CRM) -> None:
    """Enable knowledge and the plugin that has tasks."""
    crm.enable("work")
    fill(crm)


@pytest.fixture
def busy(templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A knowledge base where there are tasks."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, with_work)
    clock = MovableClock()
    clock.set(START)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        yield Base.of(crm, clock)


def tasks(base: Base) -> list[Any]:
    """Return all tasks, the oldest first."""
    with base.crm.session(base.actor()) as session:
        found = list(session.scalars(select(Task).order_by(Task.number)))
        session.expunge_all()
        return found


def test_a_promise_that_is_kept_by_its_day(both: Base) -> None:
    found = promised(both, customer(both), 3)
    assert ("promise", date(2027, 3, 4), None) == (
        insight(both, found).kind,
        insight(both, found).due_on,
        insight(both, found).expires_on,
    )
    both.clock.advance(days=2)
    act(both, "keep", found, outcome="Called at nine")
    after = insight(both, found)
    assert ("kept", START + 2 * DAY, "Called at nine") == (after.state, after.ended_at, after.outcome)
    assert story(both, found) == [("noted", "current"), ("kept", "kept")]
    for step in ("keep", "break", "withdraw", "confirm"):
        with pytest.raises(InsightInState):
            act(both, step, found)


def test_who_said_so_is_written_down(base: Base) -> None:
    lin = customer(base, owner="mia")
    found = promised(base, lin, by="mia")
    act(base, "break", found, by="mia")
    after = insight(base, found)
    assert ("broken", base.users["mia"], START) == (after.state, after.ended_by_id, after.ended_at)


def test_it_may_be_said_later_that_it_was_kept(base: Base) -> None:
    found = promised(base, customer(base), 3)
    base.clock.advance(days=6)
    due(base)
    for day in (date(2027, 3, 8), date(2027, 2, 28)):
        with pytest.raises(InvalidInput):
            act(base, "keep", found, on=day)
    act(base, "keep", found, on=date(2027, 3, 3))
    assert insight(base, found).ended_at == datetime.fromisoformat("2027-03-03T22:59:59+00:00")


def test_only_promises_are_kept_or_broken(base: Base) -> None:
    found = noted(base, customer(base))
    for step in ("keep", "break"):
        with pytest.raises(NoPromise):
            act(base, step, found)


def test_a_promise_falls_due_once_on_its_day(both: Base) -> None:
    found = promised(both, customer(both), 3)
    both.clock.set(datetime.fromisoformat("2027-03-03T22:59:00+00:00"))
    due(both)
    assert insight(both, found).told_on is None
    both.clock.set(datetime.fromisoformat("2027-03-03T23:00:00+00:00"))
    for _again in range(2):
        due(both)
        both.clock.advance(days=1)
    assert insight(both, found).told_on == date(2027, 3, 4)
    assert story(both, found) == [("noted", "current"), ("due", "current")]


def test_a_promise_that_was_moved_falls_due_again(base: Base) -> None:
    found = promised(base, customer(base), 1)
    base.clock.advance(days=1)
    due(base)
    act(base, "correct", found, due_on=date(2027, 3, 10))
    due(base)
    assert insight(base, found).told_on is None
    base.clock.advance(days=10)
    due(base)
    assert insight(base, found).told_on == date(2027, 3, 10)
    assert [kind for kind, _state in story(base, found)] == ["noted", "due", "corrected", "due"]


def test_only_the_framework_does_what_is_due(base: Base) -> None:
    with pytest.raises(Refused):
        base.run("knowledge.insight.run_due", who="mia")


def test_several_promises_of_a_topic_stand_beside_each_other(base: Base) -> None:
    lin = customer(base)
    held = [promised(base, lin, 3), promised(base, lin, 5)]
    assert held == current(base, lin)


def test_without_tasks_nothing_is_missed_but_them(base: Base) -> None:
    lin = customer(base, owner="mia")
    promised(base, lin, 1, by="mia")
    base.clock.advance(days=2)
    due(base)
    assert base.run("knowledge.insight.remind", {"customer_id": lin}) == 0


def test_the_owner_gets_a_task_when_a_promise_falls_due(busy: Base) -> None:
    lin = customer(busy, owner="mia")
    found = promised(busy, lin, 1, by="mia")
    due(busy)
    assert [] == tasks(busy)
    busy.clock.advance(days=1)
    due(busy)
    due(busy)
    (task,) = tasks(busy)
    assert (busy.users["mia"], lin, f"knowledge.insight:{found}") == (task.owner_id, task.customer_id, task.ref)
    assert task.due_at == datetime.fromisoformat("2027-03-02T22:59:00+00:00")
    assert insight(busy, found).task_id == task.id


@pytest.mark.parametrize(("step", "state"), [("keep", "done"), ("break", "dropped"), ("withdraw", "dropped")])
def test_the_task_is_closed_with_the_promise(busy: Base, step: str, state: str) -> None:
    found = promised(busy, customer(busy, owner="mia"), 0, by="mia")
    due(busy)
    act(busy, step, found, by="mia")
    busy.crm.worker().run_until_idle()
    (task,) = tasks(busy)
    assert (False, state) == (task.is_open, task.state)


def test_who_is_gone_gets_no_task(busy: Base) -> None:
    lin = customer(busy, owner="max")
    promised(busy, lin, 0, owner_id=busy.users["sue"])
    busy.run("user.deactivate", target=busy.users["sue"])
    due(busy)
    assert [busy.users["max"]] == [each.owner_id for each in tasks(busy)]


def test_the_rule_reminds_of_what_is_due_soon(busy: Base) -> None:
    lin, wang = customer(busy, owner="mia"), customer(busy, "Wang", "mia")
    soon = promised(busy, lin, 3, by="mia")
    promised(busy, wang, 4, by="mia")
    assert busy.run("knowledge.insight.remind", {"customer_id": lin, "days": 3}) == 1
    assert busy.run("knowledge.insight.remind", {"customer_id": lin, "days": 3}) == 0
    assert busy.run("knowledge.insight.remind", {"customer_id": wang, "days": 3}) == 0
    assert [f"knowledge.insight:{soon}"] == [each.ref for each in tasks(busy)]


def test_the_shipped_rule_is_off_and_reminds_once_it_is_on(busy: Base) -> None:
    soon = promised(busy, customer(busy, owner="mia"), 7, by="mia")
    promised(busy, customer(busy, "Wang", "mia"), 30, by="mia")
    for enabled in (False, True):
        if enabled:
            busy.run("rule.enable", {"name": "knowledge.promises_soon"})
        assert [] == tasks(busy)
        for _day in range(3):
            busy.crm.worker().run_until_idle()
            busy.clock.advance(days=1)
    assert [f"knowledge.insight:{soon}"] == [each.ref for each in tasks(busy)]


def test_the_job_does_what_is_due(busy: Base) -> None:
    lin = customer(busy, owner="mia")
    old, promise = noted(busy, lin, expires_on=date(2027, 3, 2)), promised(busy, lin, 1, by="mia")
    busy.crm.worker().run_until_idle()
    busy.clock.advance(days=3)
    busy.crm.worker().run_until_idle()
    assert ("expired", date(2027, 3, 2)) == (insight(busy, old).state, insight(busy, promise).told_on)
    assert 1 == len(tasks(busy))
