"""People, queues and work for the tests of assignment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crmkit_work.api import Assignment, Wish, assign

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from tests.conftest import ENGINES, Templates

BOSS = Actor.system("planning work")


@pytest.fixture(params=ENGINES)
def work(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with work enabled, once for each engine."""
    with templates.opened(request.param, tmp_path, "work") as crm:
        yield crm


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """The same on SQLite alone: for what does not depend on the database."""
    with templates.opened("sqlite", tmp_path, "work") as crm:
        yield crm


def user(crm: CRM, login: str, role: str | None = None) -> UUID:
    """Add a user and return the id."""
    made = crm.run(BOSS, "user.create", {"login": login, "name": login.title()})
    if role is not None:
        crm.run(BOSS, "user.assign_role", {"role": role}, target=made.id)
    found: UUID = made.id
    return found


def queue(crm: CRM, *members: UUID, name: str = "desk", weights: tuple[int, ...] = (), **values: Any) -> UUID:
    """Add a queue with members and return its id."""
    made = crm.run(BOSS, "work.queue.create", {"name": name, "title": name.title(), **values})
    for index, each in enumerate(members):
        weight = weights[index] if weights else 1
        crm.run(BOSS, "work.queue.add_member", {"user_id": each, "weight": weight}, target=made.id)
    found: UUID = made.id
    return found


def give(crm: CRM, number: int | str = 1, **wish: Any) -> Assignment:
    """Have a piece of work assigned; without anything else out of the queue "desk"."""
    if not wish.keys() & {"queue", "queue_id", "users", "customer_id"}:
        wish["queue"] = "desk"
    with crm.transaction(BOSS) as session:
        return assign(session, Wish(ref=f"test.work:{number}", **wish))


def away(crm: CRM, whose: UUID, *, deputy: UUID | None = None, days: int = 3) -> UUID:
    """Let somebody be absent since yesterday and return the absence."""
    now = datetime.now().astimezone()
    values = {"user_id": whose, "starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=days)}
    made = crm.run(BOSS, "work.absence.create", {**values, "deputy_id": deputy})
    found: UUID = made.id
    return found


def codes(found: Assignment) -> dict[UUID, str]:
    """Return why each person did not get a piece of work."""
    return {each.user_id: each.reason for each in found.why_not}
