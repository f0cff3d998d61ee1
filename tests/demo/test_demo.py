"""The demonstration as a newcomer runs it: its figures are those published for the data set, and it can be repeated."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


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
    """The folder of the demonstration, made once."""
    folder = tmp_path_factory.mktemp("demo") / "home"
    run(folder, "demo", "--no-serve")
    return folder


def test_the_figures_are_the_published_ones(home: Path) -> None:
    """UCI Online Retail, cleaned as its publications do: 18,532 invoices of 4,338 customers, 397,884 lines."""
    shown = run(home, "demo", "--no-serve")
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
