"""What is read of service levels: the pages, why a case is due, what a change would do, facts and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from crmkit_service.sla.models import Policy
from crmkit_service.sla.previewing import preview
from crmkit_service.sla.reading import due_cases, levels_of
from crmkit_service.sla.terms import parse_terms
from sqlalchemy import select

from crmkit import Actor, customers_where
from crmkit.testing import Clients
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.plugins.service.cases.conftest import Base
from tests.plugins.service.sla.conftest import later, opened, tick

__all__ = ["crmkit", "pristine"]

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clients(desk: Base) -> Iterator[Clients]:
    """Browsers of people at the base."""
    made = Clients(crm=desk.crm)
    yield made
    made.close()


def usual(desk: Base) -> UUID:
    """Return the id of the shipped policy that holds for everybody."""
    with desk.crm.session(desk.system) as session:
        return session.scalars(select(Policy.id).where(Policy.name == "usual")).one()


def test_what_is_due_comes_in_order(desks: Base) -> None:
    """What is overdue stands before what is due later; what waits or is over is not there."""
    low, urgent, high = (opened(desks, priority=each) for each in ("low", "urgent", "high"))
    waiting = opened(desks)
    desks.run("service.case.set_state", {"state": "resolved"}, target=waiting)
    with desks.crm.session(desks.system) as session:
        assert [each.id for each in session.scalars(due_cases())] == [urgent, high, low]


def test_a_case_says_why_it_is_due_then(desk: Base) -> None:
    """The clocks of a case, their lines, and every policy that was judged until one held, with the reason."""
    case = opened(desk)
    later(desk, 9)
    with desk.crm.session(desk.system) as session:
        levels = levels_of(session, desk.case(case))
    assert [(each.policy.name, each.why) for each in levels.judged] == [
        ("premium", "condition"),
        ("extended", "condition"),
        ("complaints", "type"),
        ("usual", ""),
    ]
    assert [line.kind for line in levels.clocks[0].lines] == ["started", "counted", "closed", "due"]
    assert levels.due.due_at == NINE + timedelta(hours=8)


def test_a_change_is_shown_before_it_is_made(desk: Base) -> None:
    """A preview counts who would be due sooner and late at once, and changes nothing."""
    case = opened(desk)
    opened(desk, priority="urgent")
    later(desk, 1)
    with desk.crm.session(desk.system) as session:
        policy = session.get_one(Policy, usual(desk))
        found = preview(session, policy, parse_terms("first_response: urgent 1h, normal 30m\nresolution: 40h"))
    assert (found.looked_at, found.sooner, found.later, found.newly_late) == (2, 1, 0, 1)
    assert (found.moved[0].case_id, found.moved[0].after) == (case, NINE + timedelta(minutes=30))
    assert desk.case(case).due_at == NINE + timedelta(hours=8)


def test_facts_say_what_is_due_and_late(desks: Base) -> None:
    """Segments and rules can ask when the next target is due, and how many were missed."""
    opened(desks, priority="urgent")
    later(desks, 2)
    tick(desks)
    condition = "service.breached == 1 and service.missed_targets == 1 and service.met_targets == 0"
    with desks.crm.session(desks.system) as session:
        found = session.scalars(customers_where(session, condition)).all()
    assert found == [desks.customer]


def test_the_pages_show_policies_and_reasons(desk: Base, clients: Clients) -> None:
    """Whoever sees everything sees policies, one with what a change would do, and the reasons of a case."""
    boss = desk.user("boss", "admin")
    case = opened(desk, priority="urgent")
    later(desk, 2)
    tick(desk)
    client = clients(Actor.user(boss, "Boss"))
    page = client.get("/modules/service/sla").text
    assert ("Usual service" in page, "75% owner" in page, "resolution" not in page) == (True, True, True)
    policy = client.get("/modules/service/sla/policy", params={"id": str(usual(desk)), "terms": "resolution: 30m"}).text
    assert "Would be due" in policy
    wrong = client.get("/modules/service/sla/policy", params={"id": str(usual(desk)), "terms": "resolution: soon"}).text
    assert "soon" in wrong
    assert "is no target" in wrong
    reasons = client.get(f"/modules/service/sla/case?id={case}").text
    assert ("Counts: working time of office" in reasons, "What escalated" in reasons) == (True, True)
    assert client.get("/modules/service/sla/case?id=nothing").status_code == 404
    assert client.get("/modules/service/sla/policy?id=nothing").status_code == 404


def test_who_may_not_change_them_sees_no_buttons(desk: Base, clients: Clients) -> None:
    """An agent reads the policies and cannot change them."""
    agent = desk.user("ann", "service_agent")
    page = clients(Actor.user(agent, "Ann")).get("/modules/service/sla")
    assert (page.status_code, "service.sla_policy.create" in page.text) == (200, False)


def test_the_command_line_explains(crmkit: Crmkit) -> None:
    """Policies are listed, made and tried, and a case is explained, for people and as JSON."""
    crmkit.has("work", "service")
    crmkit.ok("customer", "add", "name=Ada", "email=ada@x.example")
    crmkit.ok("service", "case", "new", "ada@x.example", "The kettle", "--priority", "urgent")
    sla = ("service", "sla")
    assert [each["name"] for each in crmkit.json(*sla, "policies")["items"]] == [
        "premium",
        "extended",
        "complaints",
        "usual",
    ]
    assert crmkit.json(*sla, "new", "night", "--terms", "first_response: 1h / resolution: 2h")["name"] == "night"
    found = crmkit.json(*sla, "explain", "1001")
    assert (found["due_clock"], found["clocks"][0]["target_seconds"]) == ("first_response", 3600)
    assert "Starts, as the case was opened" in crmkit.ok(*sla, "explain", "1001").out
    assert [each["case"] for each in crmkit.json(*sla, "due")["items"]] == [1001]
    assert crmkit.json(*sla, "preview", "usual", "--terms", "first_response: 10m")["sooner"] == 1
    crmkit.ok(*sla, "recompute")
