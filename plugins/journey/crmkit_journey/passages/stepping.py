"""One step of a passage, as a pure function: what it was, what happened, and what it is then.

There are no clocks, no databases and no chance here: instants, what conditions came to, and how a customer was dealt
are given. So the log of what was given makes the same states again, which is how a passage is proved right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from crmkit_journey.flows.checking import window_of
from crmkit_journey.flows.documents import span_of
from crmkit_journey.flows.nodes import Branch, Exit, Flow, Jump, Node, Split, Sub, Wait

Status = Literal["ready", "waiting", "ended"]
What = Literal["go", "time", "event", "returned", "failed"]
GOAL, EXIT = "goal", "exit"
"""The questions of the whole flow; those of a node are ``until``, ``when`` and the numbers of a branch's conditions."""
HELD = "held_out"
"""The only node of those who are held out."""
TRIES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""After what time a step that failed is tried again; then it waits for somebody."""


@frozen(kw_only=True)
class State:
    """Where a passage is. ``wake_at`` (UTC) is when it goes on by itself, None for never; ``kinds`` are those of the
    interactions that it waits for; ``rounds`` counts the jumps back from each node; ``began_at`` is its beginning."""

    node: str
    status: Status = "ready"
    began_at: datetime
    since: datetime
    wake_at: datetime | None = None
    kinds: tuple[str, ...] = field(default=(), converter=tuple)
    rounds: Mapping[str, int] = field(factory=dict[str, int])
    goal_at: datetime | None = None
    outcome: str = ""
    tries: int = 0


@frozen(kw_only=True)
class Stimulus:
    """What happened: ``what`` "go" (its turn), "time" (its time has come), "event" (an interaction of ``kind`` that
    happened at ``occurred_at``), "returned" (the other flow is over), "failed" (what the node does could not be done).
    ``answers`` are what the questions of `questions` came to, ``zone`` is the customer's."""

    what: What
    at: datetime
    kind: str = ""
    occurred_at: datetime | None = None
    answers: Mapping[str, Any] = field(factory=dict[str, Any])
    zone: str = "UTC"


@frozen(kw_only=True)
class Step:
    """What came of it: the state, what the node is to do (its name, or empty), which way was taken, and what for."""

    state: State
    act: str = ""
    way: str = ""


def begin(flow: Flow, at: datetime) -> State:
    """Return the state of a passage that begins at an instant."""
    return State(node=flow.start, began_at=at, since=at, wake_at=at)


def left_alone(flow: Flow) -> Flow:
    """Return the flow of those who are held out: nothing happens to them, and their goal counts as long."""
    days = flow.goal.days if flow.goal is not None else 30
    nodes = {HELD: Wait(span=f"{days} days", next="over"), "over": Exit(outcome="over")}
    return evolve(flow, start=HELD, nodes=nodes, exit="")


def questions(flow: Flow, state: State, what: What) -> dict[str, str]:
    """Return the expressions over facts whose values the next step needs, by the names of its answers."""
    found: dict[str, str] = {}
    if flow.goal is not None and flow.goal.when and state.goal_at is None:
        found[GOAL] = flow.goal.when
    if state.status == "ended":
        return found
    if flow.exit:
        found[EXIT] = flow.exit
    node = flow.nodes.get(state.node)
    if isinstance(node, Branch):
        found.update({str(number): case.when for number, case in enumerate(node.cases, 1)})
    if isinstance(node, Wait):
        if node.until and state.status == "ready":
            found["until"] = node.until
        if node.when and what == "event":
            found["when"] = node.when
    return found


def step(flow: Flow, state: State, stimulus: Stimulus, dealt: Callable[[str], float]) -> Step:
    """Return what comes of a stimulus. ``dealt(name)`` is where the customer falls, in [0, 1), under a name.

    First the goal is looked at and whether the customer leaves; then the node does its part. What has ended stays so;
    its goal may still be reached in time.
    """
    reached = _reached(flow, state, stimulus)
    if state.status == "ended":
        return Step(state=reached)
    if reached is not state:
        state = reached
        if flow.goal is not None and flow.goal.leave:
            return _ended(state, stimulus, "goal")
    if stimulus.answers.get(EXIT):
        return _ended(state, stimulus, "left")
    node = flow.nodes.get(state.node)
    if node is None:
        return _ended(state, stimulus, "lost")
    if stimulus.what == "failed":
        return Step(state=_again(state, stimulus))
    return _at_node(flow, state, node, stimulus, dealt)


def _reached(flow: Flow, state: State, stimulus: Stimulus) -> State:
    goal = flow.goal
    at = stimulus.occurred_at or stimulus.at
    if goal is None or state.goal_at is not None or at >= state.began_at + timedelta(days=goal.days):
        return state
    if goal.kinds and not (stimulus.what == "event" and stimulus.kind in goal.kinds):
        return state
    if goal.when and not stimulus.answers.get(GOAL):
        return state
    return evolve(state, goal_at=at)


