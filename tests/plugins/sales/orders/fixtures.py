"""Fixtures of the desk: on both engines, and on SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ENGINES, Templates
from tests.plugins.sales.orders.desk import Desk, desk_at, fill


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """A desk of this test alone, once for each engine."""
    url, filled = templates.copy_filled(request.param, tmp_path, fill)
    yield from desk_at(url, filled, files=tmp_path / "files")


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """The same on SQLite alone: for what does not depend on the database."""
    url, filled = templates.copy_filled("sqlite", tmp_path, fill)
    yield from desk_at(url, filled, files=tmp_path / "files")
