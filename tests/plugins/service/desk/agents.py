"""Agents behind their doors with a queue and a few cases, for the tests of the desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmkit_service.cases.models import Case
from sqlalchemy import select

from crmkit import CRM, Team, User
from crmkit.core.store.actor import Actor
from tests.plugins.work.staff import SYSTEM
from tests.web.conftest import people

__all__ = ["SYSTEM", "agents", "cases_of", "number_of", "opened", "user"]


def agents(crm: CRM) -> tuple[Any, Any]:
    """Add people and customers, enable service, and let sue and mia answer a queue; returns users and customers."""
    users, customers = people(crm)
    crm.enable("service")
    queue = crm.run(SYSTEM, "work.queue.create", {"name": "help", "title": "Help desk", "in_hours": False})
    with crm.session(SYSTEM) as session:
        south = session.scalars(select(Team.id).where(Team.name == "South")).one()
    crm.run(SYSTEM, "team.add_member", {"user_id": str(users["mia"])}, target=south)
    crm.run(SYSTEM, "user.assign_role", {"role": "service_agent"}, target=users["mia"])
    for login in ("sue", "mia"):
        crm.run(SYSTEM, "work.queue.add_member", {"user_id": users[login]}, target=queue)
    return users, customers


def user(crm: CRM, login: str) -> Actor:
    """Return somebody as an actor."""
    with crm.session(SYSTEM) as session:
        found = session.scalars(select(User).where(User.login == login)).one()
        return Actor.user(found.id, name=found.name)


def opened(crm: CRM, customer: UUID, subject: str = "Where is my parcel?", **values: Any) -> Case:
    """Open a case, with what its customer wrote."""
    given = {"customer_id": customer, "subject": subject, "body": f"{subject} Please help.", "channel": "form"}
    found: Case = crm.run(SYSTEM, "service.case.create", given | values)
    return found


def cases_of(crm: CRM, *, actor: Any = SYSTEM) -> list[Case]:
    """Return all cases that somebody sees, by number."""
    with crm.session(actor) as session:
        return list(session.scalars(select(Case).order_by(Case.number)))


def number_of(crm: CRM, case_id: UUID) -> Case:
    """Return a case as it is now."""
    with crm.session(SYSTEM) as session:
        return session.get_one(Case, case_id)
