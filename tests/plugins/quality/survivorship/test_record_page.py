"""The golden record in the pages: where each value comes from, for whoever may see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit.core.store.actor import Actor
from tests.conftest import Templates
from tests.web.conftest import Web, behind_doors

SYSTEM = Actor.system("a golden record")


def fill(web: Web) -> None:
    """A source, and a customer with values from several."""
    run, ada = web.crm.run, web.customers["Wang Lin"]
    run(SYSTEM, "quality.source.create", {"name": "register", "title": "Trade register", "trust": 95})
    values = {"city": "Suzhou", "job_title": "Director", "birth_date": "1990-05-01", "mobile": "+447911123456"}
    run(SYSTEM, "quality.customer.enrich", {"source": "register", "values": values}, target=ada)
    twin = run(SYSTEM, "customer.create", {"name": "Wang L.", "website": "https://wang.example", "source": "fair"})
    run(SYSTEM, "customer.merge", {"absorb": twin.id, "reason": "the same"}, target=ada)


@pytest.fixture
def golden(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with quality enabled, and this customer."""
    with behind_doors(templates, "sqlite", tmp_path, "quality", fill=fill) as web:
        yield web


def test_the_page_tells_where_each_value_comes_from(golden: Web) -> None:
    """Value, source, trust, earlier values, and the record that a merge took it from."""
    page = golden.client("sam").get(f"/modules/quality/record?customer={golden.customers['Wang Lin']}")
    assert page.status_code == 200
    for told in ("Suzhou", "上海", "Trade register", "95", "Entered here", "https://wang.example", "Wang L.", "fair"):
        assert told in page.text, told


def test_the_customer_leads_to_it(golden: Web) -> None:
    """The customer's page names the sources, and links the golden record."""
    ada = golden.customers["Wang Lin"]
    page = golden.client("sam").get(f"/customers/{ada}")
    assert f"/modules/quality/record?customer={ada}" in page.text
    assert "Trade register (95)" in page.text


def test_values_are_masked_for_their_reader(golden: Web) -> None:
    """Who may not see the date of birth and the number does not see them here."""
    page = golden.client("sam").get(f"/modules/quality/record?customer={golden.customers['Wang Lin']}")
    assert "1990-05-01" not in page.text
    assert "7911123456" not in page.text


@pytest.mark.parametrize("customer", ["", "nobody", "01a00000-0000-7000-8000-000000000000", "Sofia Rossi"])
def test_who_is_not_there_or_hidden_is_not_found(golden: Web, customer: str) -> None:
    """A customer of somebody else's team looks like one that there is not."""
    asked: Any = golden.customers.get(customer, customer)
    assert golden.client("sam").get(f"/modules/quality/record?customer={asked}").status_code == 404


def test_sources_and_rules_are_kept_in_the_pages(golden: Web) -> None:
    """A manager adds and changes them by the forms of records; a seller only reads them."""
    mia = golden.client("mia")
    made = mia.post("/operations/quality.source.create", {"name": "erp", "title": "ERP", "trust": "80"})
    assert made.status_code in (200, 302, 303), made.text
    rule = {"field": "city", "strategy": "trusted_source"}
    assert mia.post("/operations/quality.survivorship.create", rule).status_code in (200, 302, 303)
    sam = golden.client("sam")
    assert "ERP" in sam.get("/records/quality.source").text
    assert "city" in sam.get("/records/quality.survivorship").text
    refused = sam.post("/operations/quality.source.create", {"name": "mine", "trust": "100"})
    assert refused.status_code in (403, 422)
    assert "mine" not in sam.get("/records/quality.source").text
