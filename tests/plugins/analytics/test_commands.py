"""The command line: models, fitting, analyses as JSON, funnels from a file, what figures mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]

FUNNEL = """
name = "buying"
title = "Buying"
window_days = 14

[[steps]]
title = "Called"
kind = "call"

[[steps]]
title = "Bought"
kind = "purchase"
"""


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:
    """An installation with analytics enabled and a customer who was called and bought twice."""
    crmkit.has("work", "analytics")
    customer = crmkit.json("run", "customer.create", "name=Bo")["result"]["id"]
    now = datetime.now(UTC)
    for kind, days in (("call", 50), ("purchase", 45), ("purchase", 5)):
        at = (now - timedelta(days=days)).isoformat()
        more = ["amount=10"] if kind == "purchase" else ["subject=Tea"]
        crmkit.ok("run", "interaction.record", f"kind={kind}", f"customer_id={customer}", f"occurred_at={at}", *more)
    return crmkit


def test_models_are_listed_and_fitted(shop: Crmkit) -> None:
    """With what counts; too little data is said, and kept with the run; a model that there is not is named."""
    listed = shop.json("analytics", "models")["items"]
    assert [each["model"] for each in listed] == ["analytics.clusters"]
    assert shop("analytics", "fit", "analytics.clusters").code != 0
    (run,) = shop.json("analytics", "runs")["items"]
    assert (run["state"], run["reason"][:6]) == ("failed", "ANA104")
    assert shop.json("analytics", "show", str(run["number"]))["model"] == "analytics.clusters"
    assert shop("analytics", "adopt", str(run["number"])).code != 0
    assert shop("analytics", "fit", "analytics.nothing", "--json").code != 0
    assert shop("analytics", "fit", "analytics.clusters", "-p", "fewest").code != 0
    assert shop("analytics", "show", "99").code != 0


def test_analyses_are_printed_as_reports(shop: Crmkit) -> None:
    """With --json as one document; a bad period is refused without a traceback."""
    for words in (["activity"], ["cohorts"], ["cohorts", "--revenue"], ["revenue"], ["survival"], ["baskets"]):
        assert "rows" in shop.json("analytics", *words), words
    assert shop.json("analytics", "activity", "--period", "last 3 months")["rows"]
    assert shop("analytics", "activity", "--period", "soon").code != 0


def test_a_funnel_from_a_file(shop: Crmkit, tmp_path: Path) -> None:
    """Saved, listed, and gone through."""
    file = tmp_path / "funnel.toml"
    file.write_text(FUNNEL, "utf-8")
    shop.ok("analytics", "save-funnel", str(file))
    (funnel,) = shop.json("analytics", "funnels")["items"]
    assert (funnel["steps"], funnel["version"], funnel["window_days"]) == (["Called", "Bought"], 1, 14)
    rows = shop.json("analytics", "funnel", "buying", "--period", "last 90 days")["rows"]
    assert len(rows) == 2
    file.write_text("[[steps", "utf-8")
    assert shop("analytics", "save-funnel", str(file)).code != 0


def test_figures_and_alerts_are_listed(shop: Crmkit) -> None:
    """In both languages."""
    names = [each["name"] for each in shop.json("analytics", "figures")["items"]]
    assert "analytics.grr" in names
    assert shop.json("analytics", "alerts")["items"] == []
    assert shop.ok("--language", "zh", "analytics", "figures").out
