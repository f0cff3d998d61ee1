"""Figures of a flow: what became of its passages at each node, and beside those held out."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_journey.flows.finding import flow_named
from crmkit_journey.measuring.comparing import compare
from crmkit_journey.measuring.figures import FlowFigures, figures

from tests.plugins.journey.base import Base

SPLIT: dict[str, Any] = {
    "entry": {"on": "event", "kinds": ["call"]},
    "goal": {"kinds": ["purchase"], "days": 10},
    "start": "which",
    "nodes": {
        "which": {
            "type": "split",
            "arms": [{"name": "a", "share": 0.5, "next": "pause"}, {"name": "b", "share": 0.5, "next": "z"}],
        },
        "pause": {"type": "wait", "span": "2 days", "next": "z"},
        "z": {"type": "exit"},
    },
}


def counted(base: Base, number: int | None = None) -> FlowFigures:
    """Return the figures of the flow."""
    with base.crm.session(base.actor()) as session:
        return figures(session, flow_named(session, "which"), number)


def test_nodes_are_counted_with_their_ways_and_times(both: Base) -> None:
    both.flow("which", SPLIT)
    for name in both.customers:
        both.happen(name)
    both.happen("Ada", "purchase")
    both.after(days=3)
    found = counted(both)
    nodes = {each.name: each for each in found.nodes}
    ways = nodes["which"].ways
    assert (found.began, nodes["which"].reached, sum(ways.values())) == (6, 6, 6)
    assert found.goal == 1
    assert nodes["pause"].reached == ways["a"]
    assert set(nodes["pause"].ways) <= {"goal", "next"}
    assert sum(found.ended.values()) == 6
    assert {each.arm: each.customers for each in found.arms} == {"a": ways["a"], "b": ways["b"]}
    assert [each.compared is None for each in found.arms] == [True, False]


def test_the_time_at_a_node_is_the_median_of_those_who_left_it(both: Base) -> None:
    both.flow("pause", {**SPLIT, "start": "pause", "nodes": {name: SPLIT["nodes"][name] for name in ("pause", "z")}})
    for name in both.customers:
        both.happen(name)
    both.happen("Ada", "purchase")
    both.after(days=3)
    with both.crm.session(both.actor()) as session:
        nodes = {each.name: each for each in figures(session, flow_named(session, "pause")).nodes}
    assert nodes["pause"].ways == {"goal": 1, "next": len(both.customers) - 1}
    assert nodes["pause"].seconds == 3 * 86400


def test_a_version_is_counted_alone(base: Base) -> None:
    flow = base.flow("which", SPLIT)
    base.happen("Ada")
    base.run("journey.flow.draft", {"document": {**SPLIT, "exit": "purchase.count > 9"}}, target=flow)
    base.run("journey.flow.publish", {}, target=flow)
    for name in ("Bob", "Cem"):
        base.happen(name)
    assert [counted(base, number).began for number in (1, 2, None)] == [1, 2, 3]


def test_the_effect_compares_first_passages_with_those_held_out(base: Base) -> None:
    base.flow("which", {**SPLIT, "hold_out": 0.5, "entry": {"on": "call", "again": "always"}})
    customers = base.more(40)
    for _twice in range(2):
        for each in customers:
            base.run("journey.passage.enter", {"flow": "which", "customer_id": each})
        base.work()
        base.after(days=20)
    held = {each.customer_id for each in base.passages() if each.held_out}
    found = counted(base)
    assert len(base.passages()) == 80
    assert found.effect is not None
    assert (found.effect.customers, found.effect.base_customers) == (40 - len(held), len(held))
    assert found.effect.verdict == "unclear"


def test_a_reader_counts_own_customers_alone(base: Base) -> None:
    base.flow("which", SPLIT)
    for name in ("Ada", "Bob"):
        base.happen(name)
    base.run("customer.assign", {"owner_id": base.users["sam"]}, target=base.customers["Ada"])
    base.run("customer.assign", {"owner_id": base.users["mia"]}, target=base.customers["Bob"])
    with base.crm.session(base.actor("sam")) as session:
        assert figures(session, flow_named(session, "which")).began == 1


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((250, 900, 10, 100), "better"),
        ((10, 900, 10, 100), "worse"),
        ((100, 900, 10, 100), "unclear"),
        ((150, 900, 10, 300), "not believed"),
    ],
)
def test_a_verdict_needs_an_interval_without_nought_and_fair_shares(counts: Any, verdict: str) -> None:
    """With a hold-out of a tenth, 300 of 1,200 were not dealt by chance."""
    assert compare(*counts, shares=(0.9, 0.1)).verdict == verdict


def test_a_difference_has_newcombes_interval() -> None:
    """56 of 70 against 48 of 80: Newcombe (1998), table II, case (a), method 10."""
    found = compare(56, 70, 48, 80)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_a_known_effect_is_found(base: Base) -> None:
    """Of customers who pass through, 60 % buy, of those held out 30 %: the interval covers the difference."""
    base.flow("which", {**SPLIT, "hold_out": 0.4})
    system = base.actor()
    made = [base.crm.run(system, "customer.create", {"name": f"X{number}"}).id for number in range(300)]
    for each in made:
        base.crm.run(system, "journey.passage.enter", {"flow": "which", "customer_id": each})
    base.work()
    turn = {True: 0, False: 0}
    for each in base.passages():
        turn[each.held_out] += 1
        if turn[each.held_out] % 10 < (3 if each.held_out else 6):
            values = {"kind": "purchase", "customer_id": each.customer_id, "occurred_at": base.now}
            base.crm.run(system, "interaction.record", {**values, "amount": "10.00", "currency": "EUR"})
    base.work()
    found = counted(base).effect
    assert found is not None
    assert found.low < 0.3 < found.high
    assert found.verdict == "better"
    assert len([each for each in base.passages() if each.goal_at is not None]) == found.goal + found.base_goal
