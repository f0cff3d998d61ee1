"""Web-hooks in: what proves itself is done once, as the user whom its source acts as; everything else is kept or
refused."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from crmkit_integration.receiving.models import ReceivedWebhook, WebhookSource
from crmkit_integration.receiving.processing import STALE, work_off, work_off_stale

from crmkit import Customer
from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from tests.plugins.integration.receiving.conftest import (
    SYSTEM,
    Source,
    based,
    count,
    customers,
    hexed,
    last,
    open_source,
    person,
    rows,
)

ADDS = {"inputs": {"name": "$.customer.name", "email": "$.customer.email?", "source": '"shop"'}}
LI = {"type": "customer.new", "customer": {"name": "Li Na", "email": "li@example.com"}}


@pytest.fixture
def shop(integration: CRM) -> Source:
    """A shop that adds customers, once for each engine."""
    found = open_source(integration)
    found.map("customer.create", **ADDS)
    return found


@pytest.fixture
def plain(lite: CRM) -> Source:
    """The same on SQLite alone."""
    found = open_source(lite)
    found.map("customer.create", **ADDS)
    return found


# --- done -------------------------------------------------------------------------------------------------------------


def test_a_web_hook_runs_its_operation(shop: Source) -> None:
    """As the source's user, with what stands in the body and what is constant; its body is not kept."""
    answer = shop.send(LI)
    assert (answer.status_code, answer.json()["state"]) == (200, "done")
    found = last(shop.crm)
    with shop.crm.session(SYSTEM) as session:
        customer = session.get_one(Customer, found.customer_id)
        source = session.get_one(WebhookSource, shop.id)
        assert (customer.name, customer.source) == ("Li Na", "shop")
        assert customer.created_by == f"user:{source.runs_as_id}"
    assert (found.result, found.body, found.headers) == (f"customer:{customer.id}", None, None)


def test_the_same_id_never_runs_twice(shop: Source) -> None:
    """However often it comes, and whatever its body says by then."""
    states = [shop.send(LI, "msg_a").json()["state"] for _each in range(3)]
    states.append(shop.send({"customer": {"name": "Other"}}, "msg_a").json()["state"])
    assert (states, customers(shop.crm)) == (["done", "known", "known", "known"], ["Li Na"])


