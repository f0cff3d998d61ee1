"""Customers on journeys, with a clock that can be moved: what tests of journey begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define
from crmkit_journey.passages.models import Passage, PassageStep
from sqlalchemy import select

from crmkit import Customer, User
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.testing.workbench import MovableClock

START = datetime(2027, 3, 1, 9, tzinfo=UTC)
"""When the tests begin (a Monday), later than any record is made by the machine's clock."""
PEOPLE = {"mia": "manager", "max": "marketer", "sue": "service_agent", "sam": "seller"}
CUSTOMERS = ("Ada", "Bob", "Cem", "Dan", "Eve", "Fay")


def fill(crm: CRM) -> None:
    """Enable journey, with people and six customers."""
    crm.enable("work")
    crm.enable("journey")
    system = crm.system("tests of journey")
    crm.run(system, "business.configure", {"name": "Shop", "base_currency": "EUR", "zone": "UTC"})
    for login, role in PEOPLE.items():
        user = crm.run(system, "user.create", {"login": login, "name": login.title()})
        crm.run(system, "user.assign_role", {"role": role}, target=user.id)
    for name in CUSTOMERS:
        crm.run(system, "customer.create", {"name": name})


@define(kw_only=True)
class Base:
    """A CRM with customers, and the people who work with it."""

    crm: CRM
    clock: MovableClock
    users: dict[str, UUID]
    customers: dict[str, UUID]

    @classmethod
    def of(cls, crm: CRM, clock: MovableClock) -> Base:
        """Return the base of a database that `fill` has filled."""
        with crm.session(crm.system("tests of journey")) as session:
            users = {each.login: each.id for each in session.scalars(select(User))}
            customers = {each.name: each.id for each in session.scalars(select(Customer))}
        return cls(crm=crm, clock=clock, users=users, customers=customers)

    def actor(self, who: str = "") -> Any:
        """Return somebody who acts; without a name the system."""
        return Actor.user(self.users[who]) if who else self.crm.system("tests of journey")

    def run(self, name: str, inputs: Mapping[str, Any] | None = None, target: Any = None, who: str = "") -> Any:
        """Run an operation."""
        return self.crm.run(self.actor(who), name, dict(inputs or {}), target=target)

    def after(self, **span: float) -> None:
        """Let time go by, and what is due happen."""
        self.clock.set(self.clock.instant + timedelta(**span))
        self.work()

    def work(self) -> None:
        """Have the jobs that wait be carried out, and flows go on."""
        from crmkit_journey.passages.running import run_due

        self.crm.worker().run_until_idle()
        run_due(self.crm, self.actor())

    def happen(self, who: str, kind: str = "call", **more: Any) -> UUID:
        """Record an interaction with a customer, and have what listens hear of it."""
        values = {"kind": kind, "customer_id": self.customers[who], "occurred_at": self.now, **more}
        if kind == "purchase":
            values.setdefault("amount", "10.00")
            values.setdefault("currency", "EUR")
        made = self.run("interaction.record", values).id
        self.work()
        return made

    @property
    def now(self) -> datetime:
        """Return the business's present instant."""
        return self.clock.instant

    def flow(self, name: str, document: Mapping[str, Any], who: str = "", *, publish: bool = True) -> UUID:
        """Return a new flow, published."""
        made = self.run("journey.flow.create", {"name": name, "document": document}, who=who).id
        if publish:
            self.run("journey.flow.publish", target=made, who=who)
        return made

    def more(self, number: int) -> list[UUID]:
        """Return so many customers more: as many as chance needs to deal to both sides."""
        return [self.run("customer.create", {"name": f"Customer {each}"}).id for each in range(number)]

    def enter(self, flow: str, *names: str, key: str = "") -> list[UUID]:
        """Let customers in, and have them go on."""
        made = [
            self.run("journey.passage.enter", {"flow": flow, "customer_id": self.customers[each], "key": key}).id
            for each in names
        ]
        self.work()
        return made

    def passages(self, who: str = "") -> list[Passage]:
        """Return the passages there are, or a customer's, in their order."""
        query = select(Passage).order_by(Passage.began_at, Passage.number, Passage.id)
        if who:
            query = query.where(Passage.customer_id == self.customers[who])
        with self.crm.session(self.actor()) as session:
            found = list(session.scalars(query))
            session.expunge_all()
            return found

    def passage(self, id_: UUID) -> Passage:
        """Return a passage as it is now."""
        return next(each for each in self.passages() if each.id == id_)

    def steps(self, id_: UUID) -> list[PassageStep]:
        """Return the log of a passage."""
        query = select(PassageStep).where(PassageStep.passage_id == id_).order_by(PassageStep.number)
        with self.crm.session(self.actor()) as session:
            found = list(session.scalars(query))
            session.expunge_all()
            return found
