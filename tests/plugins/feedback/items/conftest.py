"""Offices with feedback enabled, made once in each process and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit import Actor, Settings
from crmkit.app import CRM
from crmkit.testing.workbench import MovableClock
from tests.conftest import ENGINES, Templates
from tests.plugins.feedback.items.office import MONDAY, Office, fill


def _opened(url: str, filled: Any) -> Iterator[Office]:
    users, team = filled
    clock = MovableClock()
    clock.set(MONDAY)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        people = {name: Actor.user(id, name.title()) for name, id in users.items()}
        yield Office(crm=crm, clock=clock, people=people, team=team)


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """An office of the test alone, once for each engine."""
    yield from _opened(*templates.copy_filled(request.param, tmp_path, fill))


@pytest.fixture
def office(templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """The same on SQLite alone: for what does not depend on the database."""
    yield from _opened(*templates.copy_filled("sqlite", tmp_path, fill))
