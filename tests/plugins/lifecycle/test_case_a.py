"""An electronics maker, end to end: feedback is heard, customers fall into circles, each circle has its strategy, and
what that brings in satisfaction and conversion is measured against a control group.

What customers do after the strategies is simulated with effects that are known, so that the measures can be held to
them; everything else is the product's own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import fmean
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from crmkit_lifecycle.measuring.counting import matrix
from crmkit_lifecycle.measuring.reading import ways_of
from sqlalchemy import select

from crmkit import CRM, Actor, Settings, frame
from crmkit.engines.rules.tables import RuleLog
from crmkit.engines.statistics.comparing import welch
from crmkit.engines.statistics.intervals import newcombe
from crmkit.testing.workbench import MovableClock, emitted
from tests.conftest import Templates
from tests.plugins.lifecycle.house import MONDAY, SYSTEM, House, fill as fill_house

CIRCLES = {"high": 48, "potential": 80, "ordinary": 92}
"""How many customers are meant to be in each circle."""
BUYS = {"high": (0.35, 0.8), "potential": (0.1, 0.5), "ordinary": (0.15, 0.15)}
"""Who buys within 30 days: left alone, and under the strategy. For ordinary customers it brings nothing."""
SCORES = {
    "high": ((3, 4, 3, 4, 3), (4, 5)),
    "potential": ((3, 4), (4, 4, 4, 4, 5)),
    "ordinary": ((3, 4, 4, 3, 4), (4, 3, 4, 4, 3)),
}
"""The scores that customers give in turn, left alone and under the strategy: 3.4 and 4.5, 3.5 and 4.2, both 3.6."""
RULES = {
    "high": [
        {"operation": "service.case.set_priority", "target": "event.case_id", "arguments": {"priority": "'urgent'"}},
        {"operation": "work.task.create", "arguments": {"title": "'An engineer calls back today'"}},
    ],
    "potential": [{"operation": "lifecycle.checklist.start", "arguments": {"template": "'trial'"}}],
    "ordinary": [{"operation": "customer.tag", "arguments": {"names": ["'guide'"]}}],
}
CIRCLE = {
    "name": "circle",
    "title": "Circle",
    "labels": [
        {"name": "high", "title": "High value", "when": 'value.grade in ["A", "B"] or value.revenue_total >= 50000'},
        {"name": "potential", "title": "Potential", "when": 'interaction.kind_count["visit"] >= 2'},
        {"name": "ordinary", "title": "Ordinary", "when": "true"},
    ],
    "decider": {"by": "expressions"},
    "among": "purchase.count > 0",
}


def fill(crm: CRM) -> Any:
    """Enable what the maker uses."""
    found = fill_house(crm)
    for plugin in ("sales", "service", "analytics", "value"):
        crm.enable(plugin)
    return found


@pytest.fixture
def maker(templates: Templates, tmp_path: Path) -> Iterator[House]:
    """The maker's base, with its clock and its people."""
    url, (users, team) = templates.copy_filled("sqlite", tmp_path, fill)
    clock = MovableClock()
    clock.set(MONDAY)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        people = {name: Actor.user(id, name.title()) for name, id in users.items()}
        yield House(crm=crm, clock=clock, people=people, team=team)


def customers(house: House) -> dict[str, list[UUID]]:
    """Add the customers of each circle with what they have bought and done in the last year."""
    chance = random.Random(7)
    added = [{"name": f"{circle} {n}", "kind": "organization"} for circle, size in CIRCLES.items() for n in range(size)]
    ids = [each.result for each in house.crm.run_many(SYSTEM, "customer.create", added)]
    found: dict[str, list[UUID]] = {}
    done: list[dict[str, Any]] = []
    for circle, size in CIRCLES.items():
        found[circle], ids = ids[:size], ids[size:]
        for each in found[circle]:
            for _turn in range(chance.randint(4, 7) if circle == "high" else 1):
                amount = chance.randint(20_000, 60_000) if circle == "high" else chance.randint(400, 900)
                when = house.clock.instant - timedelta(days=chance.randint(40, 360))
                bought = {"kind": "purchase", "amount": str(amount), "currency": "CNY"}
                done.append({**bought, "customer_id": each, "occurred_at": when})
            if circle == "potential":
                done += [
                    {"kind": "visit", "customer_id": each, "occurred_at": house.clock.instant - timedelta(days=days)}
                    for days in (50, 12)
                ]
    answers = house.crm.run_many(SYSTEM, "interaction.record", done)
    assert [each.problems for each in answers if not each.ok] == []
    return found


@frozen
class Groups:
    """Customers of a circle by chance: under the strategy, and left alone."""

    treated: Sequence[UUID]
    control: Sequence[UUID]


def strategies(house: House) -> None:
    """Lay down one rule for each circle: what happens when its customers give feedback. Half are left alone."""
    items = [{"title": "Send the evaluation board", "due_days": 2}, {"title": "Ask what it should do", "due_days": 10}]
    house.run("lifecycle.template.create", {"name": "trial", "title": "Trial", "items": items})
    for circle, actions in RULES.items():
        house.run(
            "rule.save",
            {
                "name": f"strategy_{circle}",
                "title": f"Strategy for {circle}",
                "on": "service.case.opened",
                "when": f'label.circle == "{circle}"',
                "then": actions,
                "control": 0.5,
            },
        )