def test_the_same_id_at_once_runs_once(shop: Source) -> None:
    """Eight senders at the same moment: one is done."""
    body = json.dumps(LI).encode()
    headers = shop.signed(body, "msg_same")
    begin, states = threading.Barrier(8), []

    def send() -> None:
        begin.wait()
        states.append(shop.post(body, headers).json()["state"])

    threads = [threading.Thread(target=send) for _each in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (states.count("done"), count(shop.crm)) == (1, 1)


def _send_from_afar(url: str, path: str, body: bytes, headers: dict[str, str], begin: Any, answers: Any) -> None:
    from starlette.testclient import TestClient

    with CRM.open(url) as crm:
        client = TestClient(crm.asgi(), base_url="http://localhost")
        begin.wait()
        answer = client.post(path, content=body, headers={"content-type": "application/json", **headers})
        answers.put(answer.json()["state"])


def test_the_same_id_from_two_processes_runs_once(crm_url: str) -> None:
    """Each process has its own connections; the unique row decides."""
    with CRM.open(crm_url) as crm:
        crm.enable("integration")
        source = open_source(crm)
        source.map("customer.create", **ADDS)
        body = json.dumps(LI).encode()
        headers = source.signed(body, "msg_same")
        context = multiprocessing.get_context("spawn")
        begin, answers = context.Barrier(2), context.Queue()
        arguments = (crm_url, source.path, body, headers, begin, answers)
        both = [context.Process(target=_send_from_afar, args=arguments) for _each in range(2)]
        for each in both:
            each.start()
        states = sorted(answers.get(timeout=60) for _each in both)
        for each in both:
            each.join(60)
        assert states.count("done") == 1
        assert count(crm) == 1


def test_the_first_mapping_whose_condition_holds_is_taken(plain: Source) -> None:
    """What concerns no mapping is noted and concerns nobody."""
    names = {"type": "$.type?", "total": "$.order.total? as decimal"}
    for mapping in plain.mappings:
        plain.crm.run(
            SYSTEM, "integration.mapping.update", {"when": 'type == "customer.new"', "names": names}, target=mapping
        )
    plain.map(
        "customer.tag",
        target="customer(email, $.order.email)",
        inputs={"names": "$.order.tags"},
        names=names,
        when='type == "order.paid" and total > 10',
    )
    states = [
        plain.send(LI).json()["state"],
        plain.send({"type": "order.paid", "order": {"total": "9.99"}}).json()["state"],
        plain.send({"type": "order.paid", "order": {"total": 12, "email": "LI@example.com", "tags": ["vip"]}}).json()[
            "state"
        ],
        plain.send({"type": "else"}).json()["state"],
    ]
    assert states == ["done", "ignored", "done", "ignored"]
    with plain.crm.session(SYSTEM) as session:
        assert [each.name for each in session.get_one(Customer, last_customer(plain)).tags] == ["vip"]


def last_customer(source: Source) -> Any:
    """Return the id of the only customer."""
    from sqlalchemy import select

    with source.crm.session(SYSTEM) as session:
        return session.scalars(select(Customer.id)).one()


def test_customers_are_found_by_phone_and_by_their_id_elsewhere(plain: Source) -> None:
    """As the business writes numbers, and by the id at the source that the term names."""
    crm = plain.crm
    with crm.session(SYSTEM) as session:
        owner = session.get_one(WebhookSource, plain.id).runs_as_id
    values: dict[str, Any] = {"name": "Ann", "phone": "+49 30 123456", "external_id": "77", "identifier_source": "erp"}
    values["owner_id"] = owner
    ann = crm.run(SYSTEM, "customer.create", values).id
    for term in ("customer(phone, $.phone)", "customer(erp, $.number)"):
        for each in plain.mappings:
            crm.run(SYSTEM, "integration.mapping.delete", target=each)
        plain.mappings.clear()
        plain.map("customer.tag", target=term, inputs={"names": "$.tags"})
        assert plain.send({"phone": "+4930123456", "number": 77, "tags": [term[9:12]]}).json()["state"] == "done"
    with crm.session(SYSTEM) as session:
        assert sorted(each.name for each in session.get_one(Customer, ann).tags) == ["erp", "pho"]


# --- proof ------------------------------------------------------------------------------------------------------------


def test_what_is_not_signed_is_refused_and_kept_apart(plain: Source) -> None:
    """It does nothing, does not take the id of a genuine one, and is in quarantine for somebody to see why."""
    body = json.dumps(LI).encode()
    wrong = plain.signed(body, "msg_a", secret="whsec_" + "A" * 43 + "=")
    answers = [
        plain.post(body, wrong),
        plain.post(body, {}),
        plain.post(body.replace(b"Li", b"Lo"), plain.signed(body, "msg_a")),
        plain.send(LI, "msg_a", at=time.time() - 301),
        plain.send(LI, "msg_a", at=time.time() + 301),
    ]
    assert [each.status_code for each in answers] == [401] * 5
    assert (rows(plain.crm), count(plain.crm)) == ([("quarantined", "unverified")] * 5, 0)
    assert plain.send(LI, "msg_a").json()["state"] == "done"


def test_only_so_many_unverified_ones_are_kept(plain: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the address cannot fill the database; what is not kept is counted."""
    monkeypatch.setattr("crmkit_integration.receiving.quarantine.UNVERIFIED", 3)
    for _each in range(5):
        plain.post(b"{}", {})
    with plain.crm.session(SYSTEM) as session:
        assert (len(rows(plain.crm)), session.get_one(WebhookSource, plain.id).unkept) == (3, 2)


def test_the_previous_secret_holds_for_a_while(lite: CRM) -> None:
    """Both do during the change-over, then the new one alone."""
    source = open_source(lite)
    source.map("customer.create", **ADDS)
    before = source.secret
    source.secret = lite.run(SYSTEM, "integration.source.rotate", {"hours": 1}, target=source.id).secret
    assert [source.send(LI, secret=each).status_code for each in (before, source.secret)] == [200, 200]
    source.secret = lite.run(SYSTEM, "integration.source.rotate", {"hours": 0}, target=source.id).secret
    assert source.send(LI, secret=before).status_code == 401


SIGNED: list[tuple[str, dict[str, Any], Any]] = [
    ("github", {}, lambda secret, body, now: {"x-hub-signature-256": "sha256=" + hexed(secret, body)}),
    ("shopify", {}, lambda secret, body, now: {"x-shopify-hmac-sha256": based(secret, body)}),
    (
        "stripe",
        {},
        lambda secret, body, now: {
            "stripe-signature": f"t={now},v0=aa,v1={'0' * 64},v1=" + hexed(secret, f"{now}.".encode() + body)
        },
    ),
    (
        "slack",
        {},
        lambda secret, body, now: {
            "x-slack-request-timestamp": str(now),
            "x-slack-signature": "v0=" + hexed(secret, f"v0:{now}:".encode() + body),
        },
    ),
    ("gitlab", {}, lambda secret, body, now: {"x-gitlab-token": secret}),
    (
        "github",
        {"algorithm": "sha512", "encoding": "hex", "prefix": "", "header": "X-Sig"},
        lambda secret, body, now: {"x-sig": hexed(secret, body, "sha512").upper()},
    ),
]


@pytest.mark.parametrize(("like", "values", "headers"), SIGNED)
def test_common_services_prove_themselves(lite: CRM, like: str, values: dict[str, Any], headers: Any) -> None:
    """Each as it signs; another secret, another body or an old time does not do."""
    source = open_source(lite, like=like, id_from="", **values)
    source.map("customer.create", **ADDS)
    body, now = json.dumps(LI).encode(), int(time.time())
    assert source.post(body, headers(source.secret, body, now)).json()["state"] == "done"
    assert source.post(body, headers(source.secret + "x", body, now)).status_code == 401
    if like != "gitlab":
        assert source.post(body + b" ", headers(source.secret, body, now)).status_code == 401
    if like in ("stripe", "slack"):
        assert source.post(body, headers(source.secret, body, now - 301)).status_code == 401
    assert count(lite) == 1


def test_a_proof_that_shows_nothing_is_refused(lite: CRM) -> None:
    """A time that is not signed, a signature over nothing, no header."""
    person(lite, "mia", "manager")
    for values, field in (
        ({"like": "github", "timestamp_header": "X-Time"}, "signed"),
        ({"like": "github", "signed": "{timestamp}"}, "signed"),
        ({"like": "github", "header": ""}, "header"),
        ({"like": "standard", "secret": "whsec_AAAA"}, "secret"),
        ({"like": "nobody"}, "like"),
        ({"like": "standard", "id_from": '"a"'}, "id_from"),
    ):
        with pytest.raises(InvalidInput) as raised:
            lite.run(SYSTEM, "integration.source.create", {"name": "x", **values})
        assert field in [each.field for each in raised.value.problems]


# --- the address ------------------------------------------------------------------------------------------------------


def test_an_old_address_takes_nothing(plain: Source) -> None:
    """After another one was made, or the source was deleted; a stopped source asks to come again later."""
    old, sent = plain.path, json.dumps(LI).encode()
    plain.path = plain.crm.run(SYSTEM, "integration.source.link", target=plain.id).path
    assert plain.client.post(old, content=sent).status_code == 404
    plain.crm.run(SYSTEM, "integration.source.update", {"active": False}, target=plain.id)
    assert plain.send(LI).status_code == 503
    plain.crm.run(SYSTEM, "integration.source.delete", target=plain.id)
    assert plain.send(LI).status_code == 404


def test_a_link_that_somebody_else_made_is_no_address(plain: Source) -> None:
    """The right to make links is not the right to send in a source's name."""
    values = {"page": "integration.source", "ref": f"integration.source:{plain.id}"}
    plain.path = plain.crm.run(SYSTEM, "public_link.create", values).path
    assert plain.send(LI).status_code == 404


def test_the_address_shows_nothing_in_a_browser(plain: Source) -> None:
    """Nothing about the source, and nothing is done."""
    answer = plain.client.get(plain.path)
    assert (answer.status_code, "shop" in answer.text, rows(plain.crm)) == (200, False, [])


# --- quarantine -------------------------------------------------------------------------------------------------------


def test_what_cannot_be_mapped_is_mended_and_tried_again(plain: Source) -> None:
    """By another mapping or by another body; what is done is done once."""
    answer = plain.send({"customer": {"full_name": "Li Na"}})
    assert (answer.status_code, answer.json()["reason"]) == (202, "unmapped")
    plain.crm.run(
        SYSTEM,
        "integration.mapping.update",
        {"inputs": {"name": "$.customer.full_name"}},
        target=plain.mappings[0],
    )
    plain.crm.run(SYSTEM, "integration.received.retry", target=last(plain.crm).id)
    plain.crm.worker().run_until_idle()
    assert (rows(plain.crm), customers(plain.crm)) == ([("done", None)], ["Li Na"])
    with pytest.raises(Conflict):
        plain.crm.run(SYSTEM, "integration.received.retry", target=last(plain.crm).id)


def test_a_body_is_mended(plain: Source) -> None:
    """Somebody writes what should have come."""
    plain.send({"customer": {"name": "Li Na", "email": "no address"}})
    assert rows(plain.crm) == [("quarantined", "invalid")]
    body = json.dumps({"customer": {"name": "Li Na"}})
    plain.crm.run(SYSTEM, "integration.received.mend", {"body": body}, target=last(plain.crm).id)
    work_off(plain.crm, last(plain.crm).id)
    assert (rows(plain.crm), customers(plain.crm)) == ([("done", None)], ["Li Na"])


def test_what_is_dropped_stays_known(plain: Source) -> None:
    """Its body is removed, and when it comes again it is not taken for a new one."""
    plain.send({"customer": {}}, "msg_a")
    plain.crm.run(SYSTEM, "integration.received.drop", target=last(plain.crm).id)
    assert (last(plain.crm).state, last(plain.crm).body) == ("dropped", None)
    assert plain.send(LI, "msg_a").json()["state"] == "known"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "unreadable"),
        (b'{"a": NaN}', "unreadable"),
        (b"[" * 5000, "unreadable"),
        (b"\xff\xfe", "unreadable"),
        (b'"text"', "unmapped"),
        (b"[]", "unmapped"),
        (b'{"customer": []}', "unmapped"),
        (b'{"customer": {"name": {"a": 1}}}', "invalid"),
    ],
)
def test_odd_bodies_are_kept_with_a_reason(plain: Source, body: bytes, reason: str) -> None:
    """Never an error of the server, and nothing is lost that was verified."""
    key = plain.secret
    from tests.plugins.integration.receiving.test_verifying import standard

    answer = plain.post(body, standard(key, "msg_a", int(time.time()), body))
    assert (answer.status_code, answer.json()["reason"]) == (202, reason)


