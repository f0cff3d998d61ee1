"""Fixtures of the tests of leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit import CRM, Actor
from crmkit.core.store.clock import Clock
from tests.conftest import ENGINES, Templates
from tests.plugins.sales.leads.house import House, Time, fill


def _house(templates: Templates, engine: str, folder: Path) -> Iterator[House]:
    url, users = templates.copy_filled(engine, folder, fill)
    time = Time()
    with CRM.open(url, clock=Clock(system=time)) as crm:
        yield House(crm=crm, time=time, people={name: Actor.user(id_, name.title()) for name, id_ in users.items()})


@pytest.fixture
def house(templates: Templates, tmp_path: Path) -> Iterator[House]:
    """A tea house on SQLite alone: for what does not depend on the database."""
    yield from _house(templates, "sqlite", tmp_path)


@pytest.fixture(params=ENGINES)
def houses(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[House]:
    """The same once for each engine."""
    yield from _house(templates, request.param, tmp_path)
