"""Databases with a CRM with journeys, made once in each process and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit import Settings
from crmkit.app import CRM
from crmkit.testing.workbench import MovableClock
from tests.conftest import ENGINES, Templates
from tests.plugins.journey.base import START, Base, fill


def _opened(url: str) -> Iterator[Base]:
    clock = MovableClock()
    clock.set(START)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        yield Base.of(crm, clock)


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A CRM with journeys of the test alone, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, fill)
    yield from _opened(url)


@pytest.fixture
def base(templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """The same on SQLite alone: for what does not depend on the database."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, fill)
    yield from _opened(url)