def test_an_id_that_is_missing_is_said(lite: CRM) -> None:
    """A source whose web-hooks have ids runs none without one."""
    source = open_source(lite, id_from="$.event.id")
    source.map("customer.create", **ADDS)
    assert source.send(LI).json()["reason"] == "unnamed"
    assert source.send({**LI, "event": {"id": {"a": 1}}}).json()["reason"] == "unnamed"
    assert source.send({**LI, "event": {"id": 7}}).json()["state"] == "done"
    assert source.send({**LI, "event": {"id": "7"}}).json()["state"] == "known"


def test_an_unverified_one_is_tried_again_with_the_right_secret(plain: Source) -> None:
    """When the secret had been written down wrongly: the time that counts is when it came."""
    other = "whsec_" + "B" * 43 + "="
    body = json.dumps(LI).encode()
    plain.post(body, plain.signed(body, "msg_a", secret=other))
    received = last(plain.crm).id
    with pytest.raises(Conflict):
        plain.crm.run(SYSTEM, "integration.received.mend", {"body": "{}"}, target=received)
    plain.crm.run(SYSTEM, "integration.received.retry", target=received)
    assert work_off(plain.crm, received).reason == "unverified"
    plain.crm.run(SYSTEM, "integration.source.rotate", {"secret": other}, target=plain.id)
    plain.crm.run(SYSTEM, "integration.received.retry", target=received)
    assert work_off(plain.crm, received).state == "done"


