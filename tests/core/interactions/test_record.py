"""Recording interactions: defaults, references, money, and that the same is recorded once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError

from crmkit import CRM, Actor
from crmkit.core.interactions.amounts import line_amounts
from crmkit.core.interactions.inputs import NewLine, Recorded
from crmkit.core.interactions.models import (
    Interaction,
    InteractionKey,
    Participant,
    Product,
    PurchaseLine,
    address_form,
)
from crmkit.core.operations.tables import EventRecord
from crmkit.core.store.ids import new_id
from crmkit.errors import Refused, Veto
from crmkit.hooks.contributions import InteractionKind, PayloadField
from crmkit.i18n import texts
from tests.core.interactions.support import ACTOR, START, at, count, customer, plugin, problems, record, rows

_ = texts("crmkit")


def test_channel_direction_and_time_come_from_the_kind_and_the_clock(crm: CRM) -> None:
    """A kind is all that is needed."""
    before = datetime.now(UTC)
    call = record(crm, "call", payload={"answered": True})
    assert (
        call.channel,
        call.direction,
        call.payload,
        call.visibility,
        call.customer_id,
    ) == ("phone", "out", {"answered": True}, "all", None)
    assert before <= call.occurred_at <= call.recorded_at + timedelta(seconds=5)
    assert ACTOR.id == call.actor_id


def test_a_kind_of_a_plugin_is_checked_like_any_other(crm: CRM) -> None:
    """Kinds come from the registry."""
    kind = InteractionKind(
        name="probe.ride",
        title="Ride",
        channel="app",
        payload=(PayloadField(name="km", type="decimal", required=True),),
    )
    crm.registry.add("probe", "interaction kind", [kind])
    assert problems(crm, "interaction.record", {"kind": "probe.ride"}) == {"payload.km": "This is required."}
    assert record(crm, "probe.ride", payload={"km": "2.5"}).payload == {"km": "2.5"}


def test_every_problem_of_an_input_is_named(crm: CRM) -> None:
    """One answer says all that is wrong."""
    assert problems(
        crm,
        "interaction.record",
        {
            "kind": "email",
            "channel": "mail",
            "payload": {"subjct": "x"},
            "amount": 5,
            "source": "shop",
            "occurred_at": datetime.now(UTC) + timedelta(days=3),
            "participants": [{"role": "from", "address": "a@example.com"}],
        },
    ) == {
        "channel": 'There is no such channel. Did you mean "email"?',
        "payload.subjct": "There is no such field. Known fields: message_id, in_reply_to, references, headers, "
        "automatic, bounced.",
        "amount": "This kind has no amount.",
        "external_id": "Source and external id are given together or not at all.",
        "occurred_at": "This lies in the future.",
        "participants.0.address": "An address and its kind are given together.",
    }


def test_an_unknown_kind_suggests_the_one_that_was_meant(crm: CRM) -> None:
    """A typing error is answered with the name that is near."""
    assert problems(crm, "interaction.record", {"kind": "purchse"}) == {
        "kind": 'There is no such kind of interaction. Did you mean "purchase"?'
    }


def test_an_instant_without_a_zone_is_refused(crm: CRM) -> None:
    """Nobody guesses a time zone."""
    assert list(problems(crm, "interaction.record", {"kind": "note", "occurred_at": "2026-03-01T10:00:00"})) == [
        "occurred_at"
    ]


# --- the same is recorded once ---------------------------------------------------------------------------------------


def test_the_same_key_returns_what_was_recorded_first(crm: CRM) -> None:
    """A source that sends something twice changes nothing the second time."""
    first = record(crm, "note", body="one", source="shop", external_id="7", occurred_at=START)
    second = record(crm, "call", subject="two", source="shop", external_id="7")
    assert (first.id, "note", "one") == (second.id, second.kind, second.body)
    assert (count(crm, Interaction), count(crm, EventRecord, EventRecord.name == "interaction.recorded")) == (1, 1)


def test_the_same_number_of_another_source_is_another_interaction(crm: CRM) -> None:
    """A key is the pair of source and number."""
    assert record(crm, source="shop", external_id="7").id != record(crm, source="web", external_id="7").id


def test_a_batch_says_which_of_its_inputs_are_duplicates(crm: CRM) -> None:
    """Within the batch and against the database; each answer has the id of what was recorded."""
    old = record(crm, source="shop", external_id="1")
    outcomes = crm.run_many(
        ACTOR,
        "interaction.record",
        [
            {"kind": "note", "source": "shop", "external_id": "1"},
            {"kind": "note", "source": "shop", "external_id": "2"},
            {"kind": "nothing"},
            {"kind": "note", "source": "shop", "external_id": "2"},
            {"kind": "note"},
        ],
    )
    results = [outcome.result for outcome in outcomes]
    assert [outcome.ok for outcome in outcomes] == [True, True, False, True, True]
    assert [getattr(result, "duplicate", None) for result in results] == [True, False, None, True, False]
    assert (old.id, results[1].id) == (results[0].id, results[3].id)
    assert count(crm, Interaction) == 3


def test_who_was_quicker_with_a_key_wins(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the key appears between looking and writing, the other one's interaction is the answer.

    On SQLite nobody can come between, as only one transaction writes at a time.
    """
    if crm.engines.dialect == "sqlite":
        with crm.transaction(ACTOR) as session, crm.engines.base.connect() as other:
            session.connection()
            other.exec_driver_sql("PRAGMA busy_timeout = 1")
            with pytest.raises(OperationalError, match="locked"):
                other.exec_driver_sql("BEGIN IMMEDIATE")
        return
    from crmkit.core.interactions import bulk

    looked = bulk.recorded_keys
    made: list[Interaction] = []

    def looks_then_another_records(session: Any, keys: Any) -> Any:
        found = looked(session, keys)
        if not made:
            monkeypatch.setattr(bulk, "recorded_keys", looked)
            made.append(record(crm, source="shop", external_id="1", body="theirs"))
        return found

    monkeypatch.setattr(bulk, "recorded_keys", looks_then_another_records)
    (outcome,) = crm.run_many(ACTOR, "interaction.record", [{"kind": "note", "source": "shop", "external_id": "1"}])
    assert Recorded(id=made[0].id, customer_id=None, duplicate=True) == outcome.result
    assert count(crm, Interaction) == 1


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_the_customer_is_found_by_id_number_address_or_telephone(crm: CRM) -> None:
    """Each way of naming a customer leads to the same one; writing differs, meaning does not."""
    who = customer(crm, email="Li.Wei@Example.com", phone="+8613800138000", external_id="K1", identifier_source="shop")
    given: list[dict[str, Any]] = [
        {"customer_id": str(who.id)},
        {"customer": {"source": "shop", "external_id": "K1"}},
        {"customer": {"email": "li.wei@example.COM"}},
        {"customer": {"phone": "+86 138 0013 8000"}},
        {"customer": {"email": "li.wei@example.com", "phone": "+86 138 0013 8000"}},
    ]
    outcomes = crm.run_many(ACTOR, "interaction.record", [{"kind": "note", **each} for each in given])
    assert [who.id] * 5 == [outcome.result.customer_id for outcome in outcomes]


