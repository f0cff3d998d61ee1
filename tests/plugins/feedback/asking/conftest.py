"""Companies whose surveys ask customers, made once in each process and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_feedback.asking import dispatching

from crmkit import Actor, Settings
from crmkit.app import CRM
from crmkit.testing.workbench import MovableClock
from tests.conftest import ENGINES, Templates
from tests.plugins.feedback.asking.studio import MONDAY, Studio, fill

PUBLIC = "https://ask.example"


def _opened(url: str, filled: Any) -> Iterator[Studio]:
    users, team = filled
    clock = MovableClock()
    clock.set(MONDAY)
    settings = Settings(database=url, public_url=PUBLIC, options={"messaging": {"message_domain": "shop.example"}})
    with CRM.open(settings, clock=clock.as_clock()) as crm:
        yield Studio(crm=crm, clock=clock, people={name: Actor.user(id, name) for name, id in users.items()}, team=team)


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Studio]:
    """A company of the test alone, once for each engine."""
    yield from _opened(*templates.copy_filled(request.param, tmp_path, fill))


@pytest.fixture
def studio(templates: Templates, tmp_path: Path) -> Iterator[Studio]:
    """The same on SQLite alone: for what does not depend on the database."""
    yield from _opened(*templates.copy_filled("sqlite", tmp_path, fill))


@pytest.fixture(autouse=True)
def no_carrier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing carries mails here: what becomes of one is said by the tests themselves."""
    monkeypatch.setattr(dispatching, "_of", lambda session, event: None)
