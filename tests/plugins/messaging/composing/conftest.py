"""A base for each test, on SQLite, and one that tests only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from tests.conftest import Templates
from tests.plugins.messaging.composing.bases import Base, fill


@pytest.fixture
def base(templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A base of this test alone."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(url) as crm:
        yield Base(crm=crm, people={name: Actor.user(id) for name, id in users.items()}, customers=customers)