def test_a_customer_that_is_not_found_is_named(crm: CRM) -> None:
    """Nobody, more than one, and two different ones are different problems."""
    customer(crm, "A", email="both@example.com", phone="+8613800138000")
    customer(crm, "B", email="both@example.com")
    customer(crm, "C", email="c@example.com")
    gone = customer(crm, "D", email="d@example.com")
    crm.run(ACTOR, "customer.delete", target=gone.id)

    def answer(**reference: str) -> dict[str | None, str]:
        return problems(crm, "interaction.record", {"kind": "note", "customer": reference})

    assert answer(email="nobody@example.com") == {"customer.email": "No customer is known by this."}
    assert answer(email="d@example.com") == {"customer.email": "No customer is known by this."}
    assert answer(source="shop", external_id="9") == {"customer.external_id": "No customer is known by this."}
    assert answer(email="both@example.com") == {"customer": "2 customers are known by this."}
    assert answer(email="c@example.com", phone="+8613800138000") == {"customer": "These belong to different customers."}
    assert answer(email="no address") == {"customer.email": "This cannot be read."}
    assert problems(crm, "interaction.record", {"kind": "note", "customer_id": new_id()}) == {
        "customer_id": "There is no such customer."
    }


def test_an_interaction_may_come_before_its_customer_is_known(crm: CRM) -> None:
    """What it was named by is kept as a participant."""
    made = record(crm, "email", customer={"email": "New@Example.com", "unmatched": "keep"})
    with crm.session(ACTOR) as session:
        form = address_form("email", "new@EXAMPLE.com")
        assert form is not None
        (one,) = session.scalars(select(Participant).where(Participant.address.matches(session, form)))
        assert (None, made.id, "customer", "email", "New@Example.com") == (
            made.customer_id,
            one.interaction_id,
            one.role,
            one.contact_kind,
            one.address,
        )


# --- money ------------------------------------------------------------------------------------------------------------


