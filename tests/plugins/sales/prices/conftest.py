"""The shop of the tests, behind its doors where they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit import CRM, Actor, Settings
from tests.conftest import Templates
from tests.plugins.sales.quotes.shop import Shop, fill


@pytest.fixture
def shop(templates: Templates, tmp_path: Path) -> Iterator[Shop]:
    """A shop in a database of its own."""
    url, (users, customers, products) = templates.copy_filled("sqlite", tmp_path, fill)
    settings = Settings(database=url, public_url="https://chairs.example", files=tmp_path / "files")
    with CRM.open(settings) as crm:
        people = {name: Actor.user(id, name.title()) for name, id in users.items()}
        yield Shop(crm=crm, people=people, customers=customers, products=products)
