"""Effort as it is computed of cases and threads, what is made of it, and who sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmkit_experience.effort.models import EffortDay, EffortIssue
from crmkit_experience.effort.validating import pairs_with_ces
from sqlalchemy import select

from crmkit import CrmkitError
from tests.plugins.experience.reviews.base import START, Base


def spoken(base: Base, hours: float, kind: str = "email", direction: str = "in", who: str = "", **more: Any) -> None:
    """Record something that was said in one thread with Ada."""
    values = {
        "kind": kind,
        "direction": direction,
        "customer_id": base.customers["Ada"],
        "occurred_at": (START + timedelta(hours=hours)).isoformat(),
        "thread": "kettle",
        **more,
    }
    base.run("interaction.record", values, who=who)


def talk(base: Base) -> None:
    """Have a thread of three contacts by two channels with two colleagues."""
    spoken(base, 0, body="Hello. When will my kettle come?")
    spoken(base, 4, direction="out", who="sam", body="Soon.")
    spoken(base, 10, body="Again: when will my kettle come?")
    spoken(base, 12, direction="out", who="sid", body="Soon.")
    spoken(base, 20, kind="call", channel="phone", body="Where is it?")
    spoken(base, 24, kind="call", direction="out", who="sid", channel="phone", body="Here.")


def refresh(base: Base) -> int:
    """Compute effort."""
    found: int = base.run("experience.effort.refresh", {})
    return found


def test_a_thread_has_an_index_that_can_be_explained(both: Base) -> None:
    talk(both)
    both.clock.advance(days=2)
    assert refresh(both) == 1
    (issue,) = both.all(EffortIssue)
    counted = (issue.contacts, issue.switches, issue.transfers, issue.repeats, issue.wait_minutes)
    assert counted == (3, 1, 1, 0, 600)
    # 25 * 2/5 + 15 * 1/3 + 20 * 1/3 + 10 * 10/16 + 10 * 2/14, while it is open
    assert issue.index == pytest.approx(10 + 5 + 20 / 3 + 6.25 + 10 * 2 / 14, abs=1e-3)
    assert sum(each["points"] for each in issue.parts.values()) == pytest.approx(issue.index, abs=1e-3)
    assert issue.ended_at is None
    assert both.fact("experience.effort_open_max") == pytest.approx(issue.index, abs=1e-3)
    both.clock.advance(days=8)
    refresh(both)
    (over,) = both.all(EffortIssue)
    assert over.ended_at == START + timedelta(hours=24)
    assert over.id == issue.id
    assert both.fact("experience.effort_open_max") is None
    assert both.fact("experience.effort_last_index") == pytest.approx(over.index, abs=1e-3)
    assert both.fact("experience.effort_mean_90_days", "Bob") is None
    with both.crm.session(both.actor()) as session:
        assert len(session.scalars(select(EffortDay)).all()) == 2


def test_questions_that_are_asked_again_count(base: Base) -> None:
    spoken(base, 0, body="Hi. When will my kettle come?")
    spoken(base, 4, direction="out", who="sam", body="Soon.")
    spoken(base, 10, body="Once more! when will  my KETTLE come ?")
    refresh(base)
    (issue,) = base.all(EffortIssue)
    assert issue.repeats == 1


def test_computing_twice_changes_nothing(both: Base) -> None:
    talk(both)
    both.clock.advance(days=30)
    refresh(both)
    before = both.all(EffortIssue)
    refresh(both)
    assert [(each.id, each.version) for each in both.all(EffortIssue)] == [(each.id, each.version) for each in before]


def test_cases_count_transfers_and_what_was_said(both: Base) -> None:
    made = both.run(
        "service.case.create",
        {"customer_id": both.customers["Ada"], "subject": "Kettle"},
    )
    for who in ("sam", "sid", "sue"):
        both.run("service.case.assign", {"owner_id": both.users[who]}, target=made.id)
        both.clock.advance(hours=1)
    refresh(both)
    found = next(each for each in both.all(EffortIssue) if each.unit == "case")
    assert found.ref == f"service.case:{made.id}"
    assert (found.contacts, found.transfers) == (1, 2)
    assert found.owner_id == both.users["sue"]


def test_the_framework_alone_computes_and_who_may_asks_for_it(base: Base) -> None:
    talk(base)
    base.clock.advance(days=2)
    with pytest.raises(CrmkitError):
        base.run("experience.effort.refresh", {}, who="mia")
    base.run("experience.effort.recompute", {}, who="mia")
    base.later()
    assert len(base.all(EffortIssue)) == 1
    with pytest.raises(CrmkitError):
        base.run("experience.effort.recompute", {}, who="sam")


def test_reports_tell_groups_apart_and_hold_effort_against_answers(base: Base) -> None:
    talk(base)
    base.clock.advance(days=2)
    refresh(base)
    rows = base.report("experience.effort", period="2027-03-01..2027-03-31", by="channel")
    assert [(row["group"], row["issues"]) for row in rows] == [("email", 1)]
    assert base.report("experience.effort_said")[0]["answers"] == 0
    assert base.report("experience.touchpoints") == []
    with base.crm.session(base.actor()) as session:
        assert pairs_with_ces(session, START, START + timedelta(days=9)) == []


def test_colleagues_do_not_see_the_effort_of_customers_they_do_not_see(both: Base) -> None:
    talk(both)
    both.clock.advance(days=2)
    refresh(both)
    stranger = both.run("user.create", {"login": "eve", "name": "Eve"}).id
    both.run("user.assign_role", {"role": "seller"}, target=stranger)
    both.users["eve"] = stranger
    assert both.all(EffortIssue, "eve") == []
    assert len(both.all(EffortIssue, "sam")) == 1
