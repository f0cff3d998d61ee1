"""Calls that are noted, requests of other systems, channels that are set up, and time that is spent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from crmkit_service.channels.models import Handling
from sqlalchemy import select

from crmkit import InvalidInput, NotFound
from crmkit.app import CRM
from crmkit.errors import AlreadyExists
from tests.plugins.service.channels.conftest import SYSTEM, Desk


def test_a_call_opens_a_case_and_answers_it(desk: Desk) -> None:
    """Somebody spoke with the customer: the first answer is there, the time is noted, and it is the agent's case."""
    call = {"customer_id": desk.customer_id, "subject": "Invoice", "body": "Wants a copy.", "minutes": 6}
    case = desk.run("service.call.log", call)
    assert (case.channel, case.state, case.owner_id) == ("phone", "open", desk.agent_id)
    assert desk.happened(case)[-3:] == ["customer_message", "agent_message", "state"]
    assert desk.said(case) == [("in", "Wants a copy.", False)]
    with desk.crm.session(SYSTEM) as session:
        assert session.scalars(select(Handling.seconds)).all() == [360]


def test_a_call_goes_into_a_case_and_may_solve_it(small: Desk) -> None:
    """By its number; a call of ours is an answer."""
    small.mail()
    (case,) = small.cases()
    call: dict[str, Any] = {"customer_id": small.customer_id, "body": "Explained it.", "number": case.number}
    small.run("service.call.log", {**call, "direction": "out", "solved": True})
    (case,) = small.cases()
    assert (case.state, small.said(case)[-1]) == ("resolved", ("out", "Explained it.", False))
    small.run("service.call.log", {**call, "body": "It came back."})
    (case,) = small.cases()
    assert (case.state, case.reopened) == ("open", 1)


def test_a_call_about_somebody_elses_case_is_refused(small: Desk) -> None:
    """And one about nothing."""
    small.mail(sender="bo@other.example")
    (case,) = small.cases()
    with pytest.raises(InvalidInput):
        small.crm.run(
            SYSTEM, "service.call.log", {"customer_id": small.customer_id, "body": "Hi", "number": case.number}
        )
    with pytest.raises(InvalidInput):
        small.run("service.call.log", {"customer_id": small.customer_id, "body": "Hi"})


REQUEST = {"source": "shop", "external_id": "r-1", "email": "ada@customer.example", "text": "Where is it?\nSince May."}


def test_another_system_reports_a_request_once(desk: Desk) -> None:
    """However often it comes, there is one case."""
    first = desk.crm.run(SYSTEM, "service.request.capture", {**REQUEST, "priority": "high"})
    again = desk.crm.run(SYSTEM, "service.request.capture", REQUEST)
    assert (first.id, first.case_id) == (again.id, again.case_id)
    (case,) = desk.cases()
    assert (case.subject, case.priority, case.channel, case.customer_id) == (
        "Where is it?",
        "high",
        "api",
        desk.customer_id,
    )


def test_an_agents_request_is_settled_a_moment_later(small: Desk) -> None:
    """As whoever hands it in may not see all customers."""
    made = small.run("service.request.capture", {**REQUEST, "email": "new@x.example", "name": "New"})
    assert (made.state, made.case_id) == ("waiting", None)
    small.work()
    assert [each.subject for each in small.cases()] == ["Where is it?"]


def test_what_cannot_be_settled_says_why(small: Desk) -> None:
    """It is kept with the code, and can be tried again."""
    small.run("service.request.capture", {**REQUEST, "queue": "nowhere"})
    small.work()
    assert (small.intakes(), small.cases()) == ([("failed", None)], [])


def test_a_mailbox_needs_messaging(lite: CRM) -> None:
    """Without it a channel for mail says what it needs, and a form works."""
    given = {"name": "help", "title": "Help", "kind": "mail", "mailbox": "support"}
    with pytest.raises(Exception, match="need the plugin messaging"):
        lite.run(SYSTEM, "service.channel.create", given)
    assert lite.run(SYSTEM, "service.channel.create", {**given, "kind": "form"}).mailbox is None


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"mailbox": "nowhere"}, NotFound),
        ({"mailbox": "support"}, AlreadyExists),
        ({"mailbox": None}, InvalidInput),
        ({"name": "Not A Name"}, InvalidInput),
        ({"name": "support"}, AlreadyExists),
        ({"kind": "form", "fields": [{"field": "text"}]}, InvalidInput),
        ({"kind": "form", "fields": [{"field": "email"}]}, InvalidInput),
        ({"kind": "form", "origins": ["javascript:x"]}, InvalidInput),
        ({"kind": "form", "purposes": ["nonsense"]}, InvalidInput),
    ],
)
def test_a_channel_that_cannot_be_is_refused(small: Desk, values: dict[str, Any], error: type[Exception]) -> None:
    """With what is wrong."""
    given = {"name": "help", "title": "Help", "kind": "mail", "mailbox": "other", **values}
    with pytest.raises(error):
        small.crm.run(SYSTEM, "service.channel.create", given)


def test_what_an_hour_costs_is_set_by_day(small: Desk) -> None:
    """A second rate of the same day stands in place of the first."""
    for minor in (3000, 4200):
        given = {"since": date(2026, 1, 1), "hourly_minor": minor, "usual_minutes": 4}
        rate = small.crm.run(SYSTEM, "service.cost.set", given)
    assert (rate.hourly_minor, rate.usual_seconds) == (4200, 240)
