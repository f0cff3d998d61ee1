"""A tea trader with products, prices, people and a clock that stands, for the tests of orders, contracts and offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from crmkit_sales.contracts.models import Contract
from crmkit_sales.orders.models import Order, OrderException
from sqlalchemy import select

from crmkit import CRM, Actor, Interaction, Settings
from crmkit.testing.workbench import MovableClock

SYSTEM = Actor.system("a test")
MONDAY = datetime(2035, 3, 5, 2, 0, tzinfo=UTC)
"""When the tests begin: ten o'clock on a Monday in Shanghai, later than any record is made by the machine's clock."""
ROLES = {"mia": "manager", "sam": "seller", "sue": "service_agent", "ann": "analyst"}


@frozen(kw_only=True)
class Desk:
    """A base with sales enabled, its clock, its people by login, its customers and products by name."""

    crm: CRM
    clock: MovableClock
    people: Mapping[str, Actor]
    customers: Mapping[str, UUID]
    products: Mapping[str, UUID]

    def run(self, operation: str, values: Any = None, *, by: str | Actor = "sam", **options: Any) -> Any:
        """Run an operation as the seller, or as somebody else."""
        actor = by if isinstance(by, Actor) else self.people[by]
        return self.crm.run(actor, operation, values or {}, **options)

    def line(self, product: str, quantity: str | int = 1, **values: Any) -> dict[str, Any]:
        """Return a line for a product."""
        return {"product_id": self.products[product], "quantity": str(quantity), **values}

    def order(self, *lines: Mapping[str, Any], customer: str = "lin", **values: Any) -> Order:
        """Add an order that is collected, and submit it."""
        given = {"customer_id": self.customers[customer], "delivery": "collect", "submit": True, **values}
        found: Order = self.run("sales.order.create", {**given, "lines": list(lines)})
        return found

    def contract(self, *, active: bool = True, **values: Any) -> Contract:
        """Add a contract, and let it hold."""
        given = {
            "customer_id": self.customers["lin"],
            "title": "Tea for the office",
            "start_on": "2035-01-01",
            **values,
        }
        found: Contract = self.run("sales.contract.create", given)
        return self.run("sales.contract.activate", target=found.id) if active else found  # type: ignore[no-any-return]

    def read(self, model: Any, identity: UUID) -> Any:
        """Return a record as it stands."""
        with self.crm.session(SYSTEM) as session:
            return session.get_one(model, identity)

    def all(self, model: Any, *order: Any) -> list[Any]:
        """Return all records of a model, in an order."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(model).order_by(*order)))

    def exceptions(self, order: Order, state: str = "open") -> list[str]:
        """Return the kinds of the exceptions of an order."""
        found = self.all(OrderException, OrderException.kind)
        return [each.kind for each in found if each.order_id == order.id and each.state == state]

    def stream(self) -> list[tuple[str, int | None]]:
        """Return kinds and amounts of the stream, in the order in which it was recorded."""
        found = self.all(Interaction, Interaction.recorded_at, Interaction.id)
        return [(each.kind, each.amount_minor) for each in found]

    def facts(self, customer: str, *names: str) -> tuple[Any, ...]:
        """Return facts of a customer."""
        from crmkit import catalogue_of, moment_of, values_of

        with self.crm.session(SYSTEM) as session:
            refs = [catalogue_of(session).ref(f"sales.{name}") for name in names]
            found = values_of(session, refs, [self.customers[customer]], moment_of(session))
            return tuple(found[self.customers[customer]][ref] for ref in refs)

    def work(self) -> None:
        """Carry out what is due."""
        self.crm.worker().run_until_idle()


def fill(crm: CRM) -> tuple[Mapping[str, UUID], Mapping[str, UUID], Mapping[str, UUID]]:
    """Enable sales, and add people, customers, products and prices; return their ids."""
    crm.run(
        SYSTEM,
        "business.configure",
        {"name": "Tea House", "base_currency": "CNY", "zone": "Asia/Shanghai", "country": "CN"},
    )
    crm.enable("work")
    crm.enable("sales")
    team = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    users: dict[str, UUID] = {}
    for login, role in ROLES.items():
        users[login] = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()}).id
        crm.run(SYSTEM, "user.assign_role", {"role": role}, target=users[login])
        crm.run(SYSTEM, "team.add_member", {"user_id": users[login], "main": True}, target=team)
    customers: dict[str, UUID] = {}
    for key, name in (("lin", "王林"), ("ada", "Ada Byron")):
        customers[key] = crm.run(
            SYSTEM, "customer.create", {"name": name, "owner_id": users["sam"], "team_id": team}
        ).id
    products: dict[str, UUID] = {}
    for sku, title in (("oolong", "Oolong"), ("sencha", "Sencha"), ("pot", "Pot"), ("cup", "Cup"), ("whisk", "Whisk")):
        products[sku] = crm.run(SYSTEM, "product.create", {"sku": sku, "title": title}).id
    made = crm.run(SYSTEM, "sales.price_list.create", {"name": "usual", "title": "Usual", "currency": "CNY"})
    for sku, minor in (("oolong", 9_900), ("sencha", 5_000), ("pot", 20_000)):
        crm.run(
            SYSTEM,
            "sales.price.create",
            {"list_id": made.id, "product_id": products[sku], "unit_price_minor": minor},
        )
    return users, customers, products


def desk_at(url: str, filled: Any, **settings: Any) -> Iterator[Desk]:
    """Open a desk on a database that `fill` has filled, with a clock that stands on a Monday morning."""
    users, customers, products = filled
    clock = MovableClock()
    clock.set(MONDAY)
    with CRM.open(Settings(database=url, **settings), clock=clock.as_clock()) as crm:
        people = {name: Actor.user(id, name.title()) for name, id in users.items()}
        yield Desk(crm=crm, clock=clock, people=people, customers=customers, products=products)
