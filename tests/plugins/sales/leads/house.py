"""A tea house with marketing and sales, whose clock the tests set, and the leads that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define
from crmkit_sales.leads.models import Inquiry, Lead, LeadChange
from sqlalchemy import select

from crmkit import CRM, Actor

SYSTEM = Actor.system("a test")
BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday."""
PEOPLE = {"mia": "manager", "max": "marketer", "sam": "seller", "sue": "seller", "ann": "analyst"}


@define
class Time:
    """The time of day, as a test sets it."""

    at: datetime = BEGINNING

    def __call__(self) -> datetime:
        """Return it."""
        return self.at

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


@define(kw_only=True)
class House:
    """The customer base, its clock and its people."""

    crm: CRM
    time: Time
    people: Mapping[str, Actor]

    def run(self, operation: str, values: Mapping[str, Any] | None = None, *, by: str = "", target: Any = None) -> Any:
        """Run an operation as somebody, or in system scope."""
        return self.crm.run(self.people[by] if by else SYSTEM, operation, dict(values or {}), target=target)

    def customer(self, name: str = "Ada Byron", **values: Any) -> UUID:
        """Add a customer and return the id."""
        found: UUID = self.run("customer.create", {"name": name, **values}).id
        return found

    def lead(self, **values: Any) -> Lead:
        """Add a lead in system scope, of a customer who is nobody's unless one is named."""
        made: Lead = self.run("sales.lead.create", {"customer_id": values.pop("customer_id", None) or self.customer(),
                                                    **values})  # fmt: skip
        return made

    def read(self, lead: Any) -> Lead:
        """Return a lead as it stands."""
        with self.crm.session(SYSTEM) as session:
            found = session.get_one(Lead, lead.id)
            session.expunge(found)
            return found

    def causes(self, lead: Any) -> list[str]:
        """Return what happened to a lead."""
        with self.crm.session(SYSTEM) as session:
            query = select(LeadChange.cause).where(LeadChange.lead_id == lead.id)
            return list(session.scalars(query.order_by(LeadChange.recorded_at, LeadChange.id)))

    def inquiries(self) -> list[Inquiry]:
        """Return what came in."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(Inquiry).order_by(Inquiry.created_at, Inquiry.id)))

    def work(self) -> None:
        """Carry out what is due."""
        self.crm.worker().run_until_idle()


def fill(crm: CRM) -> Mapping[str, UUID]:
    """Enable sales, and add people in teams with a queue of sellers; return their ids."""
    crm.enable("work")
    crm.enable("sales")
    house = {"name": "Tea House", "base_currency": "CNY", "zone": "Asia/Shanghai", "country": "CN"}
    crm.run(SYSTEM, "business.configure", house)
    teams = {name: crm.run(SYSTEM, "team.create", {"name": name}).id for name in ("Marketing", "Sales")}
    users: dict[str, UUID] = {}
    for login, role in PEOPLE.items():
        users[login] = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()}).id
        crm.run(SYSTEM, "user.assign_role", {"role": role}, target=users[login])
        team = teams["Sales" if role == "seller" else "Marketing"]
        crm.run(SYSTEM, "team.add_member", {"user_id": users[login], "main": True}, target=team)
    desk = crm.run(SYSTEM, "work.queue.create", {"name": "desk", "title": "Desk", "in_hours": False}).id
    for login in ("sam", "sue"):
        crm.run(SYSTEM, "work.queue.add_member", {"user_id": users[login]}, target=desk)
    return users
