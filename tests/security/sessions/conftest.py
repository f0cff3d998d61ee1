"""The customer base of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.sessions.support import Entrance, entrance_at


@pytest.fixture
def desk(crm_url: str) -> Iterator[Entrance]:
    """A customer base whose clock the test sets, once for each engine."""
    with entrance_at(crm_url) as made:
        yield made
