"""At which nodes customers were, and at which they were lost to the goal of the flow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmkit_journey.api import Stay, node_titles, stays

from tests.plugins.journey.base import START, Base

FLOW: dict[str, Any] = {
    "entry": {"on": "event", "kinds": ["call"]},
    "goal": {"kinds": ["purchase"], "days": 30},
    "start": "first",
    "nodes": {
        "first": {"type": "wait", "title": "A day", "span": "1 day", "next": "second"},
        "second": {"type": "wait", "span": "1 day", "next": "z"},
        "z": {"type": "exit"},
    },
}


def found(base: Base, who: str = "", **only: str) -> dict[tuple[str, str], bool | None]:
    """Return by customer and node whether the customer was lost there."""
    names = {id_: name for name, id_ in base.customers.items()}
    with base.crm.session(base.actor(who)) as session:
        every: list[Stay] = list(stays(session, START, START + timedelta(days=60), **only))
    return {(names[each.customer_id], each.node): each.lost for each in every}


def test_whoever_ends_without_the_goal_was_lost_at_the_last_node(both: Base) -> None:
    both.flow("buying", FLOW)
    both.happen("Ada")
    both.happen("Bob")
    both.after(hours=30)
    both.happen("Ada", "purchase")
    both.after(days=2)
    assert found(both) == {
        ("Ada", "first"): False,
        ("Ada", "second"): False,
        ("Bob", "first"): False,
        ("Bob", "second"): True,
    }


def test_of_whoever_is_still_there_nothing_is_known(both: Base) -> None:
    both.flow("buying", FLOW)
    both.happen("Ada")
    both.after(hours=30)
    assert found(both) == {("Ada", "first"): False, ("Ada", "second"): None}


def test_a_flow_without_a_goal_loses_nobody_at_its_end(base: Base) -> None:
    base.flow("caring", {key: value for key, value in FLOW.items() if key != "goal"})
    base.happen("Ada")
    base.after(days=2)
    base.after(days=2)
    assert set(found(base).values()) == {False}


def test_whoever_leaves_by_the_exit_was_lost(base: Base) -> None:
    base.flow("caring", {**FLOW, "exit": "purchase.count > 0"})
    base.happen("Ada")
    base.after(hours=30)
    base.happen("Bob")
    base.run("journey.passage.cancel", {"why": "moved away"}, target=base.passages("Ada")[0].id)
    assert found(base, flow="caring")["Ada", "second"] is True
    assert found(base, flow="other") == {}
    assert list(found(base, node="second")) == [("Ada", "second")]


def test_the_newest_passage_counts(base: Base) -> None:
    base.flow("buying", {**FLOW, "entry": {**FLOW["entry"], "again": "always"}})
    base.happen("Ada")
    base.after(days=3)
    base.happen("Ada")
    base.happen("Ada", "purchase")
    base.after(days=3)
    assert found(base)["Ada", "first"] is False


def test_nodes_have_titles_of_their_own_or_their_names(base: Base) -> None:
    base.flow("buying", FLOW)
    with base.crm.session(base.actor()) as session:
        titles = node_titles(session)
    assert titles["buying", "first"] == ("A day", "buying")
    assert titles["buying", "second"][0] == "second"


def test_a_seller_sees_no_stays_of_others(base: Base) -> None:
    base.flow("buying", FLOW)
    base.happen("Ada")
    assert found(base, "sam") == {}
    assert found(base) != {}
