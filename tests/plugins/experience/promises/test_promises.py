"""Promises: noting them, what becomes of them, and who sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from crmkit_experience.promises.errors import PromiseInState, SuggestionDecided
from crmkit_experience.promises.models import Promise, PromiseSuggestion

from crmkit import InvalidInput, NotFound, Refused
from tests.plugins.experience.promises.base import START, Base

DUE = datetime(2027, 3, 2, 23, tzinfo=UTC)
"""The end of 2 March in Berlin."""


def test_a_day_is_promised_until_its_end_in_the_zone(both: Base) -> None:
    made = both.get(Promise, both.promise(who="sam"))
    assert (made.due_at, made.whole_day, made.state) == (DUE, True, "open")
    assert made.owner_id == both.users["sam"]
    assert made.what == "Call about the kettle"


def test_a_time_is_needed_and_just_one(base: Base) -> None:
    wrong: list[dict[str, Any]] = [{"due_on": None}, {"due_at": "2027-03-05T10:00:00Z", "due_on": "2027-03-05"}]
    for more in wrong:
        with pytest.raises(InvalidInput, match="until which"):
            base.promise(**more)
    with pytest.raises(InvalidInput, match="over when"):
        base.promise(due_on="2027-02-01")
    with pytest.raises(InvalidInput, match="calendar"):
        base.promise(due_on="9999-12-31")


def test_kept_in_time_is_kept_and_later_is_broken_and_late(both: Base) -> None:
    one, two = both.promise(), both.promise(what="Send the lid")
    both.run("experience.promise.keep", target=one)
    both.clock.set(DUE + timedelta(hours=3))
    both.run("experience.promise.keep", {"outcome": "Sent"}, target=two)
    kept, late = both.get(Promise, one), both.get(Promise, two)
    assert (kept.state, kept.late, kept.done_at) == ("kept", False, START)
    assert (late.state, late.late, late.outcome) == ("broken", True, "Sent")
    assert both.fact("experience.promises_kept_share") == 0.5
    assert both.fact("experience.broken_promises_90_days") == 1
    assert both.fact("experience.open_promises") == 0


def test_what_was_done_in_time_may_be_said_later(base: Base) -> None:
    one = base.promise()
    base.clock.set(DUE + timedelta(days=3))
    while base.run("experience.promise.run_due"):
        pass
    assert base.get(Promise, one).state == "broken"
    base.run("experience.promise.keep", {"done_at": DUE - timedelta(hours=1)}, target=one)
    assert base.get(Promise, one).state == "kept"


def test_a_settled_promise_is_not_settled_again(base: Base) -> None:
    one = base.promise()
    base.run("experience.promise.break", target=one)
    with pytest.raises(PromiseInState):
        base.run("experience.promise.break", target=one)
    two = base.promise()
    base.run("experience.promise.withdraw", {"why": "not_wanted"}, target=two)
    with pytest.raises(PromiseInState):
        base.run("experience.promise.keep", target=two)
    assert base.fact("experience.broken_promises") == 1
    with pytest.raises(InvalidInput):
        base.run("experience.promise.keep", {"done_at": START - timedelta(days=1)}, target=base.promise())


def test_another_time_is_agreed_on_before_the_first_is_over(base: Base) -> None:
    one = base.promise()
    base.run("experience.promise.move", {"due_on": "2027-03-04"}, target=one)
    assert base.get(Promise, one).moved == 1
    base.clock.set(START + timedelta(days=9))
    with pytest.raises(InvalidInput, match="new promise"):
        base.run("experience.promise.move", {"due_on": "2027-03-20"}, target=one)


def test_time_breaks_what_nobody_settles(both: Base) -> None:
    one = both.promise(who="sam")
    assert both.run("experience.promise.run_due") == 0
    both.clock.set(DUE - timedelta(hours=3))
    assert both.run("experience.promise.run_due") == 1
    both.clock.set(DUE + timedelta(minutes=5))
    assert both.run("experience.promise.run_due") == 1
    assert both.get(Promise, one).state == "open"
    assert both.fact("experience.overdue_promises") == 1
    both.clock.set(DUE + timedelta(hours=25))
    assert both.run("experience.promise.run_due") == 1
    broken = both.get(Promise, one)
    assert (broken.state, broken.ended_at, broken.done_at, broken.ended_by_id) == ("broken", DUE, None, None)
    assert both.run("experience.promise.run_due") == 0
    with pytest.raises(Refused):
        both.run("experience.promise.run_due", who="sam")


def test_a_seller_sees_and_settles_nobody_elses(both: Base) -> None:
    mine, other = both.promise(who="sam"), both.promise("Bob", who="sid")
    assert [each.id for each in both.all(Promise, "sam")] == [mine]
    assert len(both.all(Promise, "mia")) == 2
    for name in ("keep", "break", "move"):
        with pytest.raises(NotFound):
            both.run(f"experience.promise.{name}", target=other, who="sam")
    with pytest.raises(NotFound):
        both.promise("Bob", who="sam")
    call = both.record("call", "Bob")
    with pytest.raises(NotFound):
        both.run(
            "experience.promise.from_record",
            {"record": f"interaction:{call}", "what": "x", "due_on": "2027-03-09"},
            who="sam",
        )


def test_a_promise_is_noted_from_an_interaction_or_a_customer(base: Base) -> None:
    call = base.record("call")
    values = {"what": "Send the lid", "kind": "deliver", "due_on": "2027-03-09"}
    made = base.run("experience.promise.from_record", {"record": f"interaction:{call}", **values})
    assert (made.ref, made.customer_id) == (f"interaction:{call}", base.customers["Ada"])
    made = base.run("experience.promise.from_record", {"record": f"customer:{base.customers['Bob']}", **values})
    assert (made.ref, made.customer_id) == (None, base.customers["Bob"])
    for wrong in ("interaction", "nothing:1", f"user:{base.users['sam']}"):
        with pytest.raises(InvalidInput):
            base.run("experience.promise.from_record", {"record": wrong, **values})
    with pytest.raises(InvalidInput, match="not about this customer"):
        base.promise("Bob", ref=f"interaction:{call}")


def test_an_outgoing_text_is_suggested_once_and_confirmed_by_a_person(both: Base) -> None:
    body = "Hello Ada, I will call you back tomorrow.\n> I will pay tomorrow."
    mail = both.record("email", who="sam", direction="out", body=body)
    both.record("email", direction="in", body="I will call you tomorrow.")
    (found,) = both.all(PromiseSuggestion, "sam")
    assert (found.kind, found.what, found.due_at) == ("call_back", "Hello Ada, I will call you back tomorrow.", DUE)
    assert found.owner_id == both.users["sam"]
    assert both.all(Promise) == []
    assert both.run("experience.promise.look", {"interaction_ids": [mail]}) == 0
    made = both.run("experience.promise_suggestion.confirm", target=found.id, who="sam")
    assert (made.due_at, made.whole_day, made.ref) == (DUE, True, f"interaction:{mail}")
    with pytest.raises(SuggestionDecided):
        both.run("experience.promise_suggestion.dismiss", target=found.id)
    assert both.all(PromiseSuggestion, "sid") == []


def test_a_call_looks_like_what_was_promised_until_a_person_says_so(base: Base) -> None:
    one = base.promise()
    base.clock.set(START + timedelta(hours=2))
    base.record("call", payload={"answered": False})
    base.record("call", direction="in")
    base.record("email", direction="out", body="Hello")
    assert base.get(Promise, one).proof_id is None
    call = base.record("call")
    found = base.get(Promise, one)
    assert (found.proof_id, found.state) == (call, "open")
    base.clock.set(DUE + timedelta(days=4))
    while base.run("experience.promise.run_due"):
        pass
    assert base.get(Promise, one).state == "open"
    base.run("experience.promise.keep", target=one)
    assert base.get(Promise, one).state == "kept"


def test_a_proof_that_was_none_is_put_aside(base: Base) -> None:
    one = base.promise()
    base.clock.set(START + timedelta(hours=2))
    base.record("call")
    base.run("experience.promise.unproven", target=one)
    assert base.get(Promise, one).proof_id is None


def test_owners_get_tasks_and_notices_where_work_is_enabled(beside: Base) -> None:
    from crmkit_work.api import Task
    from crmkit_work.notices.models import Notice

    one = beside.promise(who="sam")
    beside.clock.set(DUE - timedelta(hours=3))
    beside.run("experience.promise.run_due")
    task = beside.get(Promise, one).task_id
    assert beside.get(Task, task).owner_id == beside.users["sam"]
    told = [each for each in beside.all(Notice) if each.kind == "experience.promise"]
    assert [each.user_id for each in told] == [beside.users["sam"]]
    beside.run("experience.promise.keep", target=one, who="sam")
    beside.work()
    assert not beside.get(Task, task).is_open


def test_a_promise_for_another_time_gets_another_task(beside: Base) -> None:
    from crmkit_work.api import Task

    one = beside.promise(who="sam")
    beside.clock.set(DUE - timedelta(hours=3))
    beside.run("experience.promise.run_due")
    first = beside.get(Promise, one).task_id
    beside.run("experience.promise.move", {"due_on": "2027-03-03"}, target=one, who="sam")
    beside.work()
    assert not beside.get(Task, first).is_open
    beside.clock.set(DUE + timedelta(hours=3))
    beside.run("experience.promise.run_due")
    second = beside.get(Promise, one).task_id
    assert second not in (None, first)
    assert beside.get(Task, second).is_open


def test_the_lead_is_told_by_the_rule(beside: Base) -> None:
    one = beside.promise(who="sam")
    assert beside.run("experience.promise.tell_lead", target=one) is False


def test_promises_of_knowledge_are_listed_beside(beside: Base) -> None:
    from crmkit_experience.promises.reading import known_promises

    values = {"customer_id": beside.customers["Ada"], "topic": "follow_up", "text": "A lid", "due_on": "2027-03-05"}
    beside.run("knowledge.insight.note", values)
    for who, number in (("sam", 1), ("sid", 0), ("", 1)):
        with beside.crm.session(beside.actor(who)) as session:
            assert len(known_promises(session)) == number
    assert beside.all(Promise) == []
