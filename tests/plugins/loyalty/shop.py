"""A shop with a loyalty programme, whose clock can be moved: what tests of loyalty begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from attrs import define, field
from crmkit_loyalty.earning.models import EarnRule
from crmkit_loyalty.ledger.models import Lot, Transaction
from crmkit_loyalty.ledger.reading import Standing, disagreements, standing_of
from crmkit_loyalty.ledger.running import run_all
from crmkit_loyalty.programs.finding import accounts_of, program_named, types_of
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.testing.workbench import MovableClock

START = datetime(2027, 3, 1, 2, tzinfo=UTC)
"""When the tests begin: ten o'clock in Shanghai, later than any record is made by the machine's clock."""


def fill(crm: CRM) -> None:
    """Enable loyalty, with a programme "club" whose points expire after two years."""
    crm.enable("loyalty")
    system = crm.system("tests of loyalty")
    crm.run(system, "business.configure", {"name": "Shop", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    crm.run(system, "loyalty.program.create", {"name": "club", "title": "Club"})
    kind = {"expiry": "rolling", "expiry_months": 24, "transferable": True}
    crm.run(system, "loyalty.point_type.create", {"program": "club", "name": "points", "title": "Points", **kind})


@define(kw_only=True)
class Shop:
    """A shop: its CRM, the actor who does everything, and its customers by name."""

    crm: CRM
    clock: MovableClock
    actor: Any
    customers: dict[str, UUID] = field(factory=dict[str, UUID])

    @classmethod
    def of(cls, crm: CRM, clock: MovableClock) -> Shop:
        """Return the shop of a database that `fill` has filled."""
        return cls(crm=crm, clock=clock, actor=crm.system("tests of loyalty"))

    def run(self, name: str, inputs: Mapping[str, Any] | None = None, target: Any = None, **options: Any) -> Any:
        """Run an operation."""
        return self.crm.run(self.actor, name, dict(inputs or {}), target=target, **options)

    def customer(self, name: str = "Wang Lin") -> UUID:
        """Return a customer who takes part, added at first use."""
        if name not in self.customers:
            self.customers[name] = self.run("customer.create", {"kind": "person", "name": name}).id
            self.run("loyalty.member.join", {"customer_id": self.customers[name]})
        return self.customers[name]

    def account(self, name: str = "Wang Lin") -> UUID:
        """Return the account of a customer."""
        customer_id = self.customer(name)
        with self.crm.session(self.actor) as session:
            return accounts_of(session, program_named(session).id, customer_id)[0].id

    def give(self, points: int, name: str = "Wang Lin", **options: Any) -> Transaction:
        """Give points to a customer by hand."""
        inputs = {"points": points, "reason": "a test", **options}
        return self.run("loyalty.points.adjust", inputs, target=self.account(name))

    def spend(self, points: int, name: str = "Wang Lin", **options: Any) -> Transaction:
        """Spend points of a customer."""
        return self.run("loyalty.points.spend", {"customer_id": self.customer(name), "points": points, **options})

    def standing(self, name: str = "Wang Lin", kind: int = 0) -> Standing:
        """Return how many points a customer has, of the first kind."""
        customer_id = self.customer(name)
        with self.crm.session(self.actor) as session:
            program = program_named(session)
            accounts = accounts_of(session, program.id, customer_id)
            return standing_of(session, accounts, types_of(session, program.id))[kind]

    def balance(self, name: str = "Wang Lin") -> int:
        """Return how many points a customer can spend."""
        return self.standing(name).available

    def lots(self, name: str = "Wang Lin") -> list[Lot]:
        """Return the lots of a customer, in the order in which they were earned."""
        account = self.account(name)
        with self.crm.session(self.actor) as session:
            query = select(Lot).where(Lot.account_id == account).order_by(Lot.earned_at, Lot.id)
            found = list(session.scalars(query))
            session.expunge_all()
            return found

    def tick(self) -> int:
        """Do what is due."""
        return run_all(self.crm, self.actor)

    def rules(self, *rules: Mapping[str, Any], note: str = "") -> Any:
        """Have these rules count."""
        version = self.run("loyalty.rule_set.draft", {"note": note})
        with self.crm.session(self.actor) as session:
            old = list(session.scalars(select(EarnRule.id).where(EarnRule.set_id == version.id)))
        for each in old:
            self.run("loyalty.earn_rule.remove", target=each)
        for each in rules:
            self.run("loyalty.earn_rule.create", each, target=version.id)
        return self.run("loyalty.rule_set.publish", target=version.id)

    def buy(self, *lines: tuple[str, int], name: str = "Wang Lin", **options: Any) -> Any:
        """Record a purchase of products for amounts and carry out what follows."""
        return self.record("purchase", *lines, name=name, **options)

    def refund(self, purchase: Any, *lines: tuple[str, int], name: str = "Wang Lin", **options: Any) -> Any:
        """Record a refund of a purchase and carry out what follows; without lines of ``amount``."""
        return self.record("refund", *lines, name=name, about_id=purchase.id, **options)

    def record(self, kind: str, *lines: tuple[str, int], name: str = "Wang Lin", **options: Any) -> Any:
        """Record an interaction with money and carry out what follows."""
        made = [{"sku": sku, "amount": amount} for sku, amount in lines]
        values = {"kind": kind, "customer_id": self.customer(name), "currency": "CNY", **options}
        found = self.run("interaction.record", {**values, "lines": made} if made else values)
        self.work()
        return found

    def reverse(self, interaction: Any) -> None:
        """Reverse an interaction and carry out what follows."""
        self.run("interaction.reverse", {"reason": "a mistake"}, target=interaction.id)
        self.work()

    def work(self) -> None:
        """Carry out the jobs that are due, and what these defer."""
        self.crm.worker().run_until_idle()

    def agrees(self) -> bool:
        """Say whether the books agree."""
        with self.crm.session(self.actor) as session:
            return disagreements(session) == []
