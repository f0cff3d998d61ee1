"""The command line: a forecast, its movement, a simulation, adjustments, and what was learnt."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]

SOON = (date.today() + timedelta(days=3)).isoformat()
PERIOD = f"{(date.today() - timedelta(days=30)).isoformat()}..{(date.today() + timedelta(days=30)).isoformat()}"


@pytest.fixture
def selling(crmkit: Crmkit) -> Crmkit:
    """An installation with sales enabled, a seller, and two opportunities of which one is in another currency."""
    crmkit.has("work", "sales")
    crmkit.ok("user", "add", "ada", "Ada", "--quiet")
    customer = crmkit.json("run", "customer.create", "name=Bo")["result"]["id"]
    for title, currency in (("Tea", "CNY"), ("Cups", "USD")):
        crmkit.ok(
            "run", "sales.opportunity.create", f"customer_id={customer}", f"title={title}", "amount_minor=10000",
            f"currency={currency}", f"expected_close={SOON}", "stage=proposal", "--quiet",
        )  # fmt: skip
    return crmkit


def test_a_forecast_is_shown(selling: Crmkit) -> None:
    """By owner and altogether; what has no rate is named; as adjusted."""
    (nobody, whole) = selling.json("sales", "forecast", "show", "--period", PERIOD)["items"]
    assert (nobody["owner"], whole["best_case"], whole["weighted"]) == (None, "100.00 CNY", "50.00 CNY")
    assert "100.00 USD" in selling.ok("sales", "forecast", "show", "--period", PERIOD).out
    selling.ok("sales", "forecast", "adjust", "commit", "80", "--reason", "promised", "--period", PERIOD, "--quiet")
    (_nobody, whole) = selling.json("sales", "forecast", "show", "--period", PERIOD)["items"]
    assert whole["commit"] == "80.00 CNY"
    assert "80.00" in selling.ok("--language", "zh", "sales", "forecast", "show", "--period", PERIOD).out


def test_a_movement_is_shown(selling: Crmkit) -> None:
    """From yesterday on both are new; a day that is none is refused."""
    yesterday = (date.today() - timedelta(days=2)).isoformat()
    lines = {each["line"]: each["amount"] for each in selling.json("sales", "forecast", "movement", yesterday)["items"]}
    assert (lines["new"], lines["closing"], lines["won"]) == ("100.00 CNY", "100.00 CNY", "0.00 CNY")
    assert selling("sales", "forecast", "movement", "soon").code != 0


def test_a_period_is_tried_out(selling: Crmkit) -> None:
    """The same seed gives the same figures."""
    first, second = (selling.json("sales", "forecast", "simulate", "--period", PERIOD, "--runs", "200") for _ in "ab")
    assert first == second
    (row,) = first["items"]
    assert (row["p90"], row["deals"], row["chance"]) == ("100.00 CNY", 1, None)
    assert selling("sales", "forecast", "simulate", "--runs", "0").code != 0


def test_learning_says_what_is_missing(selling: Crmkit) -> None:
    """Too little history is no traceback; models and explanations are empty, and what there is not is refused."""
    told = selling("sales", "forecast", "train")
    assert told.code != 0
    assert "too few to learn from" in told.err
    assert selling.json("sales", "forecast", "models")["items"] == []
    assert "20.0 %" not in selling.ok("sales", "forecast", "explain", "1").out
    assert "Of its stage: 50.0 %" in selling.ok("sales", "forecast", "explain", "1").out
    for arguments in (("adopt", "7"), ("adopt", "0"), ("explain", "99")):
        assert selling("sales", "forecast", *arguments).code != 0
