"""Warranties are registered, claimed, settled, extended and closed, and what must not happen is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from crmkit import CRM, Actor, Conflict, InvalidInput, Refused, Veto
from crmkit.errors import AlreadyExists
from sqlalchemy import select

from crmkit_warranty.errors import ClaimOpen, WarrantyExpired
from crmkit_warranty.models import Claim, Warranty
from crmkit_warranty.operations import months_later


@pytest.fixture
def warranty(crm: CRM, actor: Actor, customers) -> Warranty:
    """A warranty of 24 months, as the settings have it."""
    return crm.run(actor, "warranty.register", {"customer_id": customers(name="Li Na").id, "serial": "SN-1"})


def read(crm: CRM, actor: Actor, warranty: Warranty) -> Warranty:
    """Return the warranty as it is stored."""
    with crm.session(actor) as session:
        found = session.get(Warranty, warranty.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 15), 2, date(2027, 1, 15)),
        (date(2026, 12, 1), 24, date(2028, 12, 1)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, expected: date) -> None:
    """A month later is the same day, or the last one of a shorter month."""
    assert expected == months_later(day, months)


def test_a_warranty_lasts_as_the_terms_say(crm: CRM, actor: Actor, customers) -> None:
    """Months given, else those of the terms, else those of the settings."""
    customer, start = customers(), "2026-01-15"
    lengths: list[Mapping[str, Any]] = [{"months": 3}, {"terms": "extended"}, {}]
    made = [
        crm.run(
            actor,
            "warranty.register",
            {"customer_id": customer.id, "serial": f"SN-{number}", "starts_on": start, **length},
        )
        for number, length in enumerate(lengths)
    ]
    assert [date(2026, 4, 15), date(2031, 1, 15), date(2028, 1, 15)] == [each.expires_on for each in made]


def test_a_bad_registration_names_every_problem(crm: CRM, actor: Actor) -> None:
    """All that is wrong is said at once, by field."""
    values = {"customer_id": "0197a1b2-0000-7000-8000-000000000000", "serial": " ", "sku": "none", "terms": "none"}
    with pytest.raises(InvalidInput) as caught:
        crm.run(actor, "warranty.register", values)
    assert [problem.field for problem in caught.value.problems] == ["serial", "customer_id", "sku", "terms"]


def test_many_are_registered_and_one_that_is_refused_costs_itself(crm: CRM, actor: Actor, customers, events) -> None:
    """The bulk form answers to each input, and tells of all in one event."""
    customer = customers()
    items = [{"customer_id": customer.id, "serial": serial} for serial in ("A", "B", "A", "C")]
    outcomes = crm.run_many(actor, "warranty.register", items)
    assert [not outcome.problems for outcome in outcomes] == [True, True, False, True]
    (event,) = events("warranty.registered")
    assert len(event["warranty_ids"]) == 3


def test_a_claim_is_opened_once_and_is_in_the_stream(crm: CRM, actor: Actor, warranty: Warranty, events) -> None:
    """The claim is an interaction of the customer; a second one has to wait until it is settled."""
    claim = crm.run(actor, "warranty.claim", {"defect": "It stays dark"}, target=warranty.id)
    with pytest.raises(ClaimOpen):
        crm.run(actor, "warranty.claim", {"defect": "Again"}, target=warranty.id)
    with crm.session(actor) as session:
        from crmkit import Interaction

        (interaction,) = session.scalars(select(Interaction).where(Interaction.kind == "warranty.claimed"))
    assert (warranty.customer_id, "SN-1") == (interaction.customer_id, interaction.payload["serial"])
    assert [str(claim.id)] == [event["claim_id"] for event in events("warranty.claimed")]
    assert read(crm, actor, warranty).status == "claimed"


def test_an_expired_warranty_takes_no_claim(crm: CRM, actor: Actor, warranty: Warranty, clock) -> None:
    """The day after the last one is too late; extended, it is not."""
    clock.set(datetime.combine(warranty.expires_on + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=12))
    with pytest.raises(WarrantyExpired) as caught:
        crm.run(actor, "warranty.claim", {"defect": "Late"}, target=warranty.id)
    assert caught.value.code == "WTY101"
    crm.run(actor, "warranty.extend", {"months": 1}, target=warranty.id)
    crm.run(actor, "warranty.claim", {"defect": "Late"}, target=warranty.id)
    with crm.session(actor) as session:
        assert [claim.defect for claim in session.scalars(select(Claim))] == ["Late"]


class TestClaimLimit:
    """The settings say how many claims a warranty takes."""

    @pytest.fixture
    def plugin_settings(self) -> Mapping[str, Any]:
        """Two claims."""
        return {"claims": 2}

    def test_the_last_claim_closes_the_warranty(self, crm: CRM, actor: Actor, warranty: Warranty, events) -> None:
        """It is closed in the change that settles the claim, by a subscription before the commit."""
        for number in range(2):
            assert read(crm, actor, warranty).status != "closed"
            crm.run(actor, "warranty.claim", {"defect": f"Claim {number}"}, target=warranty.id)
            crm.run(actor, "warranty.settle", target=warranty.id)
        stored = read(crm, actor, warranty)
        assert (stored.status, stored.claims, stored.defect) == ("closed", 2, None)
        assert [str(warranty.id)] == [event["warranty_id"] for event in events("warranty.closed")]


def test_what_is_closed_is_final(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """The plugin's access rule forbids it to everybody; what runs in system scope has the operation's own answer."""
    crm.run(actor, "warranty.close", target=warranty.id)
    for operation, values in (("extend", {"months": 1}), ("claim", {"defect": "Late"}), ("close", {})):
        with pytest.raises(Refused):
            crm.run(actor, f"warranty.{operation}", values, target=warranty.id)
        with pytest.raises(Conflict):
            crm.run(crm.system("a test"), f"warranty.{operation}", values, target=warranty.id)
    assert read(crm, actor, warranty).status == "closed"


def test_what_was_never_claimed_is_not_settled(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """Settling needs a claim."""
    with pytest.raises(ClaimOpen):
        crm.run(actor, "warranty.settle", target=warranty.id)


def test_a_customer_with_an_open_claim_stays(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """The plugin guards customers: one with an open claim cannot be put away, and can be once it is settled."""
    crm.run(actor, "warranty.claim", {"defect": "It stays dark"}, target=warranty.id)
    with pytest.raises(Veto) as caught:
        crm.run(actor, "customer.delete", target=warranty.customer_id)
    assert caught.value.raised_by == "warranty"
    crm.run(actor, "warranty.settle", target=warranty.id)
    crm.run(actor, "customer.delete", target=warranty.customer_id)


def test_terms_have_names_of_their_own(crm: CRM, actor: Actor) -> None:
    """Enabling has added the default ones."""
    with pytest.raises(AlreadyExists):
        crm.run(actor, "warranty.terms.add", {"name": "standard", "months": 12})


def test_facts_are_as_they_stood(warranty: Warranty, customers, facts) -> None:
    """A warranty counts on its days, and not for who asks about others."""
    now = datetime.now(UTC) + timedelta(minutes=1)
    later = datetime.combine(warranty.expires_on + timedelta(days=1), datetime.min.time(), UTC)
    (held,) = facts("warranty", now, known_at=now)
    (ended,) = facts("warranty", later, known_at=now)
    nobody = facts("warranty", now, customers=[customers().id])
    unknown = facts("warranty", now, known_at=now - timedelta(days=1))
    assert (1, warranty.expires_on, 0) == (held.count, held.next_expiry, held.claims)
    assert (ended.count, ended.next_expiry) == (0, None)
    assert [*nobody, *unknown] == []


def test_expired_warranties_are_closed_at_night(crm: CRM, actor: Actor, warranty: Warranty, clock) -> None:
    """The periodic job closes them, however many nights were missed."""
    crm.worker().run_until_idle()
    clock.set(datetime.combine(warranty.expires_on + timedelta(days=3), datetime.min.time(), UTC))
    crm.worker().run_until_idle()
    assert read(crm, actor, warranty).status == "closed"


def test_reminders_are_noted(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """The operation of the rule notes the day and counts open warranties."""
    assert crm.run(actor, "warranty.remind", {"customer_id": warranty.customer_id}) == 1
    assert read(crm, actor, warranty).reminded_on is not None


class TestPurchases:
    """A purchase of a product that the settings name registers its warranty."""

    @pytest.fixture
    def plugin_settings(self) -> Mapping[str, Any]:
        """One product with 36 months."""
        return {"products": {"LAPTOP-13": 36}}

    def test_a_purchase_registers_its_warranty_once(self, crm: CRM, actor: Actor, customers) -> None:
        """By a durable subscription, for the lines that are named, from the day of the purchase."""
        values = {
            "kind": "purchase",
            "customer_id": customers().id,
            "occurred_at": "2026-03-01T12:00:00+00:00",
            "currency": "EUR",
            "source": "shop",
            "external_id": "1001",
            "lines": [
                {"sku": "LAPTOP-13", "unit_price": "900.00"},
                {"sku": "BAG", "unit_price": "20.00"},
            ],
            "create_products": True,
        }
        crm.run(actor, "interaction.record", values)
        crm.run(actor, "interaction.record", values)
        crm.worker().run_until_idle()
        with crm.session(actor) as session:
            (warranty,) = session.scalars(select(Warranty))
        assert warranty.serial.startswith("1001/")
        assert (date(2026, 3, 1), date(2029, 3, 1)) == (warranty.starts_on, warranty.expires_on)
