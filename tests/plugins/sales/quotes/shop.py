"""A furniture shop with prices, costs, people and customers, for the tests of prices and quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import frozen
from crmkit_sales.quotes.lines import lines_of
from crmkit_sales.quotes.models import Quote, QuoteLine

from crmkit.app import CRM
from crmkit.core.store.actor import Actor

SYSTEM = Actor.system("a test")
ROLES = {"mia": "manager", "sam": "seller"}
DAY = date(2026, 1, 1)


@frozen(kw_only=True)
class Shop:
    """A base with sales enabled, its people by login, its customers and products by name."""

    crm: CRM
    people: Mapping[str, Actor]
    customers: Mapping[str, UUID]
    products: Mapping[str, UUID]

    @property
    def sam(self) -> Actor:
        """The seller, who owns both customers."""
        return self.people["sam"]

    @property
    def mia(self) -> Actor:
        """The manager."""
        return self.people["mia"]

    def run(self, operation: str, values: Any = None, *, by: Actor | None = None, **options: Any) -> Any:
        """Run an operation as the seller, or as somebody else."""
        return self.crm.run(by or self.sam, operation, values or {}, **options)

    def quote(self, *lines: Mapping[str, Any], by: Actor | None = None, **values: Any) -> UUID:
        """Add a quote for ada and return its id."""
        given = {"customer_id": self.customers["ada"], "lines": list(lines), **values}
        found: UUID = self.run("sales.quote.create", given, by=by).id
        return found

    def read(self, quote_id: UUID) -> Quote:
        """Return a quote as it stands, with its sealed fields open."""
        with self.crm.session(SYSTEM) as session:
            found = session.get_one(Quote, quote_id)
            assert (found.answered_by, found.declined_reason) is not None
            return found

    def lines(self, quote_id: UUID) -> Sequence[QuoteLine]:
        """Return the lines of a quote."""
        with self.crm.session(SYSTEM) as session:
            return lines_of(session, session.get_one(Quote, quote_id))

    def work(self) -> None:
        """Carry out what is due."""
        self.crm.worker().run_until_idle()

    def line(self, product: str, quantity: str | int = 1, **values: Any) -> dict[str, Any]:
        """Return a line for a product."""
        return {"product_id": self.products[product], "quantity": Decimal(quantity), **values}


def fill(crm: CRM) -> tuple[Mapping[str, UUID], Mapping[str, UUID], Mapping[str, UUID]]:
    """Enable sales and what it requires, and do what `populate` does; return ids."""
    crm.enable("sales")
    return populate(crm)


def populate(crm: CRM) -> tuple[Mapping[str, UUID], Mapping[str, UUID], Mapping[str, UUID]]:
    """Add people, customers, products, prices and costs where sales is enabled; return ids."""
    crm.run(SYSTEM, "business.configure", {"name": "Chairs & Co", "base_currency": "EUR", "zone": "Europe/Berlin"})
    team = crm.run(SYSTEM, "team.create", {"name": "Sales"}).id
    users: dict[str, UUID] = {}
    for login, role in ROLES.items():
        user = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()})
        crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
        crm.run(SYSTEM, "team.add_member", {"user_id": user.id, "main": True}, target=team)
        users[login] = user.id
    customers: dict[str, UUID] = {}
    rows: dict[str, dict[str, Any]] = {
        "ada": {"name": "Ada Byron", "city": "London", "language": "en", "email": "ada@x.example"},
        "lin": {"name": "王林", "city": "上海", "language": "zh-CN"},
    }
    for key, row in rows.items():
        customers[key] = crm.run(SYSTEM, "customer.create", {**row, "owner_id": users["sam"], "team_id": team}).id
    products: dict[str, UUID] = {}
    for sku, title in (("chair", "Chair"), ("table", "Table"), ("lamp", "Lamp")):
        products[sku] = crm.run(SYSTEM, "product.create", {"sku": sku, "title": title}).id
    crm.run(SYSTEM, "sales.price_list.create", {"name": "usual", "title": "Usual prices", "currency": "EUR"})
    for sku, quantity, price, cost in (
        ("chair", "0", "100", "60"),
        ("chair", "10", "90", None),
        ("table", "0", "400", "250"),
    ):
        crm.run(
            SYSTEM,
            "sales.price.set",
            {
                "price_list": "usual",
                "sku": sku,
                "from_quantity": quantity,
                "unit_price": price,
                "cost": cost,
                "valid_from": DAY,
                "unit": "pcs",
            },
        )
    return users, customers, products