def _at_node(flow: Flow, state: State, node: Node, stimulus: Stimulus, dealt: Callable[[str], float]) -> Step:
    if isinstance(node, Wait):
        return _wait(state, node, stimulus)
    if isinstance(node, Sub):
        if state.status == "waiting":
            return _on(state, stimulus, "next", node.next) if stimulus.what == "returned" else Step(state=state)
        waiting = evolve(state, status="waiting", since=stimulus.at, wake_at=None, tries=0)
        return Step(state=waiting, act=state.node)
    if stimulus.what == "event":
        return Step(state=state)
    if isinstance(node, Branch):
        for number, case in enumerate(node.cases, 1):
            if stimulus.answers.get(str(number)):
                return _on(state, stimulus, str(number), case.next)
        return _on(state, stimulus, "otherwise", node.otherwise)
    if isinstance(node, Split):
        point, edge = dealt(state.node), 0.0
        for arm in node.arms:
            edge += arm.share
            if point < edge:
                return _on(state, stimulus, arm.name, arm.next)
        return _on(state, stimulus, node.arms[-1].name, node.arms[-1].next)
    if isinstance(node, Jump):
        done = state.rounds.get(state.node, 0)
        if done < node.most:
            counted = evolve(state, rounds={**state.rounds, state.node: done + 1})
            return _on(counted, stimulus, "to", node.to)
        return _on(state, stimulus, "next", node.next)
    if isinstance(node, Exit):
        return _ended(state, stimulus, node.outcome)
    gone = _on(state, stimulus, "next", node.next)
    return evolve(gone, act=state.node)


def _wait(state: State, node: Wait, stimulus: Stimulus) -> Step:
    if state.status == "waiting":
        if stimulus.what == "event":
            if stimulus.kind in state.kinds and (not node.when or stimulus.answers.get("when")):
                return _on(state, stimulus, "next", node.next)
            return Step(state=state)
        if stimulus.what == "time" and state.wake_at is not None and stimulus.at >= state.wake_at:
            timed_out = bool(node.kinds and node.otherwise)
            return _on(state, stimulus, *(("otherwise", node.otherwise) if timed_out else ("next", node.next)))
        return Step(state=state)
    if stimulus.what == "event":
        return Step(state=state)
    wake = _wake_at(node, stimulus)
    if wake is not None and wake <= stimulus.at and not node.kinds:
        return _on(state, stimulus, "next", node.next)
    waiting = evolve(state, status="waiting", since=stimulus.at, wake_at=wake, kinds=node.kinds, tries=0)
    return Step(state=waiting)


def _wake_at(node: Wait, stimulus: Stimulus) -> datetime | None:
    """Return when a wait is over by itself: None where only an interaction ends it."""
    if node.kinds:
        span = span_of(node.timeout)
        return None if span is None else stimulus.at + span
    if node.until:
        found = stimulus.answers.get("until")
        return stimulus.at if found is None else _instant(found, stimulus.zone)
    if node.days or node.hours:
        return next_in_window(stimulus.at, node.days, node.hours, stimulus.zone)
    return stimulus.at + (span_of(node.span) or timedelta())


def _instant(found: Any, zone: str) -> datetime:
    if isinstance(found, datetime):
        return found
    return datetime(found.year, found.month, found.day, tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def next_in_window(at: datetime, days: tuple[int, ...], hours: str, zone: str) -> datetime:
    """Return the first instant (UTC) from ``at`` on that lies in a window: on one of ``days`` (1 Monday to 7, empty for
    all) within ``hours`` such as "9-18" of a time zone."""
    first, last = window_of(hours) or (0, 24)
    local = at.astimezone(ZoneInfo(zone))
    for ahead in range(15):
        day = (local + timedelta(days=ahead)).date()
        if days and day.isoweekday() not in days:
            continue
        opens = datetime(day.year, day.month, day.day, first, tzinfo=local.tzinfo)
        after = day + timedelta(days=1)
        closes = (
            datetime(after.year, after.month, after.day, tzinfo=local.tzinfo)
            if last == 24
            else datetime(day.year, day.month, day.day, last, tzinfo=local.tzinfo)
        )
        if local < closes:
            return max(local, opens).astimezone(ZoneInfo("UTC"))
    return at


def _on(state: State, stimulus: Stimulus, way: str, to: str) -> Step:
    moved = evolve(state, node=to, status="ready", since=stimulus.at, wake_at=stimulus.at, kinds=(), tries=0)
    return Step(state=moved, way=way)


def _ended(state: State, stimulus: Stimulus, outcome: str) -> Step:
    ended = evolve(state, status="ended", since=stimulus.at, wake_at=None, kinds=(), outcome=outcome, tries=0)
    return Step(state=ended, way=outcome)


def _again(state: State, stimulus: Stimulus) -> State:
    """Return the state after a failure: to be tried again later, or left for somebody to look at."""
    wake = stimulus.at + TRIES[state.tries] if state.tries < len(TRIES) else None
    return evolve(state, status="ready", wake_at=wake, tries=state.tries + 1)
