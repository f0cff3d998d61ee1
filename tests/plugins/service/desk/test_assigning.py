"""Whose a case is: never somebody's who is not there, with the load that each channel counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmkit_service.cases.models import Case
from crmkit_service.desk.assigning import give_out_waiting, reopened
from crmkit_service.desk.errors import AgentAway
from crmkit_work.assignment.models import OpenWork
from sqlalchemy import select

from crmkit.errors import InvalidInput
from tests.plugins.service.desk.agents import SYSTEM, number_of, opened, user
from tests.web.conftest import Web


def away(web: Web, *logins: str) -> None:
    """Have some people be away."""
    for login in logins:
        values = {"user_id": web.users[login], "presence": "away"}
        web.crm.run(SYSTEM, "work.person.set_presence", values)


def there(web: Web, login: str) -> None:
    """Have somebody be there."""
    web.crm.run(SYSTEM, "work.person.set_presence", {"user_id": web.users[login], "presence": "available"})


def loads(web: Web) -> dict[str, tuple[Any, int]]:
    """Return whose cases are open work and how much each counts, by number of the case."""
    with web.crm.session(SYSTEM) as session:
        numbers = {f"service.case:{each.id}": str(each.number) for each in session.scalars(select(Case))}
        rows = session.scalars(select(OpenWork).where(OpenWork.ref.startswith("service.case:")))
        return {numbers[each.ref]: (each.user_id, each.units) for each in rows}


def tick(web: Web) -> None:
    """Let the job run that gives out what waits."""
    with web.crm.transaction(SYSTEM) as session:
        give_out_waiting(session, session.gate.clock.now())


def test_a_case_in_a_queue_is_given_to_somebody_who_is_there(desk: Web) -> None:
    """And waits where nobody is."""
    away(desk, "mia")
    case = opened(desk.crm, desk.customers["Sofia Rossi"], queue="help")
    desk.crm.worker().run_until_idle()
    assert number_of(desk.crm, case.id).owner_id == desk.users["sue"]
    away(desk, "sue")
    other = opened(desk.crm, desk.customers["Sofia Rossi"], "Another", queue="help")
    desk.crm.worker().run_until_idle()
    assert number_of(desk.crm, other.id).owner_id is None
    there(desk, "mia")
    tick(desk)
    assert number_of(desk.crm, other.id).owner_id == desk.users["mia"]


def test_a_reopened_case_never_goes_to_somebody_absent(sqlite_web: Web) -> None:
    """Who had it keeps it while they are there (chatwoot#10739)."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    sue = user(crm, "sue")
    crm.run(sue, "service.case.take", {}, target=case)
    crm.run(SYSTEM, "service.case.move", {"queue": "help"}, target=case)
    for state in ("resolved", "reopened"):
        crm.run(SYSTEM, "service.case.set_state", {"state": state}, target=case)
    crm.worker().run_until_idle()
    assert number_of(crm, case.id).owner_id == sqlite_web.users["sue"]
    now = crm.clock.now()
    absence = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=2), "kind": "holiday"}
    crm.run(SYSTEM, "service.case.set_state", {"state": "resolved"}, target=case)
    crm.run(SYSTEM, "work.absence.create", {"user_id": sqlite_web.users["sue"], **absence})
    crm.run(SYSTEM, "service.case.set_state", {"state": "reopened"}, target=case)
    crm.worker().run_until_idle()
    assert number_of(crm, case.id).owner_id == sqlite_web.users["mia"]


def test_who_is_away_is_given_nothing_by_hand_either(sqlite_web: Web) -> None:
    """Unless that is meant."""
    crm = sqlite_web.crm
    away(sqlite_web, "mia")
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    sue, mia = user(crm, "sue"), sqlite_web.users["mia"]
    with pytest.raises(AgentAway, match="Mia Manager is not there"):
        crm.run(sue, "service.case.assign", {"owner_id": mia}, target=case)
    crm.run(sue, "service.case.assign", {"owner_id": mia, "anyway": True}, target=case)
    assert number_of(crm, case.id).owner_id == mia


def test_a_case_counts_by_its_channel_while_it_is_open(sqlite_web: Web) -> None:
    """A call counts three; one that waits counts nothing."""
    crm, sofia = sqlite_web.crm, sqlite_web.customers["Sofia Rossi"]
    sue = user(crm, "sue")
    call, form = opened(crm, sofia, "Call", channel="phone"), opened(crm, sofia, "Form")
    for case in (call, form):
        crm.run(sue, "service.case.take", {}, target=case)
    own = sqlite_web.users["sue"]
    assert loads(sqlite_web) == {str(call.number): (own, 3), str(form.number): (own, 1)}
    crm.run(sue, "service.case.set_state", {"state": "waiting_customer"}, target=call)
    assert loads(sqlite_web) == {str(form.number): (own, 1)}
    crm.run(SYSTEM, "service.case.receive", {"body": "Here I am"}, target=call)
    assert loads(sqlite_web) == {str(call.number): (own, 3), str(form.number): (own, 1)}


def test_a_case_is_handed_on_with_a_note(sqlite_web: Web) -> None:
    """To a queue it is given out there; to a person it is theirs."""
    crm = sqlite_web.crm
    away(sqlite_web, "sue")
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    sue = user(crm, "sue")
    crm.run(sue, "service.case.take", {}, target=case)
    crm.run(sue, "service.case.transfer", {"note": "She is angry.", "queue": "help"}, target=case)
    assert number_of(crm, case.id).owner_id == sqlite_web.users["mia"]
    with pytest.raises(InvalidInput, match="to which queue or to whom"):
        crm.run(sue, "service.case.transfer", {"note": "Nowhere"}, target=case)


def test_the_queue_decides_again(sqlite_web: Web) -> None:
    """Of a case in no queue there is nothing to decide."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    with pytest.raises(InvalidInput, match="in no queue"):
        crm.run(user(crm, "mia"), "service.case.give_out", {}, target=case)


def test_what_is_gone_is_not_given_out(sqlite_web: Web) -> None:
    """An event that comes late about a case that is over does nothing."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    crm.run(SYSTEM, "service.case.set_state", {"state": "resolved"}, target=case)
    with crm.transaction(SYSTEM) as session:
        event = type("Event", (), {"case_id": case.id})
        reopened(session, event)
    assert number_of(crm, case.id).owner_id is None
