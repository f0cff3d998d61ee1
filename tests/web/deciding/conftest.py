"""A customer base in which customers have bought, so that there is something to decide about."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from tests.web.conftest import Web

BOUGHT = {"Wang Lin": (5, 200), "李秀英": (3, 10), "Sofia Rossi": (1, 5)}
"""How often each has bought, and how many days ago last."""


def plain(page: str) -> str:
    """Return the text of a page, without its markup."""
    return " ".join(unescape(re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", page, flags=re.S)).split())


def buy(web: Web) -> None:
    """Have customers buy, and classify them."""
    now, system = datetime.now(UTC), web.crm.system("purchases for a test")
    for name, (times, days) in BOUGHT.items():
        for number in range(times):
            values: dict[str, Any] = {
                "kind": "purchase",
                "customer_id": str(web.customers[name]),
                "occurred_at": (now - timedelta(days=days + 20 * number)).isoformat(),
                "lines": [{"description": "Oolong", "amount": "120"}],
            }
            web.crm.run(system, "interaction.record", values)
    web.crm.run(system, "classification.run", {"complete": True})


@pytest.fixture
def bought(sqlite_web: Web) -> Web:
    """``sqlite_web`` after some purchases."""
    buy(sqlite_web)
    return sqlite_web
