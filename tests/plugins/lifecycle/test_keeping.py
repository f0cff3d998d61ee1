"""Activity by the own gap, plans to keep and win back with a control group, roll-up to organisations, dimensions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from crmkit_lifecycle.passages.models import RolledUp
from crmkit_lifecycle.passages.rolling import rolled
from crmkit_lifecycle.winning.measuring import effects
from crmkit_lifecycle.winning.models import Attempt, CarePlan
from sqlalchemy import select

from crmkit import InvalidInput
from crmkit.testing.workbench import emitted
from tests.plugins.lifecycle.house import SYSTEM, House


def test_activity_is_judged_by_the_own_gap(house: House) -> None:
    """After 20 days without a purchase who buys weekly is silent, who buys every two months is active."""
    weekly, slow, new, none = (house.customer(name) for name in ("Weekly", "Slow", "New", "None"))
    house.buy(weekly, 48, 41, 34, 27, 20)
    house.buy(slow, 200, 140, 80, 20)
    house.buy(new, 20)
    names = ("lifecycle.activity", "lifecycle.gap_days")
    found = {each: house.facts(each, *names) for each in (weekly, slow, new, none)}
    assert list(found.values()) == [("silent", 7), ("active", 60), ("active", 90), ("none", 90)]
    house.clock.advance(days=10)
    assert house.facts(weekly, *names) == ("lost", 7)
    house.run("lifecycle.activity.configure", {"usual_days": 10, "lost_factor": "2"})
    assert house.facts(new, *names) == ("lost", 10)


def test_the_dimensions_follow(lite: House) -> None:
    """The kernel's dimensions of activity and lifecycle say what the own gap and the usual model say."""
    weekly = lite.customer("Weekly")
    lite.buy(weekly, 48, 41, 34, 27, 20)
    lite.refresh()
    lite.run("classification.run", {})
    assert lite.facts(weekly, "label.activity", "label.lifecycle", "lifecycle.label") == ("silent", "mature", "mature")
    lite.clock.advance(days=10)
    lite.refresh()
    lite.run("classification.run", {})
    assert lite.facts(weekly, "label.activity", "label.lifecycle") == ("lost", "lost")


def plan(house: House, **values: object) -> None:
    """Add a plan to win back who has the tag."""
    given = {"name": "back", "title": "Back", "eligible": '"lost" in customer.tags', "task": "Call", **values}
    house.run("lifecycle.winback.create", given)


def attempts(house: House) -> list[tuple[int, str, str]]:
    """Return the attempts: number, arm, state."""
    with house.crm.session(SYSTEM) as session:
        found = session.scalars(select(Attempt).order_by(Attempt.began_at, Attempt.id))
        return [(each.number, each.arm, each.state) for each in found]


def test_an_attempt_succeeds_or_runs_out_and_rests(lite: House) -> None:
    """Who buys again after it began is won; who does not runs out, and is tried again after the cool-down, so often."""
    plan(lite, control_percent="0", wait_days=10, cool_down_days=20, most_attempts=2)
    lin, ada = lite.customer("Lin", "lost"), lite.customer("Ada", "lost")
    for each in (lin, ada):
        lite.buy(each, 400)
    assert lite.run("lifecycle.winback.carry_out") == 2
    assert lite.run("lifecycle.winback.carry_out") == 0
    assert len(emitted(lite.crm, "work.task.created")) == 2
    lite.clock.advance(days=3)
    lite.buy(lin, 0)
    lite.untag(lin, "lost")
    lite.clock.advance(days=8)
    lite.run("lifecycle.winback.carry_out")
    assert sorted(attempts(lite)) == [(1, "treated", "failed"), (1, "treated", "won")]
    lite.clock.advance(days=15)
    assert lite.run("lifecycle.winback.carry_out") == 0
    lite.clock.advance(days=6)
    assert lite.run("lifecycle.winback.carry_out") == 1
    assert lite.facts(ada, "lifecycle.winback_count", "lifecycle.winback_state") == (2, "open")
    lite.clock.advance(days=60)
    lite.run("lifecycle.winback.carry_out")
    lite.clock.advance(days=60)
    assert lite.run("lifecycle.winback.carry_out") == 0


