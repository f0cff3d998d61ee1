"""Reversing, resolving, and that nothing that was recorded can be rewritten."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CRM
from crmkit.core.interactions.figures import best_customers
from crmkit.core.interactions.models import Interaction, InteractionKey, Participant, PurchaseLine
from crmkit.core.operations.operation import operation
from crmkit.core.operations.tables import EventRecord
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, Conflict, NotFound, WriteOutsideOperation
from crmkit.migrations.triggers import APPEND_ONLY
from tests.core.interactions.support import ACTOR, START, count, customer, problems, raw, record


def bought(crm: CRM, **values: object) -> Interaction:
    """Record a purchase of two lines."""
    return record(
        crm,
        "purchase",
        currency="EUR",
        lines=[{"quantity": 3, "unit_price": "1.10", "description": "Tea"}, {"amount": "2.50"}],
        occurred_at=START,
        **values,
    )


# --- reversal --------------------------------------------------------------------------------------------------------


def test_a_reversal_has_the_negative_amount_and_lines(crm: CRM) -> None:
    """It is of the same kind, names what it reverses, and says why."""
    who = customer(crm)
    first = bought(crm, customer_id=who.id, source="shop", external_id="1")
    reversal = crm.run(ACTOR, "interaction.reverse", {"reason": "entered twice"}, target=first.id)
    assert ("purchase", who.id, first.id, "-5.80 EUR", {"reversal_reason": "entered twice"}, None) == (
        reversal.kind,
        reversal.customer_id,
        reversal.reverses_id,
        str(reversal.amount),
        reversal.payload,
        reversal.external_id,
    )
    with crm.session(ACTOR) as session:
        lines = session.scalars(select(PurchaseLine).where(PurchaseLine.interaction_id == reversal.id)).all()
        assert [(line.quantity, line.amount_minor) for line in lines] == [(-3, -330), (-1, -250)]


def test_nothing_is_reversed_twice_and_no_reversal_is_reversed(crm: CRM) -> None:
    """A correction is final; what was wrong about it is recorded anew."""
    first = bought(crm)
    reversal = crm.run(ACTOR, "interaction.reverse", {"reason": "wrong"}, target=first.id)
    with pytest.raises(AlreadyExists):
        crm.run(ACTOR, "interaction.reverse", {"reason": "again"}, target=first.id)
    with pytest.raises(Conflict):
        crm.run(ACTOR, "interaction.reverse", {"reason": "undo"}, target=reversal.id)
    assert list(problems(crm, "interaction.reverse", {"reason": " "}, target=bought(crm).id)) == ["reason"]


# --- resolving -------------------------------------------------------------------------------------------------------


def test_an_interaction_gets_its_customer_with_all_that_belongs_to_it(crm: CRM) -> None:
    """Lines, key, reversal and the participant that stood for the customer follow."""
    first = bought(
        crm,
        source="shop",
        external_id="1",
        customer={"email": "a@example.com", "unmatched": "keep"},
    )
    crm.run(ACTOR, "interaction.reverse", {"reason": "wrong"}, target=first.id)
    who = customer(crm)
    crm.run(ACTOR, "interaction.resolve", {"customer_id": who.id}, target=first.id)
    assert count(crm, Interaction, Interaction.customer_id == who.id) == 2
    assert count(crm, PurchaseLine, PurchaseLine.customer_id == who.id) == 4
    assert count(crm, InteractionKey, InteractionKey.customer_id == who.id) == 1
    assert count(crm, Participant, Participant.customer_id == who.id) == 1
    assert count(crm, EventRecord, EventRecord.name == "interaction.resolved") == 2


def test_a_customer_is_named_once(crm: CRM) -> None:
    """Naming the same one again changes nothing; another one is refused, and so is one that is not there."""
    one, other = customer(crm), customer(crm, "Other")
    first = record(crm, customer_id=one.id)
    assert one.id == crm.run(ACTOR, "interaction.resolve", {"customer_id": one.id}, target=first.id).customer_id
    with pytest.raises(Conflict):
        crm.run(ACTOR, "interaction.resolve", {"customer_id": other.id}, target=first.id)
    with pytest.raises(NotFound):
        crm.run(ACTOR, "interaction.resolve", {"customer_id": first.id}, target=record(crm).id)


def test_participants_are_matched_with_customers_and_users(crm: CRM) -> None:
    """An address of one customer is that customer, a colleague's is that user, a shared one is left alone."""
    mail = record(
        crm,
        "email",
        customer={"email": "A@example.com", "unmatched": "keep"},
        participants=[
            {"role": "to", "contact_kind": "email", "address": "Staff@example.com"},
            {"role": "cc", "contact_kind": "email", "address": "both@example.com"},
        ],
    )
    who = customer(crm, email="a@example.com")
    customer(crm, "B", email="both@example.com")
    customer(crm, "C", email="both@example.com")
    user = crm.run(ACTOR, "user.create", {"login": "s", "name": "S", "email": "staff@example.com"})
    matched = crm.run(ACTOR, "interaction.resolve_participants", target=mail.id)
    assert (1, 1, who.id) == (matched.customers, matched.users, matched.customer_id)
    with crm.session(ACTOR) as session:
        found = {one.role: (one.customer_id, one.user_id) for one in session.scalars(select(Participant))}
    assert {"to": (None, user.id), "cc": (None, None), "customer": (who.id, None)} == found


def test_a_number_of_another_system_is_resolved_once_the_customer_comes(crm: CRM) -> None:
    """What was kept under a source's own number finds its customer later."""
    early = record(crm, customer={"source": "shop", "external_id": "K7", "unmatched": "keep"})
    who = customer(crm, external_id="K7", identifier_source="shop")
    assert who.id == crm.run(ACTOR, "interaction.resolve_participants", target=early.id).customer_id


