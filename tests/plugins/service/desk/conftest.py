"""Customer bases with agents, a queue and customers, made once in each process and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.app import CRM
from crmkit.settings import Settings
from tests.conftest import ENGINES, Templates
from tests.plugins.service.desk.agents import agents
from tests.web.conftest import Web, served, visit

__all__ = ["served", "visit"]


def _opened(templates: Templates, engine: str, folder: Path) -> Iterator[Web]:
    url, (users, customers) = templates.copy_filled(engine, folder, agents)
    with CRM.open(Settings(database=url, files=folder / "files")) as crm:
        made = Web(crm=crm, users=dict(users), customers=dict(customers))
        yield made
        for client in made.clients:
            client.close()


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A base of this test alone behind its doors, once for each engine."""
    yield from _opened(templates, request.param, tmp_path)


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """The same on SQLite alone, under the name by which the browser finds it."""
    yield from _opened(templates, "sqlite", tmp_path)