# --- rights -----------------------------------------------------------------------------------------------------------


def test_a_source_may_do_what_its_user_may(lite: CRM) -> None:
    """An analyst adds nobody; a user who has left does nothing."""
    analyst = person(lite, "ann", "analyst")
    source = open_source(lite, acts=analyst)
    source.map("customer.create", **ADDS)
    assert source.send(LI).json()["reason"] == "refused"
    lite.run(SYSTEM, "user.deactivate", target=analyst.user_id)
    assert source.send(LI).json()["reason"] == "refused"
    assert count(lite) == 0


def test_a_source_finds_whom_its_user_sees(lite: CRM) -> None:
    """A seller's source does not find another seller's customer, and is not told that there is one."""
    sam, eve = person(lite, "sam", "seller"), person(lite, "eve", "seller")
    lite.run(SYSTEM, "customer.create", {"name": "Li", "email": "li@example.com", "owner_id": eve.user_id})
    source = open_source(lite, acts=sam)
    source.map("customer.tag", target="customer(email, $.email)", inputs={"names": '["x"]'})
    assert source.send({"email": "li@example.com"}).json()["reason"] == "unmapped"
    assert source.send({"email": "nobody@example.com"}).json()["reason"] == "unmapped"


def test_nobody_lends_a_source_the_rights_of_somebody_else(lite: CRM) -> None:
    """Who may set sources up acts as himself; as others only who may give people their rights."""
    mia, boss = person(lite, "mia", "manager"), person(lite, "boss", "admin")
    lite.run(SYSTEM, "role.create", {"name": "hooks", "title": "Hooks"})
    granted = ("source.read", "source.manage", "mapping.read", "received.update")
    for right in (f"integration.{each}" for each in granted):
        resource, _dot, action = right.rpartition(".")
        values = {"resource": resource, "action": action, "scope": "all"}
        lite.run(SYSTEM, "role.grant", values, target=role_id(lite, "hooks"))
    lite.run(SYSTEM, "user.assign_role", {"role": "hooks"}, target=mia.user_id)
    own = lite.run(mia, "integration.source.create", {"name": "own"})
    assert own.runs_as_id == mia.user_id
    with pytest.raises(Refused):
        lite.run(mia, "integration.source.create", {"name": "up", "runs_as_id": boss.user_id})
    with pytest.raises(Refused):
        lite.run(mia, "integration.source.update", {"runs_as_id": boss.user_id}, target=own.id)
    others = lite.run(boss, "integration.source.create", {"name": "others"})
    mapping = lite.run(boss, "integration.mapping.create", {"source_id": others.id, "operation": "customer.create",
                                                            "inputs": {"name": "$.name"}})  # fmt: skip
    for operation, values, target in (
        ("integration.mapping.create", {"source_id": others.id, "operation": "customer.create", "inputs": {}}, None),
        ("integration.mapping.update", {"inputs": {"name": "$.n"}}, mapping.id),
        ("integration.mapping.delete", {}, mapping.id),
        ("integration.source.link", {}, others.id),
        ("integration.source.update", {"runs_as_id": mia.user_id}, others.id),
    ):
        with pytest.raises(Refused):
            lite.run(mia, operation, values, target=target)


