"""The task of feedback moves it, and the other way round."""

from __future__ import annotations

import pytest

from tests.plugins.feedback.items.office import Office


def task_of(office: Office, item: object) -> object:
    """Return the id of the task of feedback."""
    task = office.task(item)  # type: ignore[arg-type]
    assert task is not None
    return task.id


def test_a_task_that_is_done_resolves_its_feedback(both: Office) -> None:
    """By hand, from any state; the task stays done."""
    item = both.said()
    both.work()
    both.run("work.task.finish", target=task_of(both, item), by="sam")
    both.work()
    task = both.task(item)
    assert both.item(item).state == "resolved"
    assert both.item(item).resolution
    assert task is not None
    assert task.state == "done"


@pytest.mark.parametrize("begun", [False, True])
def test_a_task_that_is_dropped_closes_its_feedback(office: Office, begun: bool) -> None:
    """Whether somebody had begun with it or not."""
    item = office.said()
    office.work()
    if begun:
        office.act("contact", item, by="sam")
    office.run("work.task.drop", {"note": "A test"}, target=task_of(office, item), by="sam")
    office.work()
    assert office.item(item).state == "closed"


def test_a_task_that_is_opened_again_opens_its_feedback(office: Office) -> None:
    """Once, with a new deadline."""
    item = office.said()
    office.work()
    office.act("resolve", item, {"resolution": "A new pump"}, by="sam")
    office.work()
    office.run("work.task.reopen", target=task_of(office, item), by="sam")
    office.work()
    assert (office.item(item).state, office.item(item).reopened) == ("in_progress", 1)


def test_feedback_that_is_resolved_stays_so_with_its_task(office: Office) -> None:
    """What it does to its task comes back to it as nothing."""
    item = office.said()
    office.work()
    office.act("resolve", item, {"resolution": "A new pump"}, by="sam")
    office.act("reopen", item, {"note": "Leaks"}, by="sam")
    office.work()
    task = office.task(item)
    assert office.item(item).state == "in_progress"
    assert task is not None
    assert task.is_open
