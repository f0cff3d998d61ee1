"""A customer base with quality enabled, and people who see different parts of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from tests.conftest import ENGINES, Templates

SYSTEM = Actor.system("a test")


def add(crm: CRM, name: str, **values: Any) -> UUID:
    """Add a customer in system scope and return the id."""
    found: UUID = crm.run(SYSTEM, "customer.create", {"name": name, **values}).id
    return found


def person(crm: CRM, login: str, role: str) -> Actor:
    """Add a user with a role and return the actor."""
    user = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()})
    crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
    return Actor.user(user.id)


@pytest.fixture(params=ENGINES)
def quality(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A customer base with the plugin enabled, once for each engine."""
    with templates.opened(request.param, tmp_path, "quality") as crm:
        yield crm


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """The same on SQLite alone: for what does not depend on the database."""
    with templates.opened("sqlite", tmp_path, "quality") as crm:
        yield crm