def role_id(crm: CRM, name: str) -> Any:
    """Return the id of a role."""
    from sqlalchemy import select

    from crmkit.core.access.models import Role

    with crm.session(SYSTEM) as session:
        return session.scalars(select(Role.id).where(Role.name == name)).one()


def test_secrets_are_shown_once_and_to_nobody_after(plain: Source) -> None:
    """Not in the record, not in the audit log, not in the history."""
    with plain.crm.session(SYSTEM) as session:
        source = session.get_one(WebhookSource, plain.id)
        assert plain.secret not in (str(source.secret), repr(source))
    raw = Path(plain.crm.settings.database.removeprefix("sqlite:///")).read_bytes()
    assert plain.secret.encode() not in raw


# --- mappings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"operation": "customer.fly", "inputs": {}}, "operation"),
        ({"operation": "integration.source.delete", "inputs": {}}, "operation"),
        ({"operation": "integration.received.take", "inputs": {}}, "operation"),
        ({"operation": "customer.create", "inputs": {"nam": "$.a"}}, "inputs.nam"),
        ({"operation": "customer.create", "inputs": {"name": "a.b"}}, "inputs.name"),
        ({"operation": "customer.create", "inputs": {"kind": '"robot"'}}, "inputs.kind"),
        ({"operation": "customer.tag", "inputs": {"names": "$.a"}}, "target"),
        ({"operation": "customer.create", "inputs": {}, "target": "$.a"}, "target"),
        ({"operation": "customer.tag", "inputs": {}, "target": "$.a"}, "inputs.names"),
        ({"operation": "customer.create", "inputs": {}, "when": "total >"}, "when"),
        ({"operation": "customer.create", "inputs": {}, "when": "total > 3"}, "when"),
        (
            {"operation": "customer.create", "inputs": {}, "when": "total > 3", "names": {"total": "$.total"}},
            "when",
        ),
        ({"operation": "customer.create", "inputs": {}, "names": {"a b": "$.a"}}, "names.a b"),
    ],
)
def test_a_mapping_is_checked_when_it_is_saved(plain: Source, values: dict[str, Any], field: str) -> None:
    """Against what the operation declares: names, required inputs, constants, the record, the condition."""
    with pytest.raises(InvalidInput) as raised:
        plain.map(**values)
    assert field in [each.field for each in raised.value.problems]


