"""Friction of cases and of scores, where service and feedback are enabled; and sources that others add."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmkit_experience.friction import sources
from crmkit_experience.friction.counting import span_of, touches_at
from crmkit_experience.friction.models import FrictionStep
from crmkit_experience.friction.sources import SOURCES, Source, titles_of
from crmkit_experience.friction.touches import Touch

from tests.plugins.experience.friction.story import customers
from tests.plugins.experience.promises.base import START, Base

EFFORT = next(each for each in SOURCES if each.name == "effort")


def test_cases_that_take_long_are_an_effort(beside: Base) -> None:
    quick, slow = customers(beside, 2)
    opened = START - timedelta(days=60)
    for each, days in ((quick, 1), (slow, 20)):
        values = {"customer_id": each, "subject": "The kettle", "opened_at": opened}
        case = beside.run("service.case.create", values).id
        beside.clock.set(opened + timedelta(days=days))
        beside.run("service.case.set_state", {"state": "resolved"}, target=case)
        beside.clock.set(START)
    with beside.crm.session(beside.actor()) as session:
        (step,) = {each.step for each in SOURCES[1].touches(session, span_of(session), "")}
        found = {each.customer_id: each for each in touches_at(session, f"cases:{step}", span_of(session))}
        assert titles_of(session, [f"cases:{step}"])[f"cases:{step}"][1] == "Cases"
    assert (found[quick].laborious, found[slow].laborious) == (False, True)
    assert found[slow].effort == pytest.approx(20, abs=0.1)
    assert found[slow].dropped is None


def test_low_scores_by_touchpoint_are_found(beside: Base) -> None:
    unhappy, happy = customers(beside, 25), customers(beside, 25)
    at = START - timedelta(days=60)
    for ids, touchpoint, score in ((unhappy, "checkout", 2), (happy, "delivery", 9)):
        for each in ids:
            values = {"customer_id": each, "metric": "nps", "score": score, "touchpoint": touchpoint}
            beside.run("feedback.feedback.create", values | {"received_at": at})
    beside.run("experience.friction.count")
    found = {each.step: each for each in beside.all(FrictionStep)}
    step = found["scores:checkout/nps"]
    assert (step.leading, step.certain, float(step.score_mean or 0)) == ("score", True, 20.0)
    assert not found["scores:delivery/nps"].certain


def test_much_effort_of_issues_is_found_by_what_they_are_about(both: Base) -> None:
    easy, hard = customers(both, 2)
    at = START - timedelta(days=60)
    for each, times in ((easy, 1), (hard, 12)):
        for place in range(times):
            kind, channel = ("email", "email") if place % 2 else ("call", "phone")
            values = {"customer_id": each, "kind": kind, "channel": channel, "direction": "in", "thread": str(each)}
            both.run("interaction.record", values | {"occurred_at": (at + timedelta(days=place)).isoformat()})
            answer = values | {"direction": "out", "occurred_at": (at + timedelta(days=place, hours=20)).isoformat()}
            both.run("interaction.record", answer, who="sue" if place % 2 else "mia")
    both.clock.set(at + timedelta(days=20))
    both.run("experience.effort.refresh", {})
    both.clock.set(START)
    with both.crm.session(both.actor()) as session:
        found = {each.customer_id: each for each in EFFORT.touches(session, span_of(session), "")}
        step = found[hard].step
        assert [each.step for each in EFFORT.touches(session, span_of(session), step)] == [step, step]
        assert list(EFFORT.touches(session, span_of(session), "case/none/none")) == []
        assert titles_of(session, [f"effort:{step}"])[f"effort:{step}"] == ("Call", "Telephone")
    assert (found[easy].laborious, found[hard].laborious) == (False, True)
    assert (found[hard].effort or 0) > 60 > (found[easy].effort or 0)


def test_nodes_at_which_flows_lose_customers_are_found(travelling: Base) -> None:
    from crmkit_journey.passages.running import run_due

    ids = customers(travelling, 60)
    at = START - timedelta(days=80)
    travelling.clock.set(at)
    waits = {
        "first": {"type": "wait", "title": "A day", "span": "1 day", "next": "second"},
        "second": {"type": "wait", "title": "Another day", "span": "1 day", "next": "z"},
        "z": {"type": "exit"},
    }
    document = {"goal": {"kinds": ["purchase"], "days": 30}, "start": "first", "nodes": waits}
    flow = travelling.run("journey.flow.create", {"name": "buying", "title": "Buying", "document": document}).id
    travelling.run("journey.flow.publish", target=flow)
    for each in ids:
        travelling.run("journey.passage.enter", {"flow": "buying", "customer_id": each})
    for _day in range(4):
        run_due(travelling.crm, travelling.actor())
        travelling.clock.advance(days=1)
    travelling.clock.set(START)
    travelling.run("experience.friction.count")
    found = {each.step: each for each in travelling.all(FrictionStep)}
    step = found["flows:buying/second"]
    assert (step.customers, step.leading, step.certain) == (60, "drop", True)
    assert not found["flows:buying/first"].certain
    with travelling.crm.session(travelling.actor()) as session:
        titles = titles_of(session, ["flows:buying/second"])
    assert titles == {"flows:buying/second": ("Another day", "Buying")}


def test_without_service_and_feedback_they_have_nothing(base: Base) -> None:
    with base.crm.session(base.actor()) as session:
        span = span_of(session)
        assert [list(each.touches(session, span, "")) for each in SOURCES[1:]] == [[], [], [], []]
        assert titles_of(session, ["cases:x"]) == {"cases:x": ("x", "Cases")}
        assert titles_of(session, ["flows:x/y"]) == {"flows:x/y": ("x/y", "Flows")}


def test_another_room_adds_a_source(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = customers(base, 60)
    mine = Source(
        name="mine",
        title="Mine",
        effort="",
        touches=lambda session, span, step: [
            Touch(step="a" if place < 30 else "b", customer_id=each, dropped=place < 25)
            for place, each in enumerate(ids)
        ],
        titles=lambda session, steps: {each: (each.upper(), "Here") for each in steps},
    )
    monkeypatch.setattr(sources, "SOURCES", [*SOURCES, mine])
    from crmkit_experience.friction import counting

    monkeypatch.setattr(counting, "SOURCES", [*SOURCES, mine])
    base.run("experience.friction.count")
    first = min(base.all(FrictionStep), key=lambda each: each.place)
    assert (first.step, first.certain, first.customers) == ("mine:a", True, 30)
    with base.crm.session(base.actor()) as session:
        assert titles_of(session, ["mine:a"]) == {"mine:a": ("A", "Here")}
