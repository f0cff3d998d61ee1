"""A customer base whose clock can be moved, with people who promise things to customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from attrs import define
from sqlalchemy import select

from crmkit import Customer, User, catalogue_of, moment_of, values_of
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.testing.workbench import MovableClock

START = datetime(2027, 3, 1, 2, tzinfo=UTC)
"""A Monday, 03:00 in Berlin; later than any record is made by the machine's clock."""
PEOPLE = {"mia": "manager", "sam": "seller", "sid": "seller", "sue": "service_agent"}
TEAMS = {"mia": ("North", "South"), "sid": ("South",)}
"""Who is in another team than North."""
CUSTOMERS = {"Ada": "sam", "Bob": "sid"}


def fill(crm: CRM) -> None:
    """Enable experience, with people and two customers who are somebody's."""
    crm.enable("experience")
    system = crm.system("tests of experience")
    crm.run(system, "business.configure", {"name": "Shop", "base_currency": "EUR", "zone": "Europe/Berlin"})
    teams = {name: crm.run(system, "team.create", {"name": name}).id for name in ("North", "South")}
    users: dict[str, UUID] = {}
    for login, role in PEOPLE.items():
        users[login] = crm.run(system, "user.create", {"login": login, "name": login.title()}).id
        crm.run(system, "user.assign_role", {"role": role}, target=users[login])
        for name in TEAMS.get(login, ("North",)):
            crm.run(system, "team.add_member", {"user_id": str(users[login])}, target=teams[name])
    for name, owner in CUSTOMERS.items():
        crm.run(
            system,
            "customer.create",
            {"name": name, "owner_id": str(users[owner]), "team_id": str(teams[TEAMS.get(owner, ("North",))[0]])},
        )


def fill_beside(crm: CRM) -> None:
    """Do the same with work and knowledge beside."""
    crm.enable("work")
    crm.enable("knowledge")
    fill(crm)


def fill_service(crm: CRM) -> None:
    """Do the same with service and feedback beside."""
    for name in ("work", "service", "feedback"):
        crm.enable(name)
    fill(crm)


def fill_journey(crm: CRM) -> None:
    """Do the same with journey beside."""
    crm.enable("work")
    crm.enable("journey")
    fill(crm)


@define(kw_only=True)
class Base:
    """A CRM with experience, its people and its customers by name."""

    crm: CRM
    clock: MovableClock
    users: dict[str, UUID]
    customers: dict[str, UUID]

    @classmethod
    def of(cls, crm: CRM, clock: MovableClock) -> Base:
        """Return the base of a database that is filled."""
        with crm.session(crm.system("tests of experience")) as session:
            users = {each.login: each.id for each in session.scalars(select(User))}
            customers = {each.name: each.id for each in session.scalars(select(Customer))}
        return cls(crm=crm, clock=clock, users=users, customers=customers)

    def actor(self, who: str = "") -> Any:
        """Return somebody who acts; without a name the system."""
        return Actor.user(self.users[who]) if who else self.crm.system("tests of experience")

    def run(self, name: str, inputs: Mapping[str, Any] | None = None, target: Any = None, who: str = "") -> Any:
        """Run an operation."""
        return self.crm.run(self.actor(who), name, dict(inputs or {}), target=target)

    def promise(self, customer: str = "Ada", what: str = "Call about the kettle", who: str = "", **more: Any) -> UUID:
        """Return a new promise, due at the end of the next day unless said."""
        values: dict[str, Any] = {"customer_id": self.customers[customer], "what": what, "kind": "call_back"}
        if "due_at" not in more:
            values["due_on"] = "2027-03-02"
        return self.run("experience.promise.make", values | more, who=who).id

    def record(self, kind: str, customer: str = "Ada", who: str = "", **more: Any) -> UUID:
        """Record an interaction, and do what follows from it."""
        values = {"kind": kind, "customer_id": self.customers[customer], **more}
        made = self.run("interaction.record", values, who=who).id
        self.work()
        return made

    def work(self) -> None:
        """Carry out what waits."""
        self.crm.worker().run_until_idle()

    def get(self, model: Any, identity: UUID) -> Any:
        """Return a record as it is now."""
        with self.crm.session(self.actor()) as session:
            found = session.get_one(model, identity)
            session.expunge_all()
            return found

    def all(self, model: Any, who: str = "") -> list[Any]:
        """Return all records of a model as somebody sees them."""
        with self.crm.session(self.actor(who)) as session:
            found = list(session.scalars(select(model).order_by(model.created_at, model.id)))
            session.expunge_all()
            return found

    def fact(self, name: str, customer: str = "Ada") -> Any:
        """Return a fact about a customer."""
        with self.crm.session(self.actor()) as session:
            ref = catalogue_of(session).ref(name)
            found = values_of(session, [ref], [self.customers[customer]], moment_of(session))
            return found[self.customers[customer]][ref]