def feedback(house: House, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Have customers write what they think; each feedback is a case."""
    found: dict[UUID, Any] = {}
    for each in ids:
        said = {"kind": "web", "customer_id": each, "direction": "in", "body": "The converter runs hot."}
        heard = house.run("interaction.record", {**said, "occurred_at": house.clock.instant})
        values = {"customer_id": each, "subject": "Feedback", "interaction_id": heard.id}
        found[each] = house.run("service.case.create", values).id
    return found


def groups_of(house: House) -> Mapping[str, Groups]:
    """Return whom chance has left alone, by the log of the rules."""
    found: dict[str, Groups] = {}
    with house.crm.session(SYSTEM) as session:
        for circle in CIRCLES:
            rows = session.execute(
                select(RuleLog.customer_id, RuleLog.outcome).where(RuleLog.rule == f"strategy_{circle}")
            ).all()
            assert {row.outcome for row in rows} == {"fired", "held_out"}
            of = {outcome: [r.customer_id for r in rows if r.outcome == outcome] for outcome in ("fired", "held_out")}
            found[circle] = Groups(of["fired"], of["held_out"])
    return found


def live_on(house: House, groups: Mapping[str, Groups], cases: Mapping[UUID, Any]) -> None:
    """Have customers rate how their feedback was dealt with, and buy within 30 days, as the known effects have it."""
    start = house.clock.instant
    house.clock.advance(days=3)
    for circle, each in groups.items():
        for arm, ids in enumerate((each.control, each.treated)):
            for place, customer_id in enumerate(ids):
                case = cases[customer_id]
                house.run("service.case.set_state", {"state": "resolved"}, target=case)
                given = SCORES[circle][arm]
                score = given[place % len(given)]
                house.run("service.case.rate", {"score": score}, target=case)
                if place < round(BUYS[circle][arm] * len(ids)):
                    bought = {"kind": "purchase", "customer_id": customer_id, "amount": "900", "currency": "CNY"}
                    when = start + timedelta(days=2, hours=place % 20)
                    house.run("interaction.record", {**bought, "occurred_at": when})
    house.clock.advance(days=30)


def test_feedback_to_circles_to_strategies_to_effect(maker: House) -> None:
    """From what customers say to what each strategy has brought, with intervals that hold the known effects."""
    meant = customers(maker)
    maker.run("value.grade.compute", {})
    maker.run("dimension.save", {"definition": CIRCLE})
    maker.run("classification.run", {})
    maker.refresh()

    # The circles are those that are meant, by grade and behaviour.
    with maker.crm.session(SYSTEM) as session:
        labels = dict(frame(session, ["label.circle"]).rows())
    assert {circle: sum(labels[each] == circle for each in ids) for circle, ids in meant.items()} == CIRCLES

    # Strategies answer feedback by themselves; half of each circle is left alone, by chance.
    strategies(maker)
    start = maker.clock.instant
    cases = feedback(maker, [each for ids in meant.values() for each in ids])
    maker.work()
    groups = groups_of(maker)
    assert {circle: len(each.treated) + len(each.control) for circle, each in groups.items()} == CIRCLES
    begun = {each["customer_id"] for each in emitted(maker.crm, "lifecycle.checklist.started")}
    assert begun == {str(each) for each in groups["potential"].treated}

    # What comes of it is measured from facts: satisfaction by ratings, conversion by purchases since.
    live_on(maker, groups, cases)
    maker.refresh()
    with maker.crm.session(SYSTEM) as session:
        names = ["purchase.last_at", "service.last_score"]
        facts = {row[0]: row[1:] for row in frame(session, names).rows()}
    bought = {id: int(values[0] is not None and values[0] > start) for id, values in facts.items()}
    scores = {id: float(values[1]) for id, values in facts.items() if values[1] is not None}
    for circle, each in groups.items():
        conversion = newcombe(
            sum(bought[id] for id in each.treated),
            len(each.treated),
            sum(bought[id] for id in each.control),
            len(each.control),
        )
        satisfaction = welch([scores[id] for id in each.treated], [scores[id] for id in each.control]).estimate
        true_conversion = BUYS[circle][1] - BUYS[circle][0]
        true_score = fmean(SCORES[circle][1]) - fmean(SCORES[circle][0])
        assert conversion.low is not None and conversion.high is not None, circle  # noqa: PT018
        assert conversion.low < true_conversion < conversion.high, circle
        assert satisfaction.low is not None and satisfaction.high is not None, circle  # noqa: PT018
        assert satisfaction.low < true_score < satisfaction.high, circle
        # The strategies for high-value and potential customers work; that for ordinary ones brings nothing.
        assert conversion.excludes(0) is (circle != "ordinary"), circle
        assert satisfaction.excludes(0) is (circle != "ordinary"), circle

    # The lifecycle has seen the conversion: potential customers who bought again went on to the next stage.
    with maker.crm.session(SYSTEM) as session:
        ways = ways_of(session, "customer")
        names = {stage.key: stage.name for stage in ways.stages}
        cells = {(names[a], names.get(b) if b else None): cell.count for (a, b), cell in matrix(ways).items()}
    again = sum(bought[id] for circle in ("potential", "ordinary") for id in meant[circle])
    assert cells["first", "repeat"] == again + CIRCLES["high"]
