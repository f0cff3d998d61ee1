"""The pure step function: what it does at each node, that it ends, and that a log makes the same states again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from crmkit_journey.flows.documents import flow_of
from crmkit_journey.passages.stepping import (
    TRIES,
    State,
    Stimulus,
    begin,
    left_alone,
    next_in_window,
    questions,
    step,
)
from hypothesis import given, strategies as st

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


def flow(nodes: dict[str, Any], **more: Any) -> Any:
    """Return a flow that begins at "a"."""
    return flow_of({"start": "a", "nodes": {**nodes, "z": {"type": "exit"}}, **more})


def go(of: Any, state: State, what: Any = "go", at: datetime = NOW, dealt: float = 0.0, **more: Any) -> Any:
    """Take a step."""
    return step(of, state, Stimulus(what=what, at=at, **more), lambda _name: dealt)


def test_a_wait_for_a_span_goes_on_when_it_is_over() -> None:
    own = flow({"a": {"type": "wait", "span": "2 days", "next": "z"}})
    waiting = go(own, begin(own, NOW)).state
    assert (waiting.status, waiting.wake_at) == ("waiting", NOW + timedelta(days=2))
    assert go(own, waiting, "time", NOW + timedelta(days=1)).state is waiting
    assert go(own, waiting, "time", NOW + timedelta(days=2)).state.node == "z"


def test_a_wait_for_an_event_goes_on_by_it_or_by_its_timeout() -> None:
    own = flow(
        {
            "a": {"type": "wait", "kinds": ["call"], "timeout": "7 days", "next": "b", "otherwise": "z"},
            "b": {"type": "exit"},
        }
    )
    waiting = go(own, begin(own, NOW)).state
    assert waiting.kinds == ("call",)
    assert go(own, waiting, "event", kind="mail").state is waiting
    assert go(own, waiting, "event", kind="call").state.node == "b"
    assert go(own, waiting, "time", NOW + timedelta(days=7)).state.node == "z"


def test_a_wait_for_an_event_may_ask_whether_something_holds() -> None:
    own = flow({"a": {"type": "wait", "kinds": ["call"], "when": "purchase.count > 0", "next": "z"}})
    waiting = go(own, begin(own, NOW)).state
    assert questions(own, waiting, "event") == {"when": "purchase.count > 0"}
    assert go(own, waiting, "event", kind="call", answers={"when": False}).state is waiting
    assert go(own, waiting, "event", kind="call", answers={"when": True}).state.node == "z"


def test_a_wait_until_a_day_is_over_at_its_beginning_in_the_customers_zone() -> None:
    own = flow({"a": {"type": "wait", "until": "customer.birthday", "next": "z"}})
    state = begin(own, NOW)
    waiting = go(own, state, answers={"until": date(2027, 3, 5)}, zone="Asia/Shanghai").state
    assert waiting.wake_at == datetime(2027, 3, 4, 16, tzinfo=UTC)
    assert go(own, state, answers={"until": date(2027, 1, 1)}).state.node == "z"
    assert go(own, state, answers={"until": None}).state.node == "z"


@pytest.mark.parametrize(
    ("at", "days", "hours", "zone", "then"),
    [
        (datetime(2027, 3, 1, 9, tzinfo=UTC), (), "9-18", "UTC", datetime(2027, 3, 1, 9, tzinfo=UTC)),
        (datetime(2027, 3, 1, 18, tzinfo=UTC), (), "9-18", "UTC", datetime(2027, 3, 2, 9, tzinfo=UTC)),
        (datetime(2027, 3, 1, 9, tzinfo=UTC), (6, 7), "10-12", "UTC", datetime(2027, 3, 6, 10, tzinfo=UTC)),
        (datetime(2027, 3, 1, 9, tzinfo=UTC), (), "9-18", "America/New_York", datetime(2027, 3, 1, 14, tzinfo=UTC)),
        # The clocks go forward in Berlin on 28 March 2027: nine o'clock is an hour earlier in UTC.
        (datetime(2027, 3, 27, 20, tzinfo=UTC), (), "9-18", "Europe/Berlin", datetime(2027, 3, 28, 7, tzinfo=UTC)),
        (datetime(2027, 3, 1, 23, tzinfo=UTC), (), "20-24", "UTC", datetime(2027, 3, 1, 23, tzinfo=UTC)),
    ],
)
def test_a_window_opens_in_the_customers_zone(at: datetime, days: Any, hours: str, zone: str, then: datetime) -> None:
    assert next_in_window(at, days, hours, zone) == then


def test_branches_take_the_first_condition_that_holds() -> None:
    cases = [{"when": "x", "next": "b"}, {"when": "y", "next": "z"}]
    own = flow(
        {"a": {"type": "branch", "cases": cases, "otherwise": "c"}, "b": {"type": "exit"}, "c": {"type": "exit"}}
    )
    assert questions(own, begin(own, NOW), "go") == {"1": "x", "2": "y"}
    assert go(own, begin(own, NOW), answers={"1": True, "2": True}).state.node == "b"
    assert go(own, begin(own, NOW), answers={"1": False, "2": True}).state.node == "z"
    assert go(own, begin(own, NOW), answers={"1": None, "2": False}).state.node == "c"


def test_splits_deal_by_their_shares() -> None:
    arms = [{"name": "x", "share": 0.2, "next": "b"}, {"name": "y", "share": 0.8, "next": "z"}]
    own = flow({"a": {"type": "split", "arms": arms}, "b": {"type": "exit"}})
    assert [go(own, begin(own, NOW), dealt=point).way for point in (0.0, 0.19, 0.2, 0.99)] == ["x", "x", "y", "y"]


def test_jumps_go_back_so_often_and_then_on() -> None:
    own = flow(
        {"a": {"type": "wait", "span": "1 day", "next": "b"}, "b": {"type": "jump", "to": "a", "most": 2, "next": "z"}}
    )
    state = evolve(begin(own, NOW), node="b")
    ways = []
    for _each in range(3):
        taken = go(own, evolve(state, node="b", status="ready"))
        ways.append(taken.way)
        state = taken.state
    assert ways == ["to", "to", "next"]


def test_the_goal_is_looked_at_on_every_event_and_ends_the_passage() -> None:
    own = flow({"a": {"type": "wait", "span": "9 days", "next": "z"}}, goal={"kinds": ["purchase"], "days": 5})
    waiting = go(own, begin(own, NOW)).state
    reached = go(own, waiting, "event", NOW + timedelta(days=4), kind="purchase").state
    assert (reached.status, reached.outcome, reached.goal_at) == ("ended", "goal", NOW + timedelta(days=4))
    assert go(own, waiting, "event", NOW + timedelta(days=5), kind="purchase").state is waiting


def test_a_goal_counts_by_when_it_happened_and_after_the_end() -> None:
    own = flow({"a": {"type": "exit"}}, goal={"kinds": ["purchase"], "days": 5})
    ended = go(own, begin(own, NOW)).state
    assert (ended.status, ended.outcome, ended.goal_at) == ("ended", "done", None)
    late = NOW + timedelta(days=9)
    happened = NOW + timedelta(days=1)
    after = go(own, ended, "event", late, kind="purchase", occurred_at=happened).state
    assert (after.status, after.outcome, after.goal_at) == ("ended", "done", happened)


def test_a_goal_that_lets_them_stay_is_only_noted() -> None:
    own = flow(
        {"a": {"type": "wait", "span": "9 days", "next": "z"}}, goal={"kinds": ["purchase"], "days": 5, "leave": False}
    )
    waiting = go(own, begin(own, NOW)).state
    state = go(own, waiting, "event", kind="purchase").state
    assert (state.status, state.goal_at) == ("waiting", NOW)


def test_whoever_the_exit_holds_for_leaves_before_the_next_step() -> None:
    own = flow({"a": {"type": "do", "operation": "x.y", "next": "z"}}, exit="customer.city == 'x'")
    taken = go(own, begin(own, NOW), answers={"exit": True})
    assert (taken.act, taken.state.outcome) == ("", "left")


def test_what_fails_is_tried_again_ever_later_and_then_left() -> None:
    own = flow({"a": {"type": "do", "operation": "x.y", "next": "z"}})
    state = begin(own, NOW)
    waits = []
    for _each in range(len(TRIES) + 1):
        state = go(own, state, "failed").state
        waits.append(None if state.wake_at is None else state.wake_at - NOW)
    assert waits == [*TRIES, None]
    assert state.node == "a"


def test_those_who_are_held_out_only_have_their_goal_looked_for() -> None:
    own = left_alone(
        flow({"a": {"type": "do", "operation": "x.y", "next": "z"}}, goal={"kinds": ["purchase"], "days": 5})
    )
    state = go(own, begin(own, NOW)).state
    assert (state.status, state.node) == ("waiting", "held_out")
    assert go(own, state, "event", kind="purchase").state.outcome == "goal"
    assert go(own, go(own, state, "time", NOW + timedelta(days=5)).state).state.outcome == "over"


TYPES = st.one_of(
    st.builds(lambda to: {"type": "wait", "span": "1 day", "next": to}, st.sampled_from("abcz")),
    st.builds(
        lambda to, other: {"type": "wait", "kinds": ["call"], "timeout": "2 days", "next": to, "otherwise": other},
        st.sampled_from("abcz"),
        st.sampled_from("abcz"),
    ),
    st.builds(
        lambda to, most: {"type": "jump", "to": to, "most": most, "next": "z"},
        st.sampled_from("abc"),
        st.integers(1, 3),
    ),
    st.builds(lambda to: {"type": "do", "operation": "x.y", "next": to}, st.sampled_from("abcz")),
    st.builds(
        lambda to, other: {"type": "branch", "cases": [{"when": "true", "next": to}], "otherwise": other},
        st.sampled_from("abcz"),
        st.sampled_from("abcz"),
    ),
)
STIMULI = st.lists(
    st.builds(
        lambda what, kind, answer: {"what": what, "kind": kind, "answers": {"1": answer, "exit": False}},
        st.sampled_from(["go", "time", "event", "failed", "returned"]),
        st.sampled_from(["", "call", "purchase"]),
        st.booleans(),
    ),
    max_size=30,
)


@given(st.fixed_dictionaries({"a": TYPES, "b": TYPES, "c": TYPES}), STIMULI)
def test_any_log_makes_the_same_states_again_and_no_state_is_out_of_place(nodes: dict[str, Any], log: Any) -> None:
    """Whatever happens in whatever order, the function never fails, an end stays one, and replaying is exact."""
    own = flow(nodes, goal={"kinds": ["purchase"], "days": 3})

    def played() -> list[State]:
        state, states = begin(own, NOW), []
        for hours, each in enumerate(log):
            state = step(own, state, Stimulus(at=NOW + timedelta(hours=6 * hours), **each), lambda _name: 0.5).state
            states.append(state)
        return states

    states = played()
    assert states == played()
    for before, after in pairwise(states):
        assert before.status != "ended" or (after.status, after.outcome) == ("ended", before.outcome)
        assert before.goal_at is None or after.goal_at == before.goal_at
    assert all(each.node in own.nodes and each.rounds.get(each.node, 0) <= 3 for each in states)