def test_the_effect_is_held_against_a_control_group(lite: House) -> None:
    """A part is left alone by chance, gets no task, and shows what the plan has brought, with an interval."""
    plan(lite, control_percent="40", wait_days=10, daily=1000)
    people = [lite.customer(f"C{n}", "lost") for n in range(100)]
    lite.run("lifecycle.winback.carry_out")
    with lite.crm.session(SYSTEM) as session:
        arms = dict(session.execute(select(Attempt.customer_id, Attempt.arm)).all())
    control = [each for each in people if arms[each] == "control"]
    treated = [each for each in people if arms[each] == "treated"]
    assert 30 <= len(control) <= 50
    assert len(emitted(lite.crm, "work.task.created")) == len(treated)
    lite.clock.advance(days=2)
    for each in (*treated[:30], *control[:4]):
        lite.buy(each, 0)
    lite.clock.advance(days=9)
    lite.run("lifecycle.winback.carry_out")
    with lite.crm.session(SYSTEM) as session:
        (found,) = [each for each in effects(session) if each.plan.name == "back"]
    assert (found.treated.won, found.control.won) == (30, 4)
    assert found.difference == pytest.approx(30 / len(treated) - 4 / len(control))
    assert found.low is not None
    assert 0 < found.low < found.difference


def test_few_say_nothing(lite: House) -> None:
    """Of groups below 30 no difference is told."""
    plan(lite, control_percent="50", wait_days=1)
    lite.customer("Lin", "lost")
    lite.run("lifecycle.winback.carry_out")
    with lite.crm.session(SYSTEM) as session:
        assert [each.difference for each in effects(session)] == [None, None, None]


def test_plans_are_checked(lite: House) -> None:
    """A condition that cannot be used is refused by the field; the shipped plans are off until somebody wants them."""
    with pytest.raises(InvalidInput, match="no fact"):
        plan(lite, eligible="no.such > 1")
    with pytest.raises(InvalidInput, match="after silent"):
        lite.run("lifecycle.activity.configure", {"silent_factor": "2", "lost_factor": "1"})
    with lite.crm.session(SYSTEM) as session:
        shipped = session.scalars(select(CarePlan).order_by(CarePlan.name)).all()
        assert [(each.name, each.active, each.control_percent) for each in shipped] == [
            ("keep", False, Decimal(10)),
            ("win_back", False, Decimal(10)),
        ]


@pytest.mark.parametrize(
    ("method", "stage", "conflict"), [("max", "trial", True), ("any", "gone", True), ("weighted", "trial", True)]
)
def test_an_organisation_has_its_peoples_stage(lite: House, method: str, stage: str, conflict: bool) -> None:
    """By the declared method: the farthest who is not lost, the heaviest stage, the mean weight; and that people
    contradict each other is shown."""
    lite.model(roll_up=method, roll_up_kind="employee", about="person")
    company = lite.customer("Co", kind="organization")
    for name, tags in (("A", ["asked"]), ("B", ["asked", "trial"]), ("C", ["asked", "gone"])):
        person = lite.customer(name, *tags)
        lite.run("relationship.add", {"other_id": company, "kind": "employee"}, target=person)
    lite.refresh()
    assert lite.facts(company, "lifecycle.rolled_up", "lifecycle.conflict") == (stage, conflict)
    with lite.crm.session(SYSTEM) as session:
        (row,) = session.scalars(select(RolledUp))
        assert row.people == {"lead": 1, "trial": 1, "gone": 1}
    lite.refresh()
    with lite.crm.session(SYSTEM) as session:
        assert len(session.scalars(select(RolledUp)).all()) == 1


def test_nobody_has_no_stage() -> None:
    """An organisation without people on a way has none, and no conflict."""
    found = rolled("max", [], [])
    assert (found.stage, found.conflict, found.people) == (None, False, {})