# --- nothing is rewritten --------------------------------------------------------------------------------------------


@operation("probe.rewrite", title="Rewrite")
def rewrite(session: CrmSession, interaction: Interaction) -> None:
    """Try to change what was recorded."""
    interaction.subject = "other"


def test_the_mapper_does_not_change_an_interaction(crm: CRM) -> None:
    """Not even inside an operation."""
    crm.registry.add("crmkit", "operation", [rewrite])
    first = record(crm, subject="first")
    with pytest.raises(WriteOutsideOperation):
        crm.run(ACTOR, "probe.rewrite", target=first.id)


REWRITES = {
    "crm_interaction": "amount_minor = 1",
    "crm_purchase_line": "amount_minor = 1",
    "crm_attachment": "filename = 'x'",
    "crm_consent": "granted = NOT granted",
    "crm_change": "actor_id = 'x'",
    "crm_event": "payload = '{}'",
    "crm_audit": "outcome = 'done '",
    "crm_audit_subject": "customer_id = audit_id",
    "crm_audit_chain": "seq = seq + 100",
    "crm_audit_checkpoint": "statement = ''",
}


@pytest.fixture
def filled(crm: CRM) -> CRM:
    """A CRM with a row in each table whose rows are not rewritten."""
    who = customer(crm, email="a@example.com", consents=[{"purpose": "marketing", "channel": "*", "granted": True}])
    crm.run(ACTOR, "customer.update", {"name": "Li Na"}, target=who.id)
    bought(crm, customer_id=who.id)
    crm.run(ACTOR, "audit.checkpoint")
    with raw(crm) as run:
        run(
            "INSERT INTO crm_attachment (id, recorded_at, filename, media_type, size, storage_key, actor_id,"
            " occurred_at, customer_id) SELECT id, created_at, 'a', 'b', 1, 'd', 'e', created_at, id"
            " FROM crm_customer"
        )
    return crm


@pytest.mark.parametrize("table", [each.table for each in APPEND_ONLY])
def test_no_statement_rewrites_what_was_recorded(filled: CRM, table: str) -> None:
    """The database itself refuses, whoever writes."""
    with raw(filled) as run:
        assert run(f"SELECT count(*) FROM {table}").scalar() > 0
        with pytest.raises(IntegrityError, match="append-only"):
            run(f"UPDATE {table} SET {REWRITES[table]}")


def test_a_row_may_go_to_another_customer_and_may_be_emptied(filled: CRM) -> None:
    """What a merge and an erasure need is possible, and no more."""
    other = customer(filled, "Other")
    other_id = other.id.hex if filled.engines.dialect == "postgresql" else other.id.bytes
    with raw(filled) as run:
        run("UPDATE crm_interaction SET customer_id = :id", id=other_id)
        run("UPDATE crm_interaction SET subject = NULL, body = NULL, payload = '{}', external_id = NULL")
        run("UPDATE crm_purchase_line SET description = NULL, customer_id = :id", id=other_id)
        run("UPDATE crm_change SET changes = '{}'")
        run("UPDATE crm_consent SET evidence = NULL")
        run("DELETE FROM crm_event")
    with raw(filled) as run, pytest.raises(IntegrityError, match="append-only"):
        run("UPDATE crm_interaction SET subject = 'made up', customer_id = NULL")


def test_a_product_that_goes_leaves_the_lines(crm: CRM) -> None:
    """What was bought stays bought when the catalogue forgets the product."""
    record(crm, "purchase", currency="EUR", create_products=True, lines=[{"sku": "A", "amount": 1}])
    with raw(crm) as run:
        run("DELETE FROM crm_product")
    assert count(crm, PurchaseLine, PurchaseLine.product_id.is_(None)) == 1


def test_a_reversal_brings_what_it_reverses_along(crm: CRM) -> None:
    """Naming the customer of a reversal names that of the reversed interaction, so that both stay together."""
    bought = record(crm, "purchase", amount="7", currency="EUR")
    reversal = crm.run(ACTOR, "interaction.reverse", {"reason": "typo"}, target=bought.id)
    ann, bob = customer(crm, "Ann"), customer(crm, "Bob")
    crm.run(ACTOR, "interaction.resolve", {"customer_id": ann.id}, target=reversal.id)
    with pytest.raises(Conflict):
        crm.run(ACTOR, "interaction.resolve", {"customer_id": bob.id}, target=bought.id)
    with crm.session(ACTOR) as session:
        assert session.get_one(Interaction, bought.id).customer_id == ann.id


def test_a_reversal_does_not_lie_too_far_back(crm: CRM) -> None:
    """A reversal has the same bounds as what is recorded."""
    bought = record(crm, "purchase", amount="7", currency="EUR")
    values = {"reason": "typo", "occurred_at": "0001-01-02T00:00:00Z"}
    assert list(problems(crm, "interaction.reverse", values, target=bought.id)) == ["occurred_at"]


def test_deleted_customers_are_not_among_the_best(crm: CRM) -> None:
    """What a deleted customer bought is not shown in the list of the best."""
    ann = customer(crm, "Ann")
    record(crm, "purchase", customer_id=ann.id, amount="7", currency="eur")
    with crm.session(ACTOR) as session:
        assert [item.name for item in best_customers(session, currency="EUR")] == ["Ann"]
    crm.run(ACTOR, "customer.delete", target=ann.id)
    with crm.session(ACTOR) as session:
        assert best_customers(session, currency="EUR") == []
