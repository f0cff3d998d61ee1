"""The same databases as those of promises, and one with service and feedback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit import Settings
from crmkit.app import CRM
from crmkit.testing.workbench import MovableClock
from tests.conftest import ENGINES, Templates
from tests.plugins.experience.promises.base import START, Base, fill_journey, fill_service
from tests.plugins.experience.promises.conftest import base as _base, both as _both

base, both = _base, _both


@pytest.fixture(params=ENGINES)
def beside(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A base with service and feedback, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, fill_service)
    clock = MovableClock()
    clock.set(START)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        yield Base.of(crm, clock)


@pytest.fixture
def travelling(templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A base with journey."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, fill_journey)
    clock = MovableClock()
    clock.set(START)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        yield Base.of(crm, clock)
