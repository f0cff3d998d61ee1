"""Journey behind its doors: people, customers, and clients for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit import Settings
from crmkit.app import CRM
from tests.conftest import Templates
from tests.web.conftest import Web, people


def _fill(crm: CRM) -> Any:
    users, customers = people(crm)
    crm.enable("work")
    crm.enable("journey")
    return dict(users), dict(customers)


@pytest.fixture
def web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """Journey of the test alone, on SQLite."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, _fill)
    with CRM.open(Settings(database=url, files=tmp_path / "files")) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        yield web
        for client in web.clients:
            client.close()
