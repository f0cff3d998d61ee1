"""Offers: found from what is bought together, explained, answered, and left out for as long as was said."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from crmkit_sales.offers.models import Affinity, NextOffer, OfferAnswer
from crmkit_sales.offers.reading import offers_of
from crmkit_sales.offers.reports import OfferParameters, answer_rows, pair_rows

from crmkit import NotFound, Period
from crmkit.errors import Refused
from crmkit.testing.workbench import emitted
from tests.plugins.sales.orders.desk import SYSTEM, Desk

LIMITS = {"least_together": 2, "least_confidence": "50", "least_lift": "1.01"}


def buy(desk: Desk, customer: UUID, *skus: str, days_ago: float = 30) -> UUID:
    """Record a purchase and return its id."""
    values = {
        "kind": "purchase",
        "customer_id": customer,
        "occurred_at": desk.clock.instant - timedelta(days=days_ago),
        "lines": [{"sku": sku, "amount": "10"} for sku in skus],
    }
    found: UUID = desk.run("interaction.record", values, by=SYSTEM).id
    return found


@pytest.fixture
def base(desk: Desk) -> Desk:
    """Of six customers four bought oolong, three of them a pot as well; one of those a cup, as did one without tea.

    Lin has oolong alone; ada has nothing.
    """
    others = [desk.run("customer.create", {"name": f"C{number}"}, by=SYSTEM).id for number in range(5)]
    buy(desk, desk.customers["lin"], "oolong")
    for number, skus in enumerate(
        (("oolong", "pot"), ("oolong", "pot"), ("oolong", "pot", "cup"), ("cup",), ("whisk",))
    ):
        buy(desk, others[number], *skus)
    desk.run("sales.offer.configure", LIMITS, by="mia")
    desk.work()
    return desk


def offers(desk: Desk, customer: str = "lin") -> list[tuple[str, str, int, int, Decimal]]:
    """Return what to offer somebody: product, reason, both, the first, confidence."""
    with desk.crm.session(SYSTEM) as session:
        return [
            (each.product.sku, each.because.sku, each.together, each.base, each.confidence)
            for each in offers_of(session, [desk.customers[customer]])
        ]


def test_who_bought_tea_is_offered_a_pot(base: Desk) -> None:
    """As three of four did who bought tea, and only half of all: with this reason, as a fact, and in words."""
    assert offers(base) == [("pot", "oolong", 3, 4, Decimal("0.75"))]
    assert offers(base, "ada") == []
    assert base.facts("lin", "next_offer", "next_offer_because", "next_offer_confidence") == (
        "pot",
        "oolong",
        Decimal("0.75"),
    )
    with base.crm.session(base.people["sam"]) as session:
        (offer,) = offers_of(session, [base.customers["lin"]])
        assert offer.why("en") == (
            "Bought Oolong; of 4 who did, 3 bought it too, which is 1.5 times as often as among everybody."
        )
    pairs = {(each.product_id, each.other_id): each.lift for each in base.all(Affinity)}
    assert pairs == {
        (base.products["oolong"], base.products["pot"]): Decimal("1.5"),
        (base.products["pot"], base.products["oolong"]): Decimal("1.5"),
    }


def test_what_was_bought_lately_is_not_offered(base: Desk) -> None:
    """But again after the days that the policy says; a purchase that was reversed does not count."""
    bought = buy(base, base.customers["lin"], "pot", days_ago=10)
    base.run("sales.offer.rebuild", by=SYSTEM)
    assert offers(base) == []
    base.run("interaction.reverse", {"reason": "A mistake"}, target=bought, by=SYSTEM)
    base.run("sales.offer.rebuild", by=SYSTEM)
    assert [each[0] for each in offers(base)] == ["pot"]
    buy(base, base.customers["lin"], "pot", days_ago=200)
    base.run("sales.offer.rebuild", by=SYSTEM)
    assert [each[0] for each in offers(base)] == ["pot"]


def test_what_is_not_sold_any_more_is_not_offered(base: Desk) -> None:
    """Whatever was bought together with it."""
    base.run("product.update", {"active": False}, target=base.products["pot"], by=SYSTEM)
    base.run("sales.offer.rebuild", by=SYSTEM)
    assert offers(base) == []


@pytest.mark.parametrize("answer", ["taken", "declined"])
def test_an_answer_ends_the_offer_for_a_time(base: Desk, answer: str) -> None:
    """It is gone at once, and is found again after the pause; it is told what was answered."""
    values = {"customer_id": base.customers["lin"], "product_id": base.products["pot"], "answer": answer}
    base.run("sales.offer.answer", values)
    assert (offers(base), base.facts("lin", "next_offer")) == ([], (None,))
    base.run("sales.offer.rebuild", by=SYSTEM)
    assert offers(base) == []
    assert [each["answer"] for each in emitted(base.crm, "sales.offer.answered")] == [answer]
    base.clock.advance(days=91)
    base.run("sales.offer.rebuild", by=SYSTEM)
    assert [each[0] for each in offers(base)] == ["pot"]
    with pytest.raises(NotFound):
        base.run("sales.offer.answer", {**values, "product_id": base.customers["lin"]})


def test_pairs_by_purchase_need_the_same_purchase(base: Desk) -> None:
    """What the same customer bought on two days is together by customer, and not by basket."""
    for name in ("ada",):
        buy(base, base.customers[name], "oolong", days_ago=20)
        buy(base, base.customers[name], "pot", days_ago=10)
    base.run("sales.offer.rebuild", by=SYSTEM)
    both = (base.products["oolong"], base.products["pot"])
    counts = {(each.product_id, each.other_id): (each.together, each.base) for each in base.all(Affinity)}
    assert counts[both] == (4, 5)
    base.run("sales.offer.configure", {"together": "basket"}, by="mia")
    base.work()
    counts = {(each.product_id, each.other_id): (each.together, each.base) for each in base.all(Affinity)}
    assert counts[both] == (3, 5)


def test_finding_again_finds_the_same(base: Desk) -> None:
    """The rows are the same however often it runs; for nobody but the framework."""
    before = [(each.customer_id, each.product_id, each.position) for each in base.all(NextOffer, NextOffer.customer_id)]
    base.run("sales.offer.rebuild", by=SYSTEM)
    after = [(each.customer_id, each.product_id, each.position) for each in base.all(NextOffer, NextOffer.customer_id)]
    assert (before, bool(before)) == (after, True)
    with pytest.raises(Refused):
        base.run("sales.offer.rebuild", by="mia")
    with pytest.raises(Refused):
        base.run("sales.offer.configure", {"per_customer": 1})


def test_the_reports_say_what_came_of_offers(base: Desk) -> None:
    """Taken and declined, and who has bought since; and what is bought together."""
    values = {"customer_id": base.customers["lin"], "product_id": base.products["pot"], "answer": "taken"}
    base.run("sales.offer.answer", values)
    base.clock.advance(days=1)
    buy(base, base.customers["lin"], "pot", days_ago=0.5)
    today = base.clock.instant.date()
    period = OfferParameters(period=Period(first=today.replace(day=1), last=today))
    with base.crm.session(base.people["mia"]) as session:
        rows = {row["product"]: row for row in answer_rows(session, period, None).rows}
        pairs = pair_rows(session, None, None).rows
    assert (rows["Pot"]["taken"], rows["Pot"]["declined"], rows["Pot"]["bought"]) == (1, 0, 1)
    assert [(row["product"], row["other"], row["confidence"]) for row in pairs] == [
        ("Pot", "Oolong", 1.0),
        ("Oolong", "Pot", 0.75),
    ]
    assert [(each.answer, each.because_id) for each in base.all(OfferAnswer)] == [("taken", base.products["oolong"])]
