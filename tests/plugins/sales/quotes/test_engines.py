"""A quote's whole way on each database: written, approved, sent, replaced, accepted."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crmkit import CRM, Actor
from crmkit.errors import Conflict
from tests.plugins.sales.quotes.shop import SYSTEM, Shop, populate


@pytest.fixture
def shop(crm: CRM) -> Shop:
    """The shop, once for each engine."""
    users, customers, products = populate(crm)
    people = {name: Actor.user(id, name.title()) for name, id in users.items()}
    return Shop(crm=crm, people=people, customers=customers, products=products)


def test_the_whole_way(shop: Shop) -> None:
    """A discount that is too large is agreed to, the first version is replaced, the second fills the opportunity."""
    steps = [{"title": "Manager", "who": "user", "name": "mia"}]
    chain = {"name": "manager", "operation": "sales.quote.release", "steps": steps}
    shop.run("work.approval_chain.create", chain, by=SYSTEM)
    policy = {"name": "margin", "least_margin": Decimal(30), "chain": "manager"}
    shop.run("sales.quote_policy.create", policy, by=shop.mia)
    about = shop.run("sales.opportunity.create", {"customer_id": shop.customers["ada"], "title": "Chairs"}).id
    lines = [shop.line("chair", 12, discount=Decimal(10), tax_rate=Decimal(19))]
    quote = shop.run("sales.quote.create", {"opportunity_id": about, "lines": lines}).id
    shop.run("sales.quote.submit", target=quote)
    with pytest.raises(Conflict) as error:
        shop.run("sales.quote.send", target=quote)
    assert error.value.code == "SAL401"
    approval = shop.read(quote).approval_id
    shop.run("work.approval.approve", {"approval_id": approval}, by=shop.mia)
    shop.work()
    shop.run("sales.quote.send", target=quote)
    newer = shop.run("sales.quote.revise", target=quote).id
    shop.run("sales.quote.set_lines", {"lines": [shop.line("chair", 12, tax_rate=Decimal(19))]}, target=newer)
    shop.run("sales.quote.send", target=newer)
    with pytest.raises(Conflict) as error:
        shop.run("sales.quote.accept", {"name": "Ada"}, target=quote)
    assert error.value.code == "SAL402"
    shop.run("sales.quote.accept", {"name": "Ada"}, target=newer)
    shop.work()
    found = shop.run("sales.opportunity.update", {}, target=about)
    assert (str(found.amount), str(shop.read(newer).total)) == ("1080.00 EUR", "1285.20 EUR")
