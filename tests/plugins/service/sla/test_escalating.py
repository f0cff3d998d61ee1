"""Escalation: ladders are climbed in order, once, and late where nobody looked; doctor says when nobody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from crmkit_service.sla.errors import NothingToAcknowledge, ShiftsOverlap
from crmkit_service.sla.models import Heartbeat, Ladder
from crmkit_service.sla.ticking import check_ticks
from sqlalchemy import select

from crmkit import NotFound
from tests.plugins.service.sla.conftest import Base, clocks_of, due_of, escalations, later, opened, recompute, tick

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Staff:
    """An agent in a team below another one, each with a lead."""

    def __init__(self, base: Base) -> None:
        self.above = base.run("team.create", {"name": "House"}).id
        self.team = base.run("team.create", {"name": "Desk", "parent_id": self.above}).id
        self.ann = base.user("ann", "service_agent")
        self.lee = base.user("lee", "manager")
        self.max = base.user("max", "manager")
        base.run("team.add_member", {"user_id": self.ann}, target=self.team)
        base.run("team.add_member", {"user_id": self.lee}, target=self.team)
        base.run("work.ladder.set_lead", {"team_id": self.team, "user_id": self.lee})
        base.run("work.ladder.set_lead", {"team_id": self.above, "user_id": self.max})


def ladder(base: Base, steps: str) -> None:
    """Let the shipped ladder have other steps."""
    with base.crm.session(base.system) as session:
        known = session.scalars(select(Ladder.id).where(Ladder.name == "usual")).one()
    base.run("service.sla_ladder.update", {"steps": steps}, target=known)
    recompute(base)


def taken(base: Base, case: UUID) -> list[tuple[str, list[str], bool]]:
    """Return whom each step told, and whether it was late."""
    return [(each.whom, each.told, bool(each.late_seconds)) for each in escalations(base, case)]


def test_the_ladder_is_climbed_step_by_step(desks: Base) -> None:
    """Owner, lead, then the chain above, one further up with each repetition; each step once."""
    staff = Staff(desks)
    ladder(desks, "50% owner; 0 lead; +1h manager repeat 1h x1")
    case = opened(desks, owner_id=staff.ann, priority="urgent")
    told: list[list[str]] = []
    for _half in range(8):
        later(desks, 0.5)
        tick(desks)
        told.append([each[0] for each in taken(desks, case) if each[1]])
    assert [len(each) for each in told][:2] == [1, 2]
    first = [each for each in escalations(desks, case) if each.clock == "first_response"]
    assert [(each.step, each.turn, each.whom) for each in first] == [
        (1, 0, "owner"),
        (2, 0, "lead"),
        (3, 0, "manager"),
        (3, 1, "manager"),
    ]
    assert [each.told for each in first] == [[str(staff.ann)], [str(staff.lee)], [str(staff.max)], [str(staff.max)]]
    assert [each.late_seconds for each in first] == [0, 0, 0, 0]


def test_what_was_missed_is_caught_up_in_order_and_marked_late(desk: Base) -> None:
    """After hours without a worker everything fires once, in the order in which it was due, and says how late."""
    staff = Staff(desk)
    ladder(desk, "50% owner; 0 lead")
    urgent, high = (opened(desk, owner_id=staff.ann, priority=each) for each in ("urgent", "high"))
    later(desk, 3)
    done = tick(desk)
    assert (done.fired, done.late, done.failed) == (6, 6, 0)
    fired = sorted([*escalations(desk, urgent), *escalations(desk, high)], key=lambda each: each.id)
    assert [each.planned_at - NINE for each in fired] == [
        timedelta(minutes=30),
        timedelta(hours=1),
        timedelta(hours=1),
        timedelta(hours=2),
    ]
    assert [each.late_seconds for each in fired] == [9000, 7200, 7200, 3600]
    assert tick(desk).fired == 0


def test_a_breach_is_told_once(desk: Base) -> None:
    """The event of a breach says how late it was found; the case shows it, and the clock is missed in the end."""
    seen: list[Any] = []
    case = opened(desk, priority="urgent")
    later(desk, 1.5)
    with desk.crm.transaction(desk.system) as session:
        session.run("service.sla.tick")
        seen += [each.event for each in session.unit.events if each.name == "service.clock.breached"]
    assert [(each.clock, each.late_seconds) for each in seen] == [("first_response", 1800)]
    assert due_of(desk, case) == ("first_response", NINE + timedelta(hours=1), True)
    desk.run("service.case.reply", {"body": "Sorry.", "channel": "chat"}, target=case)
    assert clocks_of(desk, case)["first_response"].state == "missed"
    assert due_of(desk, case)[::2] == ("resolution", True)


def test_acknowledging_stops_the_ladder(desk: Base) -> None:
    """Nobody else is told once somebody takes care; the breach is still noted."""
    staff = Staff(desk)
    ladder(desk, "50% owner; 0 lead")
    case = opened(desk, owner_id=staff.ann, priority="urgent")
    later(desk, 0.5)
    tick(desk)
    desk.run("service.sla.acknowledge", target=case)
    later(desk, 2)
    tick(desk)
    assert [each.whom for each in escalations(desk, case)] == ["owner"]
    assert due_of(desk, case)[2] is True
    with pytest.raises(NothingToAcknowledge):
        desk.run("service.sla.acknowledge", target=case)


def test_a_case_that_waits_does_not_escalate(desk: Base) -> None:
    """Steps of a paused clock are not taken; they follow once it goes on."""
    staff = Staff(desk)
    ladder(desk, "50% owner")
    case = opened(desk, owner_id=staff.ann, priority="urgent")
    desk.run("service.case.reply", {"body": "Which?", "channel": "chat", "state": "waiting_customer"}, target=case)
    later(desk, 7)
    assert (tick(desk).fired, escalations(desk, case)) == (0, [])


def test_a_step_can_change_the_case(desk: Base) -> None:
    """A step may raise the priority and move the case, which the log says; it is not taken again by the new target."""
    staff = Staff(desk)
    desk.run("work.queue.create", {"name": "hot", "title": "Hot"})
    ladder(desk, "75% lead priority:urgent queue:hot")
    case = opened(desk, owner_id=staff.ann)
    later(desk, 6)
    tick(desk)
    found = desk.case(case)
    assert (found.priority, found.queue_id is not None) == ("urgent", True)
    assert [each.done for each in escalations(desk, case) if each.clock == "first_response"] == [
        ["service.case.set_priority urgent", "service.case.move hot"]
    ]
    later(desk, 0.1)
    tick(desk)
    later(desk, 0.1)
    assert len([each for each in escalations(desk, case) if each.clock == "first_response"]) == 1


def test_the_rota_says_who_is_on_call(desk: Base) -> None:
    """A step goes to whoever is on call then, and to the lead when nobody is."""
    staff = Staff(desk)
    rota = desk.run("service.rota.create", {"name": "night"}).id
    shift = {"user_id": staff.max, "starts_at": NINE, "ends_at": NINE + timedelta(hours=1)}
    desk.run("service.rota.add_shift", shift, target=rota)
    with pytest.raises(ShiftsOverlap):
        desk.run("service.rota.add_shift", {**shift, "user_id": staff.ann}, target=rota)
    ladder(desk, "50% rota:night; 0 rota:night")
    case = opened(desk, owner_id=staff.ann, priority="urgent")
    later(desk, 0.5)
    tick(desk)
    later(desk, 0.5)
    tick(desk)
    assert [each[1] for each in taken(desk, case)] == [[str(staff.max)], [str(staff.lee)]]


def test_a_ladder_names_who_is_there(desk: Base) -> None:
    """A ladder cannot name a user, a rota, a team or a queue that there is not."""
    for step in ("0 user:nobody", "0 rota:nowhere", "0 team:None", "0 lead queue:nowhere"):
        with pytest.raises(NotFound):
            desk.run("service.sla_ladder.create", {"name": "x", "steps": step})


def test_two_workers_take_a_step_once(desks: Base) -> None:
    """Two ticks at once take each step once."""
    staff = Staff(desks)
    ladder(desks, "50% owner; 0 lead")
    cases = [opened(desks, owner_id=staff.ann, priority="urgent") for _each in range(3)]
    later(desks, 2)
    start = Barrier(2)

    def work() -> None:
        start.wait()
        tick(desks)

    threads = [Thread(target=work) for _each in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    first = [each for case in cases for each in escalations(desks, case) if each.clock == "first_response"]
    assert sorted((each.case_id, each.step) for each in first) == sorted(
        (case, step) for case in cases for step in (1, 2)
    )


def test_a_tick_that_is_killed_leaves_nothing_half_done(desk: Base) -> None:
    """What a tick did before it died is undone, and done once by the next one."""
    staff = Staff(desk)
    ladder(desk, "0 owner")
    case = opened(desk, owner_id=staff.ann, priority="urgent")
    later(desk, 2)

    def die() -> None:
        with desk.crm.transaction(desk.system) as session:
            session.run("service.sla.tick")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert (escalations(desk, case), due_of(desk, case)[2]) == ([], False)
    tick(desk)
    assert len(escalations(desk, case)) == 1


def test_the_doctor_fails_when_no_tick_comes(desk: Base) -> None:
    """Doctor is content after a tick, fails when none came for long, and says how many steps are overdue."""

    def found() -> tuple[str, Any]:
        with desk.crm.session(desk.system) as session:
            finding = check_ticks(session)[0]
            return finding.level, finding.values.get("count")

    opened(desk, priority="urgent")
    assert found()[0] == "info"
    tick(desk)
    assert found()[0] == "ok"
    later(desk, 2)
    assert found() == ("error", 1)
    tick(desk)
    assert found()[0] == "ok"
    with desk.crm.session(desk.system) as session:
        assert session.scalars(select(Heartbeat.ticked_at)).one() == desk.time.now
