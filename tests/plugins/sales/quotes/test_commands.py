"""The command line: what somebody pays and why, what was offered, and the PDF; and prices from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]


@pytest.fixture
def stocked(crmkit: Crmkit, tmp_path: Path) -> Crmkit:
    """An installation with a customer, two products, a list, and prices for them in a file."""
    crmkit.has("work", "sales")
    crmkit.ok("run", "business.configure", "name=Chairs", "base_currency=EUR", "zone=Europe/Berlin", "--quiet")
    crmkit.ok("run", "customer.create", "name=Ada Byron", "--quiet")
    for sku in ("chair", "table"):
        crmkit.ok("run", "product.create", f"sku={sku}", f"title={sku.title()}", "--quiet")
    crmkit.ok("run", "sales.price_list.create", "name=usual", "currency=EUR", "--quiet")
    rows = "Price list,SKU,Price,From quantity,Cost\nusual,chair,100.00,,60\nusual,chair,90,10,\nusual,sofa,1,,\n"
    (tmp_path / "prices.csv").write_text(rows, "utf-8")
    return crmkit


def test_prices_from_a_file(stocked: Crmkit, tmp_path: Path) -> None:
    """Good rows go in, the row about nothing comes back; a second time they change nothing."""
    file = str(tmp_path / "prices.csv")
    stocked("import", file, "--as", "sales.price", "--yes")
    told = stocked.json("sales", "price", "Ada Byron", "chair", "--quantity", "12")
    assert (told["unit_price_minor"], told["list"]) == (9000, "usual")
    stocked("import", file, "--as", "sales.price", "--yes", "--again")
    assert "From a quantity of 10" not in stocked.ok("sales", "price", "Ada Byron", "chair").out
    assert stocked.json("sales", "price", "Ada Byron", "table")["why"][0]["reason"] == "product"


def test_quotes_are_listed_and_printed(stocked: Crmkit, tmp_path: Path) -> None:
    """The newest version of a number is written as a PDF; a number that there is not is told."""
    customer = stocked.json("customer", "show", "Ada Byron")["id"]
    lines = '[{"text": "Chair", "quantity": "2", "unit_price": "99.90"}]'
    stocked.ok("run", "sales.quote.create", f"customer_id={customer}", f"lines:={lines}", "--quiet")
    (quote,) = stocked.json("sales", "quotes")["items"]
    assert (quote["quote"], quote["customer"], quote["total"]) == ("Q-1/1", "Ada Byron", "199.80 EUR")
    file = tmp_path / "quote.pdf"
    stocked.ok("sales", "quote", "1", str(file))
    assert file.read_bytes()[:5] == b"%PDF-"
    failed = stocked("sales", "quote", "7/2", str(file))
    assert failed.code != 0
    assert "Traceback" not in failed.err
