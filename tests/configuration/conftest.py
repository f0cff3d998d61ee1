"""What the tests of the business's settings share."""

from __future__ import annotations

import pytest

from crmkit import Actor


@pytest.fixture
def admin() -> Actor:
    """Somebody who may do everything."""
    return Actor.system("tests")
