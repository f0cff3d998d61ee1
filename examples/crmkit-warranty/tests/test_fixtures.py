"""What crmkit's kit gives to tests, each fixture once."""

from __future__ import annotations

import pytest
from crmkit import CRM, Actor, CrmSession, Customer, Delivery, Message, Refused, deliver, new_id
from sqlalchemy import select

from crmkit_warranty.models import Warranty


def register(crm: CRM, actor: Actor, customer_id: object, serial: str = "SN-1") -> Warranty:
    """Register a warranty on something that a customer bought."""
    return crm.run(actor, "warranty.register", {"customer_id": customer_id, "serial": serial})


def test_a_session_reads_as_the_actor(crm: CRM, actor: Actor, session: CrmSession, customers) -> None:
    """It belongs to the actor of the test, and sees what was written before."""
    warranty = register(crm, actor, customers().id)
    assert actor == session.actor
    assert [warranty.id] == session.scalars(select(Warranty.id)).all()


def test_an_actor_may_do_what_its_permissions_say(crm: CRM, actor: Actor, actors, customers) -> None:
    """Whoever may see warranties cannot extend one, and without permissions there is nothing to see."""
    warranty = register(crm, actor, customers().id)
    reader = actors(permissions=["customer.read", "warranty.warranty.read"])
    with crm.session(reader) as session:
        assert session.get(Warranty, warranty.id) is not None
    with pytest.raises(Refused):
        crm.run(reader, "warranty.extend", {"months": 1}, target=warranty.id)
    with crm.session(actors()) as session:
        assert session.get(Warranty, warranty.id) is None


def test_an_actor_has_a_role_within_its_team(crm: CRM, actors) -> None:
    """A seller sees the customers of the own team, and not those of another one."""
    north, south = actors(role="seller", team="North"), actors(role="seller", team="South", name="Sue")
    customer = crm.run(north, "customer.create", {"name": "Li Na"})
    seen = []
    for seller in (actors(role="seller", team="North"), south):
        with crm.session(seller) as session:
            seen.append(session.get(Customer, customer.id) is not None)
    assert seen == [True, False]
    assert south.name == "Sue"


def test_an_actor_sees_the_fields_that_are_said(crm: CRM, actor: Actor, actors, customers) -> None:
    """What is sensitive is masked unless the actor is to see it."""
    values = {"customer_id": customers().id, "serial": "SN-1", "receipt": "R-2026-77"}
    warranty = crm.run(actor, "warranty.register", values)
    permissions = ["customer.read", "warranty.warranty.read"]
    seen = []
    for fields in ({}, {"sensitive": "full"}):
        with crm.session(actors(permissions=permissions, fields=fields)) as session:
            seen.append(session.get_one(Warranty, warranty.id).receipt == "R-2026-77")
    assert seen == [False, True]


def test_what_happened_is_recorded(session: CrmSession, customers, interaction, clock) -> None:
    """Some days before the present of the test's clock, with whatever the kind allows."""
    call = interaction(customers(), "call", days_ago=3, subject="Delivery")
    assert (call.kind, call.subject) == ("call", "Delivery")
    assert (clock.instant - call.occurred_at).days == 3


def test_purchases_are_known_as_facts(customers, purchase, facts) -> None:
    """In the base currency unless another one is said; lines bring their products along."""
    customer = customers()
    first = purchase(customer, "19.90", days_ago=40)
    second = purchase(customer, lines=[{"sku": "KETTLE", "quantity": 2, "unit_price": "9.95"}])
    assert [first.amount_minor, second.amount_minor] == [1990, 1990]
    (row,) = facts("purchase", customers=[customer.id])
    assert row.count == 2


def test_jobs_are_carried_out_when_they_are_due(crm: CRM, actor: Actor, customers, clock, run_jobs) -> None:
    """A warranty that has ended is closed by the next night's job."""
    warranty = register(crm, actor, customers().id)
    clock.advance(days=3 * 366)
    assert run_jobs() > 0
    with crm.session(actor) as session:
        assert session.get_one(Warranty, warranty.id).status == "closed"
    assert run_jobs() == 0


def test_messages_go_into_the_mailbox(crm: CRM, mailbox) -> None:
    """Nothing leaves, and what becomes of a message is up to the test."""
    letter = Message(id=new_id(), channel="email", address="li@example.com", subject="Hello", body="Dear Li")
    assert deliver(crm, letter).outcome == "accepted"
    assert [message.subject for message in mailbox.of("email")] == ["Hello"]
    mailbox.answer = Delivery(outcome="refused", reason="no such box", bad_address=True)
    assert deliver(crm, letter).bad_address
    assert [letter, letter] == list(mailbox)
    mailbox.clear()
    assert len(mailbox) == 0


def test_commands_run_on_the_crm_of_the_test(crm: CRM, actor: Actor, actors, customers, cli) -> None:
    """Those of the plugin and those of the kernel, as the command line or as somebody."""
    register(crm, actor, customers().id)
    done = cli("warranty expiring --days 3650 --json")
    assert (done.code, done.error) == (0, "")
    assert [row["serial"] for row in done.json] == ["SN-1"]
    assert cli("warranty expiring --days 3650 --json", actor=actors()).json == []
    assert [row["state"] for row in cli("plugin list --json").json["items"] if row["name"] == "warranty"] == ["enabled"]
    failed = cli("customer show", "nobody@example.com")
    assert failed.code != 0
    assert "nobody@example.com" in failed.error
    assert cli("warranty expiring").text == "No warranty ends within 30 days.\n"


def test_pages_are_read_as_a_person_reads_them(crm: CRM, actor: Actor, customers, client) -> None:
    """The client is signed in as the actor, in pages and in the API."""
    register(crm, actor, customers().id)
    assert "SN-1" in client.get("/records/warranty.warranty").text
    (row,) = client.get("/api/v1/warranty.warranty").json()["data"]
    assert row["serial"] == "SN-1"


def test_forms_are_sent_and_strangers_are_sent_to_sign_in(actors, clients) -> None:
    """The token of forms goes with each request; a person may be anybody, in either language."""
    assert "/sign-in?" in str(clients().get("/customers").url)
    seller = clients(actors(role="seller"), language="zh_Hans")
    assert 'lang="zh-Hans"' in seller.get("/customers").text
