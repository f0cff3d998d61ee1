"""What the tests of customers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmkit import Actor

DATA = Path(__file__).parents[2] / "data" / "input-hygiene"


@pytest.fixture
def admin() -> Actor:
    """Somebody who may do everything."""
    return Actor.system("tests")
