"""Flows are watched: each kind of alarm is raised when its condition holds, told, and ended when it does not."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_journey.flows.models import Flow
from crmkit_journey.watching.models import Alarm
from crmkit_work.notices.models import Notice
from sqlalchemy import select

from crmkit.errors import InvalidInput
from tests.plugins.journey.base import Base
from tests.plugins.journey.passages.test_passages import FAILS

FOREVER: dict[str, Any] = {
    "entry": {"on": "event", "kinds": ["call"], "again": "always"},
    "goal": {"kinds": ["purchase"], "days": 5},
    "start": "hold",
    "nodes": {"hold": {"type": "wait", "kinds": ["note"], "next": "z"}, "z": {"type": "exit"}},
}


def alarms(base: Base) -> list[tuple[str, str, bool]]:
    """Return the alarms there are: kind, node, and whether each is over."""
    base.run("journey.alarm.look")
    with base.crm.session(base.actor()) as session:
        found = session.scalars(select(Alarm).order_by(Alarm.since, Alarm.id))
        return [(each.kind, each.node, each.ended_at is not None) for each in found]


def test_who_waits_in_vain_is_stuck_until_it_comes(both: Base) -> None:
    """The owner is told once; the alarm is over when the customer goes on."""
    flow = both.flow("forever", FOREVER, who="mia")
    both.run("journey.flow.watch", {"stuck_days": 3}, target=flow)
    both.run("customer.assign", {"owner_id": both.users["mia"]}, target=both.customers["Ada"])
    both.happen("Ada")
    both.after(days=2)
    assert alarms(both) == []
    both.after(days=2)
    assert alarms(both) == [("stuck", "hold", False)]
    assert alarms(both) == [("stuck", "hold", False)]
    with both.crm.session(both.actor()) as session:
        (notice,) = session.scalars(select(Notice).where(Notice.kind == "journey.alarm")).all()
        assert notice.user_id == both.users["mia"]
    both.run("interaction.record", {"kind": "note", "customer_id": both.customers["Ada"], "occurred_at": both.now})
    both.work()
    assert alarms(both) == [("stuck", "hold", True)]


def test_too_many_that_fail_pause_the_flow_where_that_is_wanted(base: Base) -> None:
    flow = base.flow("fails", FAILS)
    base.run("journey.flow.watch", {"failed_share": "0.1", "pause": True}, target=flow)
    base.enter("fails", "Ada")
    for minutes in (1, 10, 60, 360):
        base.after(minutes=minutes)
    assert ("failing", "", False) in alarms(base)
    with base.crm.session(base.actor()) as session:
        found = session.get_one(Flow, flow)
        assert (found.state, bool(found.halted)) == ("paused", True)


def test_steps_that_nobody_takes_are_slow(base: Base) -> None:
    base.flow("forever", FOREVER)
    base.run("journey.passage.enter", {"flow": "forever", "customer_id": base.customers["Ada"]})
    assert alarms(base) == []
    base.clock.advance(hours=2)
    assert alarms(base) == [("slow", "", False)]
    base.work()
    assert alarms(base) == [("slow", "", True)]


def test_an_entry_that_stopped_is_said(base: Base) -> None:
    base.flow("forever", {**FOREVER, "goal": {"kinds": ["note"], "days": 5}})
    for name in base.customers:
        base.happen(name)
        base.happen(name, "note")
    base.after(days=1)
    for name in base.customers:
        base.happen(name)
    base.after(days=6)
    assert ("dry", "", False) not in alarms(base)
    base.after(days=3)
    assert ("dry", "", False) in alarms(base)


def test_fewer_who_reach_the_goal_are_said(base: Base) -> None:
    base.flow("forever", {**FOREVER, "entry": {"on": "call"}})
    system = base.actor()

    def month(of: int) -> None:
        made = [base.crm.run(system, "customer.create", {"name": f"X{base.now}{n}"}).id for n in range(25)]
        for each in made:
            base.crm.run(system, "journey.passage.enter", {"flow": "forever", "customer_id": each})
        base.work()
        for each in made[:of]:
            values = {"kind": "purchase", "customer_id": each, "occurred_at": base.now, "amount": "1.00"}
            base.crm.run(system, "interaction.record", {**values, "currency": "EUR"})
        base.after(days=28)

    month(20)
    month(5)
    assert ("dropping", "", False) in alarms(base)


@pytest.mark.parametrize("given", [{"stuck_days": 0}, {"quiet_days": 400}, {"failed_share": "2"}])
def test_what_makes_no_monitor_is_refused(base: Base, given: dict[str, Any]) -> None:
    flow = base.flow("forever", FOREVER)
    with pytest.raises(InvalidInput):
        base.run("journey.flow.watch", given, target=flow)
