"""Databases with lifecycle enabled, made once in each process and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit import Actor, Settings
from crmkit.app import CRM
from crmkit.testing.workbench import MovableClock
from tests.conftest import ENGINES, Templates
from tests.plugins.lifecycle.house import MONDAY, House, fill


def _opened(url: str, filled: Any) -> Iterator[House]:
    users, team = filled
    clock = MovableClock()
    clock.set(MONDAY)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        people = {name: Actor.user(id, name.title()) for name, id in users.items()}
        yield House(crm=crm, clock=clock, people=people, team=team)


@pytest.fixture(params=ENGINES)
def house(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[House]:
    """A shop of the test alone, once for each engine."""
    yield from _opened(*templates.copy_filled(request.param, tmp_path, fill))


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite alone: for what does not depend on the database."""
    yield from _opened(*templates.copy_filled("sqlite", tmp_path, fill))
