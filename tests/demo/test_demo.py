"""The demonstration as a newcomer runs it: its figures are those published for the data set, and it can be repeated."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crmkit.demo.dataset import SHOP_ZONE, purchases


def run(home: Path, *words: str) -> dict[str, Any]:
    """Run a command on the demonstration and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "crmkit", "--home", home, "--json", *words], capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr if done.returncode else "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the demonstration is made, once."""
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture(scope="module")
def shown(home: Path) -> dict[str, Any]:
    """The demonstration made, and what it showed."""
    return run(home, "demo", "--no-serve")


@pytest.fixture(autouse=True)
def made(shown: dict[str, Any]) -> None:
    """Make the demonstration before anything looks at it."""


def test_the_figures_are_the_published_ones(shown: dict[str, Any]) -> None:
    """UCI Online Retail, cleaned as its publications do: 18,532 invoices of 4,338 customers, 397,884 lines."""
    counts = shown["tour"]["counts"]
    assert {
        "customers": 4372,
        "buyers": 4338,
        "purchases": 18532,
        "purchase_lines": 397884,
        "refunds": 3654,
    } == {name: counts[name] for name in ("customers", "buyers", "purchases", "purchase_lines", "refunds")}
    assert {"amount": "8911407.90", "currency": "GBP"} == counts["revenue"]
    assert {"amount": "611342.09", "currency": "GBP"} == counts["refunded"]
    best = [item["amount"]["amount"] for item in shown["tour"]["best_customers"]]
    assert ["280206.02", "259657.30", "194550.79", "168472.50", "143825.06"] == best
    assert "23843" == shown["tour"]["best_products"][0]["sku"]
    assert shown["as_of"].startswith("2011-12-10")


def test_a_customer_of_the_shop_is_found_by_its_number(home: Path) -> None:
    shown = run(home, "customer", "show", "shop:14646")
    assert "14646" in json.dumps(shown)
    entries = run(home, "customer", "timeline", "shop:14646", "--limit", "3")["items"]
    assert 3 == len(entries)


def test_the_doctor_finds_the_demonstration_sound(home: Path) -> None:
    findings = run(home, "doctor")
    assert "error" not in {item["level"] for item in findings["items"]}


def large_orders() -> tuple[int, int]:
    """Count from the rows of the data set: sales of £1,000 and more of the last ninety days, each customer's at least
    thirty days of the calendar apart, and whose they are."""
    last: dict[int, datetime] = {}
    number = 0
    for sale in sorted(purchases(), key=lambda each: each.occurred_at):
        when = sale.occurred_at.astimezone(SHOP_ZONE).replace(tzinfo=None)
        amount = sum(line.rounded_amount for line in sale.lines)
        rested = sale.customer not in last or when.date() - last[sale.customer].date() >= timedelta(days=30)
        if not sale.cancelled and when >= datetime(2011, 9, 12) and amount >= 1000 and rested:
            last[sale.customer] = when
            number += 1
    return number, len(last)


def test_the_customers_are_classified(shown: dict[str, Any]) -> None:
    """Each customer is looked at in each dimension; by value those who bought are parted at 50 and 80 percent."""
    decisions = shown["decisions"]
    value = decisions["labels"]["value"]
    assert {"low": 2169, "medium": 1301, "high": 868} == {name: value[name] for name in ("low", "medium", "high")}
    assert {4372} == {sum(labels.values()) for labels in decisions["labels"].values()}
    firings, customers = large_orders()
    assert {"name": "thank_for_large_orders", "firings": firings, "customers": customers} == decisions["backtest"]


def test_the_tour_can_be_taken_again(home: Path) -> None:
    """What is decided is shown by the commands that show it, and the report is a PDF that its owner alone reads."""
    done = subprocess.run(
        [sys.executable, "-m", "crmkit", "--home", home, "demo", "--no-serve"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    shown = [line for line in done.stdout.splitlines() if line.startswith("$ crmkit ")]
    called = list(dict.fromkeys(line.split()[2] for line in shown))
    assert ["classify", "segment", "rule", "report", "value", "churn", "loyalty"] == called
    report = home / "reports" / "customers-by-value.pdf"
    assert report.read_bytes().startswith(b"%PDF")
    assert 0o600 == report.stat().st_mode & 0o777