def test_a_mapping_of_a_foreign_source_is_not_found(plain: Source) -> None:
    """A source that is not there."""
    with pytest.raises(NotFound):
        plain.crm.run(
            SYSTEM,
            "integration.mapping.create",
            {"source_id": last_uuid(), "operation": "customer.create", "inputs": {"name": "$.a"}},
        )


def last_uuid() -> Any:
    """Return an id that nothing has."""
    from crmkit import new_id

    return new_id()


# --- stopping in between ----------------------------------------------------------------------------------------------


def test_who_stopped_before_running_is_made_up_for(plain: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claimed row is worked off by a job; the sender who comes again changes nothing."""

    def stop(crm: Any, received_id: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("crmkit_integration.receiving.processing.work_off", stop)
        with pytest.raises(KeyboardInterrupt):
            _receive(plain, "msg_a")
    assert rows(plain.crm) == [("running", None)]
    assert plain.send(LI, "msg_a").json()["state"] == "known"
    assert count(plain.crm) == 0
    _later(plain)
    assert (rows(plain.crm), customers(plain.crm)) == ([("done", None)], ["Li Na"])


def test_who_stopped_after_running_runs_nothing_twice(plain: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operation's idempotency key answers, even when the mapping is another one by then."""
    from crmkit_integration.receiving import processing

    real = processing._run

    def stop(*given: Any) -> Any:
        real(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(processing, "_run", stop)
        with pytest.raises(KeyboardInterrupt):
            _receive(plain, "msg_a")
    assert (rows(plain.crm), count(plain.crm)) == ([("running", None)], 1)
    plain.crm.run(
        SYSTEM, "integration.mapping.update", {"inputs": {"name": "$.customer.email"}}, target=plain.mappings[0]
    )
    _later(plain)
    assert (rows(plain.crm), customers(plain.crm)) == ([("done", None)], ["Li Na"])


def _receive(source: Source, identity: str) -> Any:
    from crmkit_integration.receiving.processing import receive

    from crmkit import Received, Visit

    body = json.dumps(LI).encode()
    with source.crm.session(SYSTEM) as session:
        link_id = session.get_one(WebhookSource, source.id).link_id
    visit = Visit(link_id=link_id, page="integration.source", ref=f"integration.source:{source.id}")  # type: ignore[arg-type]
    return receive(source.crm, visit, Received(headers=source.signed(body, identity), body=body))


def _later(source: Source) -> None:
    """Let the job find what was left some minutes ago."""
    crm = source.crm
    before, crm.clock = crm.clock, _Later()
    try:
        work_off_stale(crm, SYSTEM, crm.clock.now())
    finally:
        crm.clock = before


class _Later(Clock):
    def now(self) -> Any:
        return super().now() + STALE * 2


def test_what_is_erased_leaves_no_customer_behind(shop: Source) -> None:
    """The row stays, so that the same web-hook does not bring the person back."""
    shop.send(LI, "msg_a")
    customer = last(shop.crm).customer_id
    shop.crm.run(SYSTEM, "customer.remove", target=customer)
    with shop.crm.session(SYSTEM) as session:
        assert session.get_one(ReceivedWebhook, last(shop.crm).id).customer_id is None
    assert (shop.send(LI, "msg_a").json()["state"], count(shop.crm)) == ("known", 0)
