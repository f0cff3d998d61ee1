"""A customer base with work enabled and a clock that the test sets, and people who do the work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.testing.workbench import MovableClock
from tests.conftest import Templates

SYSTEM = Actor.system("a test")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""When the tests begin: a Monday morning."""


@define(kw_only=True)
class Office:
    """A customer base with work, its clock, and the people in it by login."""

    crm: CRM
    clock: MovableClock
    people: dict[str, Actor] = field(factory=dict)

    def person(self, login: str, role: str = "seller", team: UUID | None = None, **values: Any) -> Actor:
        """Add a user with a role, in a team, and return the actor."""
        user = self.crm.run(SYSTEM, "user.create", {"login": login, "name": login.title(), **values})
        self.crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
        if team is not None:
            self.crm.run(SYSTEM, "team.add_member", {"user_id": user.id, "main": True}, target=team)
        self.people[login] = Actor.user(user.id, user.name)
        return self.people[login]

    def team(self, name: str, parent: UUID | None = None) -> UUID:
        """Add a team and return its id."""
        found: UUID = self.crm.run(SYSTEM, "team.create", {"name": name, "parent_id": parent}).id
        return found

    def task(self, actor: Actor = SYSTEM, title: str = "Call back", **values: Any) -> Any:
        """Add a task and return it."""
        return self.crm.run(actor, "work.task.create", {"title": title, **values})

    def run(self, actor: Actor, operation: str, task: Any, **values: Any) -> Any:
        """Run an operation on a task and return what it returns."""
        return self.crm.run(actor, f"work.task.{operation}", values, target=task.id)

    def tick(self) -> Any:
        """Look through what is due, as the job of every minute does."""
        return self.crm.run(SYSTEM, "work.task.tick")

    def all(self, model: Any, *order: Any) -> list[Any]:
        """Return all records of a model, in an order."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(model).order_by(*order)))

    def notices(self, login: str) -> list[str]:
        """Return the titles of what somebody was told, in order, as they stand in the pages."""
        from crmkit_work.notices.models import Notice

        found = self.all(Notice, Notice.created_at, Notice.id)
        mine = [each for each in found if each.user_id == self.people[login].user_id]
        return [each.title.format(**each.details) for each in mine]


def office_at(url: str) -> Iterator[Office]:
    """Open a customer base with work enabled, and with a clock that stands on a Monday morning."""
    clock = MovableClock()
    clock.set(MONDAY)
    with CRM.open(url, clock=clock.as_clock()) as crm:
        yield Office(crm=crm, clock=clock)


def enabled(crm: CRM) -> None:
    """Enable work."""
    crm.enable("work")


@pytest.fixture(params=("sqlite", "postgresql"))
def office(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """An office, once for each engine."""
    url, _none = templates.copy_filled(request.param, tmp_path, enabled)
    yield from office_at(url)


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """The same on SQLite alone: for what does not depend on the database."""
    url, _none = templates.copy_filled("sqlite", tmp_path, enabled)
    yield from office_at(url)