def test_a_purchase_costs_what_its_lines_cost(crm: CRM) -> None:
    """A line costs its amount, or quantity times unit price rounded half to even; the total is their sum."""
    crm.run(ACTOR, "product.create", {"sku": "A", "title": "Apple"})
    made = record(
        crm,
        "purchase",
        currency="EUR",
        lines=[
            {"sku": "A", "quantity": "3", "unit_price": "1.255"},
            {"description": "Delivery", "amount": "2.5"},
            {"description": "Discount", "amount": "-1"},
        ],
    )
    with crm.session(ACTOR) as session:
        lines = session.scalars(select(PurchaseLine).order_by(PurchaseLine.line_no)).all()
        apple = session.scalars(select(Product)).one()
        assert [(1, apple.id, 376), (2, None, 250), (3, None, -100)] == [
            (line.line_no, line.product_id, line.amount_minor) for line in lines
        ]
        assert (Decimal("3.0000"), Decimal("1.255000")) == (lines[0].quantity, lines[0].unit_price)
    assert ("5.26 EUR", made.id) == (str(made.amount), lines[0].interaction_id)


def test_money_that_does_not_fit_is_refused(crm: CRM) -> None:
    """Contradictions, missing amounts, unknown currencies and fractions of the smallest unit are named."""

    def answer(kind: str = "purchase", **values: Any) -> dict[str | None, str]:
        return problems(crm, "interaction.record", {"kind": kind, "currency": "EUR", **values})

    assert answer(amount=3, lines=[{"amount": 2}]) == {"amount": "The amount is 3.00, but the lines come to 2.00."}
    assert answer(amount="3.005") == {"amount": "This has more decimal places than EUR has, which is 2."}
    assert answer(currency="JPY", amount="3.5") == {"amount": "This has more decimal places than JPY has, which is 0."}
    assert answer(currency="EUX", amount=1) == {"currency": '"EUX" is not a currency.'}
    assert answer() == {"amount": "This kind needs an amount or lines."}
    assert answer(lines=[{"sku": "A"}]) == {"lines.0.amount": "A line needs an amount or a unit price."}
    assert answer(lines=[{"sku": "A", "amount": 1}]) == {"lines.0.sku": "There is no product with this SKU."}
    assert answer(lines=[{"amount": -1}]) == {"amount": "The amount is negative; record a refund instead."}
    assert answer("note", lines=[{"amount": 1}]) == {"lines": "This kind has no purchase lines."}
    assert answer(lines=[{"quantity": "1e30", "amount": 1}]) == {"lines.0.quantity": "This number is too large."}
    assert problems(crm, "interaction.record", {"kind": "purchase", "amount": 1}) == {
        "currency": "Name a currency, as the business has no base currency yet."
    }


def test_the_base_currency_is_the_default(crm: CRM) -> None:
    """A business that has set itself up need not name its currency each time."""
    crm.run(ACTOR, "business.configure", {"name": "Shop", "base_currency": "JPY", "zone": "Asia/Tokyo"})
    assert str(record(crm, "purchase", amount=1200).amount) == "1200 JPY"


def test_products_are_added_on_the_way_in_when_that_is_asked_for(crm: CRM) -> None:
    """A product is made once for all the lines that name it, with the description of the first."""
    items = [
        {
            "kind": "purchase",
            "currency": "EUR",
            "create_products": True,
            "lines": [{"sku": sku, "description": f"{sku} of {number}", "amount": 1} for sku in skus],
        }
        for number, skus in enumerate(["AB", "BC", "CA"])
    ]
    assert all(outcome.ok for outcome in crm.run_many(ACTOR, "interaction.record", items))
    assert [(row["sku"], row["title"]) for row in rows(crm, Product, Product.sku)] == [
        ("A", "A of 0"),
        ("B", "B of 0"),
        ("C", "C of 1"),
    ]
    assert count(crm, PurchaseLine, PurchaseLine.product_id.is_(None)) == 0


@given(
    quantity=st.decimals(-(10**6), 10**6, places=4),
    price=st.decimals(-(10**6), 10**6, places=6),
)
def test_a_line_is_rounded_once_and_by_less_than_half_a_unit(quantity: Decimal, price: Decimal) -> None:
    """The stored amount is the nearest one to the exact product."""
    stored = line_amounts(NewLine(quantity=quantity, unit_price=price), 2, "EUR", "lines.0")
    exact = quantity * price * 100
    assert abs(stored.amount_minor - exact) <= Decimal("0.5")


# --- many at once -----------------------------------------------------------------------------------------------------

