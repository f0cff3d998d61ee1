"""Interactions read as a log: by whom, in which order, and what counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from crmkit_journey.discovery.mining import Trace
from crmkit_journey.discovery.reading import events_of_log
from crmkit_journey.discovery.words import LogChoice
from sqlalchemy import select

from crmkit import InvalidInput, Refused, Role
from tests.plugins.journey.base import Base


def log_of(base: Base, who: str = "max", **choice: Any) -> list[Trace]:
    """Return what somebody reads."""
    with base.crm.session(base.actor(who)) as session:
        return events_of_log(session, LogChoice(**choice))


def ways(log: list[Trace]) -> list[str]:
    """Return the activities of each case."""
    return sorted(" ".join(each.activities) for each in log)


def test_cases_are_customers_or_threads(both: Base) -> None:
    for who, kind, thread in (
        ("Ada", "call", "x"),
        ("Ada", "email", "x"),
        ("Bob", "call", "y"),
        ("Bob", "meeting", "x"),
    ):
        both.happen(who, kind, thread=thread)
        both.clock.advance(minutes=1)
    assert ways(log_of(both)) == ["call email", "call meeting"]
    assert ways(log_of(both, by="thread")) == ["call", "call email meeting"]
    assert ways(log_of(both, kinds=("call",), activity="kind")) == ["call", "call"]


def test_of_one_kind_outcomes_are_activities_and_else_subjects(both: Base) -> None:
    both.happen("Ada", "note", outcome="asked", subject="One")
    both.happen("Ada", "note", outcome="answered", subject="Two")
    both.happen("Bob", "call", subject="Three")
    assert ways(log_of(both)) == ["call", "note note"]
    assert ways(log_of(both, kinds=("note",))) == ["asked answered"]
    assert ways(log_of(both, "", kinds=("note",), activity="subject")) == ["One Two"]
    assert ways(log_of(both, "", kinds=("call",))) == ["Three"]
    assert ways(log_of(both, kinds=("call",))) == ["T****"]
    assert ways(log_of(both, activity="outcome")) == ["asked answered", "call"]


def test_what_was_reversed_did_not_happen(both: Base) -> None:
    gone = both.happen("Ada", "purchase")
    both.happen("Ada", "call")
    both.run("interaction.reverse", {"reason": "a mistake"}, target=gone)
    assert ways(log_of(both)) == ["call"]


def test_days_are_included_and_must_be_in_order(base: Base) -> None:
    base.happen("Ada", "call")
    base.clock.advance(days=1)
    base.happen("Ada", "email")
    day = date(2027, 3, 1)
    assert ways(log_of(base, since=day, until=day)) == ["call"]
    assert ways(log_of(base, since=day + timedelta(days=1))) == ["email"]
    assert ways(log_of(base, until=date.max)) == ["call email"]
    with pytest.raises(InvalidInput):
        log_of(base, since=day, until=day - timedelta(days=1))


def test_nobody_reads_what_they_may_not_see(both: Base) -> None:
    """Who lacks the right is refused; who has it and sees their own customers alone reads of these alone."""
    both.happen("Ada", "call")
    both.happen("Bob", "email")
    both.run("customer.assign", {"owner_id": both.users["sam"]}, target=both.customers["Bob"])
    both.run("customer.assign", {"owner_id": both.users["max"]}, target=both.customers["Ada"])
    with pytest.raises(Refused):
        log_of(both, "sam")
    with both.crm.session(both.actor()) as session:
        seller = session.scalars(select(Role.id).where(Role.name == "seller")).one()
    right = {"resource": "journey.discovery", "action": "read", "scope": "all"}
    both.run("role.grant", right, target=seller)
    assert ways(log_of(both, "sam")) == ["email"]
    assert ways(log_of(both)) == ["call", "email"]
