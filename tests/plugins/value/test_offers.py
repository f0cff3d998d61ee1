"""Offers: what goes with a purchase, by lift times margin, for who allows it; and what is expected next."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from crmkit_value.offers.models import OfferedProduct
from crmkit_value.offers.reading import expected_of, offers_of
from sqlalchemy import select

from crmkit import CRM, Product, frame
from crmkit.testing import Clients
from tests.plugins.analytics.shop import SYSTEM, Shop
from tests.plugins.value.shop import TODAY, noon


def filled(crm: CRM) -> dict[str, UUID]:
    """Fill a shop: ten buy tea and cups, of whom eight a pot too, ten others bread alone; Ada buys tea and cups, and
    Bob tea, three times thirty days apart. Return customers by name and products by SKU."""
    crm.run(SYSTEM, "business.configure", {"base_currency": "CNY"})
    for sku in ("tea", "cup", "pot", "bread"):
        crm.run(SYSTEM, "product.create", {"sku": sku, "title": sku.title()})
    names = [*[f"Tea {n}" for n in range(10)], *[f"Bread {n}" for n in range(10)], "Ada", "Bob"]
    made = crm.run_many(SYSTEM, "customer.create", [{"name": name} for name in names])
    ids = {name: each.result for name, each in zip(names, made, strict=True)}
    price = {"tea": "10", "cup": "20", "pot": "50", "bread": "5"}
    rows = []

    def buys(name: str, days_ago: int, *skus: str) -> None:
        lines = [{"sku": sku, "quantity": "1", "amount": price[sku]} for sku in skus]
        rows.append(
            {
                "kind": "purchase",
                "customer_id": ids[name],
                "occurred_at": noon(TODAY - timedelta(days=days_ago)),
                "amount": str(sum(int(price[sku]) for sku in skus)),
                "currency": "CNY",
                "lines": lines,
            }
        )

    for number in range(10):
        buys(f"Tea {number}", 100, "tea", "cup", *(["pot"] if number < 8 else []))
        buys(f"Bread {number}", 90, "bread")
    buys("Ada", 20, "tea", "cup")
    for days in (80, 50, 20):
        buys("Bob", days, "tea")
    crm.run_many(SYSTEM, "interaction.record", rows)
    Shop(crm=crm).at(TODAY)
    with crm.session(SYSTEM) as session:
        products = {each.sku: each.id for each in session.scalars(select(Product))}
    return {**ids, **products}


def offered(crm: CRM, customer: UUID) -> list[str]:
    """Return the SKUs of what is offered to a customer, the best first, found anew."""
    crm.run(SYSTEM, "value.offer.find", {})
    with crm.session(SYSTEM) as session:
        return [each.product.sku for each in offers_of(session, [customer])]


def test_offers_go_by_lift_times_margin_and_say_why(crm: CRM) -> None:
    """Eight of eleven who bought cups bought a pot; Bob, who buys tea alone, is offered the pot before the cup."""
    ids = filled(crm)
    assert offered(crm, ids["Ada"]) == ["pot"]
    assert offered(crm, ids["Bob"]) == ["pot", "cup"]
    assert offered(crm, ids["Bread 1"]) == []
    with crm.session(SYSTEM) as session:
        (pot,) = offers_of(session, [ids["Ada"]])
        rows = {row[0]: row[1:] for row in frame(session, ["value.next_offer", "value.next_offer_margin"]).rows()}
    # 22 customers, 11 with a cup, 8 with a pot, all of them with both.
    assert (pot.because.sku, pot.together, pot.base, pot.lift) == ("cup", 8, 11, Decimal(2))
    assert (pot.margin_minor, pot.score) == (5000, 10000)
    assert pot.why("en") == "Because they bought Cup: of 11 who did, 8 bought this too, 2.0 times as often as all."
    assert rows[ids["Ada"]] == ("pot", Decimal(50))


def test_what_brings_nothing_or_is_not_to_be_offered_is_left_out(lite: CRM) -> None:
    """A product that is named, one that is not sold any more, one that is sold at a loss."""
    ids = filled(lite)
    lite.run(SYSTEM, "value.not_offered.create", {"product_id": ids["pot"], "reason": "sold out"})
    assert offered(lite, ids["Bob"]) == ["cup"]
    lite.run(SYSTEM, "product.update", {"active": False}, target=ids["cup"])
    assert offered(lite, ids["Bob"]) == []


def test_only_who_allows_it_is_offered_anything(lite: CRM) -> None:
    """Who has withdrawn consent is left out; where it has to be given, so is everybody of whom nothing is known."""
    ids = filled(lite)
    entry = {"purpose": "marketing", "channel": "*", "granted": False, "source": "web"}
    lite.run(SYSTEM, "consent.record", entry, target=ids["Ada"])
    assert (offered(lite, ids["Ada"]), offered(lite, ids["Bob"])) == ([], ["pot", "cup"])
    lite.run(SYSTEM, "value.policy.configure", {"offer_consent": "granted"})
    assert offered(lite, ids["Bob"]) == []
    lite.run(SYSTEM, "consent.record", {**entry, "granted": True}, target=ids["Bob"])
    assert offered(lite, ids["Bob"]) == ["pot", "cup"]


def test_usual_gap_is_the_median_of_repeats(lite: CRM) -> None:
    """Where too few bought a product again the policy's gap counts: who bought a cup within it is not offered one."""
    ids = filled(lite)
    lite.run(SYSTEM, "value.policy.configure", {"offer_gap_days": 30})
    assert offered(lite, ids["Tea 9"]) == ["pot", "cup", "tea"]
    lite.run(SYSTEM, "value.policy.configure", {"offer_gap_days": 120})
    assert offered(lite, ids["Tea 9"]) == ["pot"]
    with lite.session(SYSTEM) as session:
        tea = session.get(OfferedProduct, ids["tea"])
    assert tea is not None
    assert (tea.gap_days, tea.repeats) == (120, 2)


def test_next_product_is_the_usual_one_else_the_best_offer(crm: CRM) -> None:
    """Bob has bought tea on three days; Ada bought nothing twice, and is expected to buy what goes with it."""
    ids = filled(crm)
    crm.run(SYSTEM, "value.offer.find", {})
    with crm.session(SYSTEM) as session:
        found = expected_of(session, [ids["Bob"], ids["Ada"], ids["Bread 1"]])
    assert {id_: (each.product.sku, each.why, each.days) for id_, each in found.items()} == {
        ids["Bob"]: ("tea", "usual", 3),
        ids["Ada"]: ("pot", "pair", 0),
    }


def test_page_and_panel_say_what_to_offer(lite: CRM) -> None:
    """The page lists the best offers, and those of one customer; the panel stands beside the customer."""
    ids = filled(lite)
    clients = Clients(crm=lite)
    client = clients(Shop(crm=lite).actor("the_analyst", "analyst"))
    assert "There is nothing to offer" in client.get("/modules/value/offers").text
    lite.run(SYSTEM, "value.offer.find", {})
    page = client.get("/modules/value/offers").text
    assert "Customers with an offer" in page
    assert "Because they bought Cup" in page
    one = client.get(f"/modules/value/offers?customer={ids['Bob']}").text
    assert "Bought on 3 days." in one
    assert "Because they bought Tea" in client.get(f"/customers/{ids['Bob']}").text
    clients.close()
