"""Customers pass through flows: they come in, wait, go ways, reach goals and end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmkit_journey.flows.errors import FlowInState, FlowNotSound, PassageInState
from crmkit_journey.flows.models import Flow
from crmkit_journey.passages.models import Passage
from crmkit_journey.passages.replaying import replay
from sqlalchemy import func, select, text

from crmkit import Customer, Interaction, Refused, customers_where
from crmkit.engines.statistics.hashing import held_out
from tests.plugins.journey.base import Base

WAIT: dict[str, Any] = {
    "entry": {"on": "event", "kinds": ["call"], "again": "always"},
    "goal": {"kinds": ["purchase"], "days": 10},
    "start": "pause",
    "nodes": {
        "pause": {"type": "wait", "span": "3 days", "next": "ask"},
        "ask": {"type": "task", "task": "Ask how it went", "next": "finish"},
        "finish": {"type": "exit"},
    },
}


def test_a_customer_comes_in_waits_and_is_through(both: Base) -> None:
    """After the wait a task is made, once, and the passage is over."""
    both.flow("care", WAIT)
    both.happen("Ada")
    (passage,) = both.passages()
    assert (passage.status, passage.node) == ("waiting", "pause")
    both.after(days=2)
    assert both.passages()[0].status == "waiting"
    both.after(days=1)
    (passage,) = both.passages()
    assert (passage.status, passage.outcome, passage.steps) == ("ended", "done", 4)


LATER: dict[str, Any] = {
    "entry": {"on": "event", "kinds": ["call"], "again": "never"},
    "start": "pause",
    "nodes": {"pause": {"type": "wait", "span": "1 day", "next": "z"}, "z": {"type": "exit"}},
}


def entered(base: Base, **entry: Any) -> None:
    """Make a flow whose entry is like this."""
    base.flow("again", {**LATER, "entry": {**LATER["entry"], **entry}})


def test_never_lets_nobody_in_twice(base: Base) -> None:
    entered(base, again="never")
    base.happen("Ada")
    base.after(days=30)
    base.happen("Ada")
    assert [each.number for each in base.passages("Ada")] == [1]


def test_always_waits_until_the_former_passage_is_over(base: Base) -> None:
    entered(base, again="always")
    base.happen("Ada")
    base.happen("Ada")
    assert len(base.passages("Ada")) == 1
    base.after(days=2)
    base.happen("Ada")
    assert [each.number for each in base.passages("Ada")] == [1, 2]
    assert [each.status for each in base.passages("Ada")] == ["ended", "waiting"]


def test_after_counts_days_from_the_former_beginning(base: Base) -> None:
    """An anniversary comes every year, not once."""
    entered(base, again="after", days=300)
    for _year in range(3):
        base.happen("Ada")
        base.after(days=10)
        base.happen("Ada")
        base.after(days=355)
    assert [each.number for each in base.passages("Ada")] == [1, 2, 3]


def test_each_has_one_passage_for_each_event_at_a_time(base: Base) -> None:
    entered(base, again="each")
    base.happen("Ada")
    base.happen("Ada")
    assert [each.status for each in base.passages("Ada")] == ["waiting", "waiting"]
    assert len({each.key for each in base.passages("Ada")}) == 2


def test_most_limits_the_passages_of_a_customer(base: Base) -> None:
    entered(base, again="always", most=2)
    for _each in range(4):
        base.happen("Ada")
        base.after(days=2)
    assert len(base.passages("Ada")) == 2


def test_the_same_event_lets_in_once_however_often_it_is_heard(both: Base) -> None:
    entered(both, again="each")
    interaction = both.happen("Ada")
    for _each in range(2):
        both.run("journey.passage.hear", {"kind": "call", "interaction_ids": [interaction]})
        both.work()
    assert len(both.passages("Ada")) == 1


def test_what_happened_long_ago_lets_nobody_in(base: Base) -> None:
    entered(base)
    base.happen("Ada", occurred_at=base.now - timedelta(days=3))
    assert base.passages() == []


def test_a_condition_keeps_out_whom_it_does_not_hold_for(both: Base) -> None:
    entered(both, when='customer.name == "Bob"')
    for name in ("Ada", "Bob"):
        both.happen(name)
    assert [each.customer_id for each in both.passages()] == [both.customers["Bob"]]


def test_customers_come_in_once_a_day_for_whom_a_condition_holds(both: Base) -> None:
    document = {**LATER, "entry": {"on": "daily", "at": 9, "when": "purchase.count > 0", "again": "after", "days": 5}}
    both.flow("daily", document)
    both.happen("Ada", "purchase")
    for _twice in range(2):
        both.run("journey.passage.look_daily", {"flow": "daily"})
    both.work()
    assert len(both.passages()) == 1
    assert both.passages()[0].key == f"day:{both.now.date()}"


def test_who_enters_a_segment_comes_in(base: Base) -> None:
    base.run("segment.save", {"name": "buyers", "title": "Buyers", "where": "purchase.count > 0"})
    base.flow("seg", {**LATER, "entry": {"on": "segment", "segment": "buyers"}})
    base.happen("Ada", "purchase")
    base.run("segment.run")
    base.work()
    assert [each.customer_id for each in base.passages()] == [base.customers["Ada"]]


def test_a_goal_ends_the_passage_by_an_event_between_nodes(both: Base) -> None:
    both.flow("care", WAIT)
    both.happen("Ada")
    both.after(days=1)
    both.happen("Ada", "purchase")
    (passage,) = both.passages()
    assert (passage.status, passage.outcome) == ("ended", "goal")
    assert passage.goal_at == both.now


def test_a_goal_after_the_end_still_counts_in_time(base: Base) -> None:
    base.flow("care", WAIT)
    base.happen("Ada")
    base.after(days=4)
    assert base.passages()[0].outcome == "done"
    base.happen("Ada", "purchase")
    (passage,) = base.passages()
    assert (passage.outcome, passage.goal_at) == ("done", base.now)


def test_part_of_the_customers_are_held_out_always_the_same(both: Base) -> None:
    """Of those held out nothing happens but that their goal is looked for."""
    both.flow("care", {**WAIT, "hold_out": 0.5})
    customers = both.more(30)
    for each in customers:
        both.run("journey.passage.enter", {"flow": "care", "customer_id": each})
    both.work()
    held = {each.customer_id for each in both.passages() if each.held_out}
    assert held == {id_ for id_ in customers if held_out("journey:care", 0.5, id_)}
    assert 0 < len(held) < 30
    both.after(days=11)
    assert {each.outcome for each in both.passages() if each.held_out} == {"over"}
    assert {each.outcome for each in both.passages() if not each.held_out} == {"done"}


def test_a_flow_passes_customers_on_to_another_and_waits_for_them(both: Base) -> None:
    both.flow("inner", {**LATER, "entry": {"on": "call"}})
    outer = {"start": "a", "nodes": {"a": {"type": "sub", "flow": "inner", "next": "z"}, "z": {"type": "exit"}}}
    both.flow("outer", outer)
    (passage,) = both.enter("outer", "Ada")
    assert [each.status for each in both.passages()] == ["waiting", "waiting"]
    both.after(days=1)
    assert [each.status for each in both.passages()] == ["ended", "ended"]
    assert both.passage(passage).outcome == "done"


def test_any_operation_can_be_run_with_expressions_as_inputs(both: Base) -> None:
    document = {
        "start": "a",
        "nodes": {
            "a": {"type": "do", "operation": "interaction.record", "inputs": {"kind": "'note'"}, "next": "b"},
            "b": {"type": "do", "operation": "customer.update", "inputs": {"city": "'Lyon'"}, "next": "z"},
            "z": {"type": "exit"},
        },
    }
    both.flow("do", document)
    both.enter("do", "Ada")
    with both.crm.session(both.actor()) as session:
        assert session.get_one(Customer, both.customers["Ada"]).city == "Lyon"
        query = select(func.count(Interaction.id)).where(Interaction.customer_id == both.customers["Ada"])
        assert session.scalar(query) == 1


FAILS = {
    "start": "a",
    "nodes": {
        "a": {"type": "do", "operation": "customer.update", "inputs": {"country": "'nowhere'"}, "next": "z"},
        "z": {"type": "exit"},
    },
}


def test_what_fails_is_tried_again_and_then_waits_for_somebody(both: Base) -> None:
    """It costs its passage alone; a person sends it on past what failed, or has it tried again."""
    both.flow("fails", FAILS)
    (passage,) = both.enter("fails", "Ada")
    assert both.passage(passage).status == "ready"
    assert both.passage(passage).error
    for minutes in (1, 10, 60, 360):
        both.after(minutes=minutes)
    failed = both.passage(passage)
    assert (failed.status, failed.tries, failed.due_at) == ("failed", 5, None)
    both.run("journey.passage.retry", {}, target=passage)
    both.work()
    assert both.passage(passage).tries == 1
    both.run("journey.passage.send_to", {"node": "z", "why": "Done by hand"}, target=passage)
    both.work()
    assert both.passage(passage).outcome == "done"
    assert "Done by hand" in [each.note for each in both.steps(passage)]


def test_a_passage_is_paused_and_goes_on(base: Base) -> None:
    base.flow("care", WAIT)
    base.happen("Ada")
    (passage,) = base.passages()
    base.run("journey.passage.pause", {"why": "On holiday"}, target=passage.id)
    base.after(days=5)
    assert base.passage(passage.id).status == "waiting"
    base.run("journey.passage.resume", {}, target=passage.id)
    base.work()
    assert base.passage(passage.id).status == "ended"


def test_a_passage_is_ended_by_hand_with_a_reason(base: Base) -> None:
    base.flow("care", WAIT)
    base.happen("Ada")
    (passage,) = base.passages()
    base.run("journey.passage.cancel", {"why": "They asked"}, target=passage.id)
    assert base.passage(passage.id).outcome == "cancelled"
    with pytest.raises(PassageInState):
        base.run("journey.passage.cancel", {"why": "Twice"}, target=passage.id)


def test_a_paused_flow_notes_what_happens_and_goes_on_with_it(base: Base) -> None:
    flow = base.flow("care", WAIT)
    base.happen("Ada")
    base.run("journey.flow.pause", target=flow)
    base.happen("Ada", "purchase")
    base.after(days=4)
    assert base.passages()[0].status == "waiting"
    base.run("journey.flow.resume", target=flow)
    base.work()
    assert base.passages()[0].outcome == "goal"


def test_a_retired_flow_lets_nobody_in_and_ends_what_it_began(base: Base) -> None:
    flow = base.flow("care", WAIT)
    base.happen("Ada")
    base.run("journey.flow.retire", target=flow)
    base.happen("Bob")
    base.after(days=4)
    assert [(each.customer_id, each.outcome) for each in base.passages()] == [(base.customers["Ada"], "done")]
    with pytest.raises(FlowInState):
        base.run("journey.passage.enter", {"flow": "care", "customer_id": base.customers["Bob"]})


def test_passages_stay_on_their_version_unless_they_are_moved(both: Base) -> None:
    flow = both.flow("care", WAIT)
    both.happen("Ada")
    other = {**WAIT, "start": "rest", "nodes": {**WAIT["nodes"]}}
    other["nodes"] = {"rest": {"type": "wait", "span": "30 days", "next": "finish"}, "finish": {"type": "exit"}}
    both.run("journey.flow.draft", {"document": other}, target=flow)
    both.run("journey.flow.publish", {}, target=flow)
    both.happen("Bob")
    assert [each.edition for each in both.passages()] == [1, 2]
    both.after(days=4)
    assert [each.status for each in both.passages()] == ["ended", "waiting"]


def test_moving_needs_a_node_for_everybody_and_is_checked_before(both: Base) -> None:
    flow = both.flow("care", WAIT)
    both.happen("Ada")
    nodes = {"rest": {"type": "wait", "span": "30 days", "next": "finish"}, "finish": {"type": "exit"}}
    both.run("journey.flow.draft", {"document": {**WAIT, "start": "rest", "nodes": nodes}}, target=flow)
    with pytest.raises(FlowNotSound, match="pause"):
        both.run("journey.flow.publish", {"move": True}, target=flow)
    with pytest.raises(FlowNotSound, match="nowhere"):
        both.run("journey.flow.publish", {"move": True, "moves": {"pause": "nowhere"}}, target=flow)
    both.run("journey.flow.publish", {"move": True, "moves": {"pause": "rest"}}, target=flow)
    both.work()
    (passage,) = both.passages()
    assert (passage.edition, passage.node, passage.status) == (2, "rest", "waiting")
    assert passage.wake_at == both.now + timedelta(days=30)


def test_every_passage_replays_to_the_same_states(both: Base) -> None:
    """By hand, by time, by events, by failure and by a new version: the log makes the same states again."""
    both.flow("care", WAIT)
    both.flow("alone", {**WAIT, "entry": {"on": "call"}, "hold_out": 0.5})
    both.flow("fails", FAILS)
    for name in both.customers:
        both.happen(name)
    for each in both.more(12):
        both.run("journey.passage.enter", {"flow": "alone", "customer_id": each})
    both.enter("fails", "Ada", "Bob")
    both.after(days=1)
    both.happen("Bob", "purchase")
    passages = both.passages()
    both.run("journey.passage.send_to", {"node": "z", "why": "x"}, target=passages[-1].id)
    cancelled = next(each for each in passages if each.status == "waiting" and not each.held_out)
    both.run("journey.passage.cancel", {"why": "x"}, target=cancelled.id)
    both.after(days=30)
    with both.crm.session(both.actor()) as session:
        found = [replay(session, session.get_one(Passage, each.id)) for each in both.passages()]
    assert [each for each in found if each.differs is not None] == []
    assert sum(each.steps for each in found) > 12


def test_a_changed_log_does_not_replay(base: Base) -> None:
    base.flow("care", WAIT)
    base.happen("Ada")
    base.after(days=4)
    (passage,) = base.passages()
    with base.crm.engines.system_write.begin() as connection:
        connection.execute(text("UPDATE journey_passage_step SET what = 'event' WHERE number = 2"))
    with base.crm.session(base.actor()) as session:
        assert replay(session, session.get_one(Passage, passage.id)).differs == 2


def test_a_flow_acts_with_the_rights_of_whoever_published_it(both: Base) -> None:
    """Whoever is no active user any more has the flow stopped, with the reason."""
    both.run("customer.assign", {"owner_id": both.users["mia"]}, target=both.customers["Ada"])
    flow = both.flow("care", WAIT, who="mia")
    both.happen("Ada")
    both.happen("Bob")
    assert [each.customer_id for each in both.passages()] == [both.customers["Ada"]]
    both.run("user.deactivate", {}, target=both.users["mia"])
    both.after(days=4)
    assert both.passages()[0].status == "waiting"
    with both.crm.session(both.actor()) as session:
        found = session.get_one(Flow, flow)
        assert found.state == "paused"
        assert "no active user" in str(found.halted)


def test_a_seller_sees_passages_of_own_customers_alone(base: Base) -> None:
    base.flow("care", WAIT)
    for name in ("Ada", "Bob"):
        base.happen(name)
    base.run("customer.assign", {"owner_id": base.users["sam"]}, target=base.customers["Ada"])
    base.run("customer.assign", {"owner_id": base.users["mia"]}, target=base.customers["Bob"])
    with base.crm.session(base.actor("sam")) as session:
        seen = set(session.scalars(select(Passage.customer_id)))
    assert base.customers["Bob"] not in seen
    assert base.customers["Ada"] in seen


def test_who_may_not_publish_is_refused(base: Base) -> None:
    flow = base.flow("care", WAIT, publish=False)
    for who in ("max", "sue", "sam"):
        with pytest.raises(Refused):
            base.run("journey.flow.publish", {}, target=flow, who=who)


def test_facts_tell_where_customers_are(both: Base) -> None:
    both.flow("care", WAIT)
    for name in ("Ada", "Bob"):
        both.happen(name)
    both.happen("Ada", "purchase")
    with both.crm.session(both.actor()) as session:
        assert set(session.scalars(customers_where(session, "journey.under_way == 1"))) == {both.customers["Bob"]}
        assert set(session.scalars(customers_where(session, "journey.goals == 1"))) == {both.customers["Ada"]}


def test_an_erased_customer_leaves_no_passage(base: Base) -> None:
    base.flow("care", WAIT)
    base.happen("Ada")
    base.run("privacy.erase", {"reason": "asked"}, target=base.customers["Ada"])
    assert base.passages() == []
