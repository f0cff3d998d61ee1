"""Knowledge beside a service desk, made once in each process and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit import Settings
from crmkit.app import CRM
from crmkit.testing.workbench import MovableClock
from tests.conftest import ENGINES, Templates
from tests.plugins.knowledge.base import START
from tests.plugins.knowledge.helpdesk import Helpdesk, fill


def opened(url: str) -> Iterator[Helpdesk]:
    """Open a base that was filled."""
    clock = MovableClock()
    clock.set(START)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        made = Helpdesk.of(crm, clock)
        assert isinstance(made, Helpdesk)
        yield made


@pytest.fixture(params=ENGINES)
def desks(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Helpdesk]:
    """A service desk of the test alone, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, fill)
    yield from opened(url)


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Helpdesk]:
    """The same on SQLite alone: for what does not depend on the database."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, fill)
    yield from opened(url)
