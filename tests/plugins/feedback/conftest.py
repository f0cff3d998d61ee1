"""Databases with feedback enabled, made once in each process and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.app import CRM
from tests.conftest import ENGINES, Templates


def enabled(crm: CRM) -> None:
    """Enable feedback, and what it requires."""
    crm.enable("feedback")


@pytest.fixture(params=ENGINES)
def crm(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM of the test alone with feedback enabled, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, enabled)
    with CRM.open(url) as opened:
        yield opened


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """The same on SQLite alone: for what does not depend on the database."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    with CRM.open(url) as opened:
        yield opened
