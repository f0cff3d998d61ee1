"""Two workers that plan and ask at the same moment ask nobody twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from crmkit_feedback.asking.models import Invitation
from sqlalchemy import event

from tests.plugins.feedback.asking.studio import SYSTEM, Studio


def together(studio: Studio, runs: list[tuple[str, UUID]]) -> list[int]:
    """Run operations in threads that begin at once, each in a transaction of its own; return what each gives."""
    gate = Barrier(len(runs))

    def one(name: str, target: UUID) -> int:
        gate.wait(10)
        found: int = studio.crm.run(SYSTEM, name, target=target)
        return found

    with ThreadPoolExecutor(len(runs)) as pool:
        return [each.result(60) for each in [pool.submit(one, *run) for run in runs]]


def test_planned_at_once_everybody_is_planned_once(both: Studio) -> None:
    """Who comes second finds them planned."""
    both.customers(12)
    both.survey()
    one = both.distribution()
    planned = together(both, [("feedback.distribution.plan", one)] * 2)
    assert sorted(planned) == [0, 12]
    assert set(Counter(each.customer_id for each in both.invitations(one)).values()) == {1}


def test_asked_at_once_everybody_gets_one_message(both: Studio) -> None:
    """By mail, of the same distribution."""
    both.customers(12)
    both.survey()
    one = both.distribution(way="mail")
    both.run("feedback.distribution.plan", target=one)
    together(both, [("feedback.distribution.ask", one)] * 2)
    assert both.states(one) == {"sent": 12}
    assert len(both.messages()) == 12


def test_two_surveys_at_once_ask_a_customer_once(both: Studio) -> None:
    """The quarantine of the first holds for the second, whichever it is."""
    both.customers(12)
    both.survey("first")
    both.survey("second")
    one, two = both.distribution("one", "first"), both.distribution("two", "second")
    for each in (one, two):
        both.run("feedback.distribution.plan", target=each)
    together(both, [("feedback.distribution.ask", one), ("feedback.distribution.ask", two)])
    asked = Counter(each.customer_id for each in both.invitations() if each.state == "sent")
    assert len(asked) == 12
    assert set(asked.values()) == {1}


@pytest.mark.parametrize("by", ["system", "mia"])
def test_ending_is_one_statement(studio: Studio, by: str) -> None:
    """However many were planned, and whoever ends it; what was asked stays as it is."""
    studio.customers(6)
    studio.customer("Not of the team", owner_id=None, team_id=None)
    studio.survey()
    one = studio.distribution()
    studio.run("feedback.distribution.plan", target=one)
    statements: list[str] = []
    engines = studio.crm.engines

    def seen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("UPDATE " + Invitation.__tablename__.upper()):
            statements.append(statement)

    event.listen(engines.base, "before_cursor_execute", seen)
    studio.run("feedback.distribution.end", target=one, by=SYSTEM if by == "system" else by)
    assert len(statements) == 1
    studio.work()
    assert studio.states(one) == {"expired": 7}
