"""Cases by REST and in the pages of records, and what becomes of them when customers are merged or erased."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from crmkit_service.cases.models import Case, CaseEvent, CaseMessage
from crmkit_service.cases.talking import thread_of
from sqlalchemy import func, select
from starlette.testclient import TestClient

from crmkit.app import CRM
from crmkit.engines.search.searching import search
from tests.plugins.service.cases.conftest import Base, opened


def test_cases_go_over_when_customers_are_merged(crm: CRM) -> None:
    """With what was said and what happened; undone they come back."""
    base = Base.of(crm)
    other = base.run("customer.create", {"name": "Lin Wu"}).id
    case = opened(base, body="Broken", type="complaint")
    base.run("service.case.note", {"body": "Careful"}, target=case)
    done = base.run("customer.merge", {"absorb": base.customer}, target=other)
    with crm.session(base.system) as session:
        found = session.get_one(Case, case)
        assert found.customer_id == other
        assert [each.body for each in thread_of(session, found)] == ["Broken", "Careful"]
        assert set(session.scalars(select(CaseEvent.customer_id))) == {other}
    base.run("customer.unmerge", {"merge": done.merge_id}, target=other)
    assert base.case(case).customer_id == base.customer


def test_nothing_is_left_of_a_customer_who_is_erased(crm: CRM) -> None:
    """Cases, messages and events go with the customer."""
    base = Base.of(crm)
    case = opened(base, body="Broken", type="complaint")
    base.run("service.after_sale.create", {"kind": "repair", "case_id": case})
    base.run("privacy.erase", {"reason": "asked for"}, target=base.customer)
    with crm.session(base.system) as session:
        for model in (Case, CaseMessage, CaseEvent):
            assert session.scalar(select(func.count()).select_from(model)) == 0


def test_a_case_is_found_by_its_subject(lite: CRM) -> None:
    """In the search of everything, as whoever looks may see."""
    base = Base.of(lite)
    case = opened(base, subject="The copper kettle does not whistle")
    lite.worker().run_until_idle()
    with lite.session(base.system) as session:
        found = search(session, "whistle", within=["service.case"])
        assert [each.ref for each in found.hits] == [f"service.case:{case}"]


def test_the_history_follows_whoever_cases_are_left_to(crm: CRM) -> None:
    """When somebody leaves, the new owner stands in the history of each case."""
    base = Base.of(crm)
    ann, bob = (base.user(login, "service_agent") for login in ("ann", "bob"))
    case = opened(base, owner_id=ann)
    base.run("user.hand_over", {"to_id": bob}, target=ann)
    crm.worker().run_until_idle()
    assert [each for each in base.history(case) if each[0] == "owner"] == [
        ("owner", "", str(ann)),
        ("owner", str(ann), str(bob)),
    ]


def test_two_who_bring_the_same_at_once_open_one_case(crm: CRM) -> None:
    """Another system that does not wait for the answer and tries again: one case, and one message in it."""
    base = Base.of(crm)
    new = {"customer_id": base.customer, "subject": "Broken", "source": "app", "external_id": "1"}
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _each: base.run("service.case.create", new).id, range(4)))
    assert len(set(made)) == 1
    said = {"body": "More", "source": "app", "external_id": "m1"}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _each: base.run("service.case.receive", said, target=made[0]), range(4)))
    with crm.session(base.system) as session:
        assert session.scalar(select(func.count(CaseMessage.id))) == 1


def test_cases_by_rest(lite: CRM) -> None:
    """Another system opens a case, adds what the customer said, and reads where it stands; an illegal move is a
    conflict that says what is allowed."""
    base = Base.of(lite)
    ann = base.user("ann", "service_agent")
    secret = base.run("token.create", {"name": "desk", "user_id": ann, "scopes": ["*"]}).token
    with TestClient(lite.asgi(), base_url="http://localhost", headers={"Authorization": f"Bearer {secret}"}) as client:
        new = {"customer_id": str(base.customer), "subject": "Broken", "body": "It is broken.", "channel": "chat"}
        made = client.post("/api/v1/service.case", json=new)
        assert made.status_code == 201
        case = made.json()["id"]
        client.post(f"/api/v1/service.case/{case}/receive", json={"body": "Hello?"})
        client.post(f"/api/v1/service.case/{case}/reply", json={"body": "Yes.", "state": "resolved"})
        found = client.get(f"/api/v1/service.case/{case}").json()
        assert (found["number"], found["state"], found["subject"]) == (1001, "resolved", "Broken")
        refused = client.post(f"/api/v1/service.case/{case}/set_state", json={"state": "on_hold"})
        assert (refused.status_code, refused.json()["code"]) == (409, "SVC101")
