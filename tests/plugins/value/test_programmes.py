"""Programmes: dealt out by chance, tasks for the treated alone, measured by an experiment."""

from __future__ import annotations

import pytest
from crmkit_work.tasks.models import Task
from sqlalchemy import select

from crmkit import CRM, Conflict
from crmkit.engines.experiments.results import experiment_result
from crmkit.engines.rules import delivering
from tests.plugins.analytics.shop import SYSTEM
from tests.plugins.value.shop import stocked


def test_programme_makes_tasks_for_the_treated_alone(lite: CRM) -> None:
    """Of the customers of grade A one arm gets a task each, the other none, and the experiment counts both."""
    _shop, ids = stocked(lite, number=40)
    lite.run(SYSTEM, "value.grade.compute", {})
    name = lite.run(SYSTEM, "value.programme.start", {"programme": "care", "control": 0.4})
    arms = {id_: lite.run(SYSTEM, "value.programme.treat", {"customer_id": id_, "programme": "care"}) for id_ in ids}
    treated = {id_ for id_, arm in arms.items() if arm == "treated"}
    with lite.session(SYSTEM) as session:
        tasks = set(session.scalars(select(Task.customer_id)))
        found = experiment_result(session, name)
    assert tasks == treated
    assert treated
    assert "alone" in arms.values()
    assert None in arms.values()
    assert found.customers == sum(arm is not None for arm in arms.values())


def test_rule_finds_for_whom_it_is_time(lite: CRM) -> None:
    """The rule of a started programme holds for customers of grade A nobody has spoken to, and treats each once."""
    _shop, _ids = stocked(lite, number=80)
    lite.run(SYSTEM, "value.grade.compute", {})
    lite.run(SYSTEM, "value.programme.start", {"programme": "care", "control": 0.5})
    for at in ("2026-07-02T07:15:00+08:00", "2026-07-03T07:15:00+08:00"):
        with lite.transaction(SYSTEM) as session:
            delivering.run(session, rule="value.care", at=at)
        lite.worker().run_until_idle()
    with lite.session(SYSTEM) as session:
        tasks = list(session.scalars(select(Task.customer_id)))
        found = experiment_result(session, "value_care")
    assert tasks
    assert len(tasks) == len(set(tasks)) < found.customers


def test_programme_is_started_once(lite: CRM) -> None:
    """What is measured must not begin anew under the same name."""
    lite.run(SYSTEM, "value.programme.start", {"programme": "uplift"})
    with pytest.raises(Conflict):
        lite.run(SYSTEM, "value.programme.start", {"programme": "uplift"})
