"""What is known of a customer as facts, on any day and as it was known on any day."""

from __future__ import annotations

from datetime import date, timedelta

from crmkit import customers_where
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.insights.known import DAY, START, act, customer, due, facts, noted, promised

COUNTS = ("insights", "preferences", "constraints", "known_facts", "open_promises")


def test_facts_count_what_holds(both: Base) -> None:
    lin = customer(both)
    noted(both, lin)
    noted(both, lin, text="Glass")
    noted(both, lin, "allergy", "Nuts")
    noted(both, lin, "situation", "Moved to Bremen")
    promised(both, lin, 4)
    promised(both, lin, 2)
    assert facts(both, lin, *COUNTS) == (5, 1, 1, 1, 2)
    assert facts(both, lin, "next_promise_on", "last_learnt_at") == (date(2027, 3, 3), START)
    assert facts(both, lin, "insight_topics") == (["allergy", "follow_up", "packaging", "situation"],)
    both.clock.advance(days=3)
    assert facts(both, lin, "open_promises", "overdue_promises") == (2, 1)


def test_facts_know_what_was_when(both: Base) -> None:
    lin = customer(both)
    noted(both, lin, "contact_time", expires_on=date(2027, 3, 10))
    found = promised(both, lin, 2)
    both.clock.advance(days=5)
    act(both, "break", found)
    both.clock.advance(days=20)
    due(both)
    names = ("insights", "open_promises", "overdue_promises", "broken_promises")
    assert facts(both, lin, *names) == (0, 0, 0, 1)
    assert facts(both, lin, *names, as_of=START + DAY) == (2, 1, 0, 0)
    assert facts(both, lin, *names, as_of=START + 4 * DAY) == (2, 1, 1, 0)
    assert facts(both, lin, *names, as_of=START + 6 * DAY) == (1, 0, 0, 1)
    assert facts(both, lin, "insight_topics", as_of=START + 6 * DAY) == (["contact_time"],)
    assert facts(both, lin, *names, as_of=START - DAY) == (0, 0, 0, 0)


def test_what_was_noted_late_was_not_known_before(both: Base) -> None:
    lin = customer(both)
    noted(both, lin)
    before = START + timedelta(hours=1)
    both.clock.advance(days=1)
    noted(both, lin, "allergy", "Nuts", learnt_at=START - 10 * DAY)
    early = START - 5 * DAY
    assert facts(both, lin, "insights", as_of=early) == (1,)
    assert facts(both, lin, "insights", as_of=early, known_at=before) == (0,)
    assert facts(both, lin, "insights", as_of=START, known_at=before) == (1,)


def test_what_expired_does_not_count_before_it_is_marked(base: Base) -> None:
    lin = customer(base)
    noted(base, lin, expires_on=date(2027, 3, 2))
    base.clock.advance(days=1)
    assert facts(base, lin, "insights") == (1,)
    base.clock.advance(days=1)
    assert facts(base, lin, "insights") == (0,)
    due(base)
    assert facts(base, lin, "insights", as_of=START + DAY) == (1,)


def test_customers_are_found_by_what_is_known_of_them(both: Base) -> None:
    lin, wang = customer(both), customer(both, "Wang")
    noted(both, lin, "allergy", "Nuts")
    promised(both, wang, 2)
    with both.crm.session(both.actor()) as session:
        for condition, who in (
            ('"allergy" in knowledge.insight_topics', lin),
            ("days_until(knowledge.next_promise_on) <= 3", wang),
        ):
            assert session.scalars(customers_where(session, condition)).all() == [who]
