"""The card that the first-party plugin puts on the first page through its hook."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.web.conftest import Web
from tests.web.deciding.conftest import plain
from tests.web.records.plugins import plugins_prepared, plugins_web

__all__ = ["plugins_prepared", "plugins_web"]


def test_opportunities_that_close_soon_are_told(plugins_web: Web) -> None:
    """By the hook ``crmkit_dashboard_cards``: the open ones, to who may see them."""
    values = {
        "customer_id": str(plugins_web.customers["Wang Lin"]),
        "title": "Tea for a year",
        "expected_close": datetime.now(UTC).date().isoformat(),
    }
    plugins_web.crm.run(plugins_web.crm.system("an opportunity"), "sales.opportunity.create", values)
    client = plugins_web.client("ada")
    assert 'id="card-sales.closing"' in client.get("/").text
    assert "Tea for a year" in plain(client.part("/today/sales.closing").text)
