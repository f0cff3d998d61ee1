"""Conversations with customers, and people who had them and who review them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define
from sqlalchemy import select

from crmkit import Customer, User, catalogue_of, moment_of, values_of
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.engines.reports.running import run
from crmkit.testing.workbench import MovableClock

START = datetime(2027, 3, 1, 9, tzinfo=UTC)
"""A Monday, later than any record is made by the machine's clock."""
PEOPLE = {
    "mia": "manager",
    "max": "manager",
    "sam": "seller",
    "sid": "seller",
    "sue": "service_agent",
    "ann": "analyst",
}
CATEGORIES = (
    {"key": "tone", "title": "Tone", "weight": 25, "low": 0, "high": 4},
    {"key": "answer", "title": "Answer", "weight": 75, "low": 0, "high": 4, "critical": True, "optional": False},
)


def fill(crm: CRM) -> None:
    """Enable experience with everything beside it that effort and reviews look at."""
    for name in ("work", "messaging", "service", "feedback", "experience"):
        crm.enable(name)
    system = crm.system("tests of experience")
    crm.run(system, "business.configure", {"name": "Shop", "base_currency": "EUR", "zone": "Europe/Berlin"})
    team = crm.run(system, "team.create", {"name": "North"}).id
    for login, role in PEOPLE.items():
        user = crm.run(system, "user.create", {"login": login, "name": login.title()}).id
        crm.run(system, "user.assign_role", {"role": role}, target=user)
        crm.run(system, "team.add_member", {"user_id": str(user)}, target=team)
    for name in ("Ada", "Bob"):
        crm.run(system, "customer.create", {"name": name, "team_id": str(team)})
    made = crm.run(system, "experience.scorecard.create", {"name": "talk", "categories": list(CATEGORIES)})
    crm.run(system, "experience.scorecard.publish", {}, target=made.id)


@define(kw_only=True)
class Base:
    """A CRM with conversations, its people and customers by name."""

    crm: CRM
    clock: MovableClock
    users: dict[str, UUID]
    customers: dict[str, UUID]
    names: dict[UUID | None, str]

    @classmethod
    def of(cls, crm: CRM, clock: MovableClock) -> Base:
        """Return the base of a database that is filled."""
        with crm.session(crm.system("tests of experience")) as session:
            users = {each.login: each.id for each in session.scalars(select(User))}
            customers = {each.name: each.id for each in session.scalars(select(Customer))}
        names: dict[UUID | None, str] = {identity: login for login, identity in users.items()}
        return cls(crm=crm, clock=clock, users=users, customers=customers, names=names)

    def actor(self, who: str = "") -> Any:
        """Return somebody who acts; without a name the system."""
        return Actor.user(self.users[who]) if who else self.crm.system("tests of experience")

    def run(self, name: str, inputs: Mapping[str, Any] | None = None, target: Any = None, who: str = "") -> Any:
        """Run an operation."""
        return self.crm.run(self.actor(who), name, dict(inputs or {}), target=target)

    def call(self, customer: str = "Ada", who: str = "sam", hours: float = 0, **more: Any) -> UUID:
        """Record a call that somebody made some hours after the start."""
        values = {
            "kind": "call",
            "customer_id": self.customers[customer],
            "occurred_at": (START + timedelta(hours=hours)).isoformat(),
            **more,
        }
        return self.run("interaction.record", values, who=who).id

    def calls(self, count: int, who: str = "sam", channel: str = "phone") -> list[UUID]:
        """Record so many calls."""
        return [self.call(who=who, hours=number / 60, channel=channel) for number in range(count)]

    def reviewed(self, call: UUID, reviewer: str, tone: object, answer: object, who: str = "mia") -> UUID:
        """Have a call reviewed, and return the review."""
        asked = self.run(
            "experience.review.ask",
            {"conversation": f"interaction:{call}", "reviewer_id": self.users[reviewer]},
            who=who,
        )
        return self.score(asked.id, reviewer, tone, answer)

    def score(self, review: UUID, who: str, tone: object, answer: object, comment: str = "") -> UUID:
        """Do a review."""
        values = {"scores": [f"tone={tone}", f"answer={answer}"], "comment": comment}
        return self.run("experience.review.score", values, target=review, who=who).id

    def later(self, **more: float) -> None:
        """Let time go by, and carry out what waits."""
        if more:
            self.clock.advance(**more)
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
            found = list(session.scalars(select(model).order_by(model.id)))
            session.expunge_all()
            return found

    def fact(self, name: str, customer: str = "Ada") -> Any:
        """Return a fact about a customer."""
        with self.crm.session(self.actor()) as session:
            ref = catalogue_of(session).ref(name)
            found = values_of(session, [ref], [self.customers[customer]], moment_of(session))
            return found[self.customers[customer]][ref]

    def report(self, name: str, who: str = "", **parameters: str) -> list[Mapping[str, Any]]:
        """Return the rows of a report."""
        with self.crm.session(self.actor(who)) as session:
            found = run(session, name, parameters)
        names = [column.name for column in found.columns]
        return [{key: cell.value for key, cell in zip(names, row.cells, strict=True)} for row in found.rows]
