"""A business whose time can be moved, on each engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crmkit import CRM
from tests.engines.experiments.support import SYSTEM, Moving, Shop


@pytest.fixture
def shop(crm_url: str) -> Iterator[Shop]:
    """A business on a database of its own, which stands at the start until its clock is moved."""
    time = Moving()
    with CRM.open(crm_url, clock=time.clock()) as crm:
        crm.run(SYSTEM, "business.configure", {"name": "Tea House", "base_currency": "CNY", "zone": "Asia/Shanghai"})
        yield Shop(crm, time)