lines = st.lists(
    st.fixed_dictionaries(
        {"quantity": st.decimals(1, 50, places=2), "unit_price": st.decimals(0, 90, places=3)},
        optional={"sku": st.sampled_from(["A", "B", "C"]), "description": st.text("xyz ", max_size=5)},
    ),
    min_size=1,
    max_size=3,
)
notes = st.fixed_dictionaries(
    {"kind": st.sampled_from(["note", "call", "visit", "nothing"])},
    optional={
        "subject": st.text("abc", max_size=5),
        "customer": st.sampled_from([{"email": "a@example.com"}, {"email": "z@example.com", "unmatched": "keep"}]),
        "participants": st.just([{"role": "to", "contact_kind": "email", "address": "B@example.com", "name": "B"}]),
        "duration": st.integers(0, 100),
        "thread": st.sampled_from(["t1", "t2"]),
    },
)
purchases = st.fixed_dictionaries(
    {"kind": st.sampled_from(["purchase", "refund"]), "currency": st.sampled_from(["EUR", "JPY"]), "lines": lines},
    optional={"create_products": st.just(True)},
)
keyed = st.one_of(notes, purchases).flatmap(
    lambda item: st.sampled_from(
        [item, *({**item, "source": "s", "external_id": number} for number in ("1", "2", "3"))]
    )
)


def test_many_at_once_write_what_one_by_one_would(crm: CRM) -> None:
    """The rows, the answers and the refusals are the same, apart from ids and the time of recording."""
    customer(crm, email="a@example.com")
    made_of = frozenset({"id", "interaction_id", "recorded_at", "product_id"})

    def stored() -> list[list[dict[str, Any]]]:
        return [
            rows(crm, Interaction, Interaction.id, leave_out=made_of),
            rows(crm, InteractionKey, InteractionKey.source, InteractionKey.external_id, leave_out=made_of),
            rows(crm, PurchaseLine, PurchaseLine.interaction_id, PurchaseLine.line_no, leave_out=made_of),
            rows(crm, Participant, Participant.id, leave_out=made_of),
        ]

    def clear() -> None:
        with crm.engines.system_write.begin() as connection:
            for model in (InteractionKey, Interaction, Product):
                connection.execute(delete(model.__table__))

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(items=st.lists(keyed, min_size=1, max_size=8))
    def same(items: list[dict[str, Any]]) -> None:
        items = [{**item, "occurred_at": at(number)} for number, item in enumerate(items)]
        clear()
        many = crm.run_many(ACTOR, "interaction.record", items)
        all_at_once = stored()
        clear()
        one_by_one = [crm.run_many(ACTOR, "interaction.record", [item])[0] for item in items]
        assert all_at_once == stored()
        assert [[p.render() for p in each.problems] for each in many] == [
            [p.render() for p in each.problems] for each in one_by_one
        ]
        assert [each.ok and each.result.duplicate for each in many] == [
            each.ok and each.result.duplicate for each in one_by_one
        ]

    same()


def test_what_was_recorded_is_told_by_kind_in_events_of_bounded_size(crm: CRM) -> None:
    """An event carries at most a thousand ids."""
    crm.run_many(ACTOR, "interaction.record", [{"kind": "note"}] * 1001 + [{"kind": "call"}])
    with crm.session(ACTOR) as session:
        told = session.scalars(select(EventRecord).where(EventRecord.name == "interaction.recorded")).all()
        sizes = sorted((each.payload["kind"], len(each.payload["interaction_ids"])) for each in told)
    assert sizes == [("call", 1), ("note", 1), ("note", 1000)]


def test_a_plugin_refuses_one_of_many(crm_url: str) -> None:
    """What a plugin refuses costs itself alone, in bulk as alone."""

    def refuse(session: Any, changes: Any) -> None:
        if any(change.record.subject == "bad" for change in changes if change.resource == "interaction"):
            raise Veto(_("Not this one."))

    with CRM.open(crm_url) as crm:
        plugin(crm, "probe", crmkit_validate_change=refuse)
        crm.registry.guarded["probe"] = frozenset({"interaction"})
        outcomes = crm.run_many(
            ACTOR, "interaction.record", [{"kind": "note", "subject": subject} for subject in ("a", "bad", "c")]
        )
        assert [tuple(problem.code for problem in each.problems) for each in outcomes] == [(), ("CK521",), ()]
        assert [row["subject"] for row in rows(crm, Interaction, Interaction.id)] == ["a", "c"]
        with pytest.raises(Veto):
            record(crm, subject="bad")


def test_the_public_records_nothing(crm: CRM) -> None:
    """Recording needs the right to it."""
    with pytest.raises(Refused):
        crm.run(Actor(id="public", kind="public", name="public"), "interaction.record", {"kind": "note"})
