"""What the tests of pipelines have in common."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.app import CRM
from tests.conftest import Templates
from tests.web.conftest import served, visit
from tests.web.records.conftest import sqlite_web
from tests.web.records.plugins import plugins_prepared, plugins_web

__all__ = ["plugins_prepared", "plugins_web", "served", "sqlite_web", "visit"]


@pytest.fixture
def kernel(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A customer base without any plugin, on SQLite."""
    with CRM.open(templates.copy("sqlite", tmp_path)) as crm:
        yield crm
