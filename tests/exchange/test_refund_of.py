"""A file of refunds that says which invoice each gives back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.interactions.models import Interaction
from crmkit.exchange.api import ExportOptions, export
from tests.exchange.importing import ACTOR, figures, load, rows_of

HEADING = "invoice,occurred_at,customer,sku,quantity,unit_price,currency,refund of\n"
SALE = "A1,2024-03-01T10:00:00Z,1,S1,2,1.50,EUR,\n"
REFUND = "C1,2024-03-05T10:00:00Z,1,S1,-1,1.50,EUR,A1\n"


def about(crm: CRM) -> dict[str, str | None]:
    """Return what each interaction is about, both by their external ids."""
    with crm.session(ACTOR) as session:
        found = list(session.scalars(select(Interaction)))
    names = {one.id: one.external_id for one in found}
    return {one.external_id or "": names.get(one.about_id) if one.about_id else None for one in found}


@pytest.fixture
def known(crm: CRM, make: Callable[..., Path]) -> CRM:
    """A CRM that knows two customers."""
    load(crm, make("id,name,email\n1,Ann,ann@example.com\n2,Ben,\n", "customers.csv"))
    return crm


@pytest.mark.parametrize("rows", [SALE + REFUND, REFUND + SALE])
def test_a_refund_is_about_its_invoice_in_whatever_order(known: CRM, make: Callable[..., Path], rows: str) -> None:
    assert figures(load(known, make(HEADING + rows)))[-1] == 0
    assert {"A1": None, "C1": "A1"} == about(known)


def test_a_refund_is_about_an_invoice_of_an_earlier_file(known: CRM, make: Callable[..., Path]) -> None:
    load(known, make(HEADING + SALE, "sales.csv"))
    load(known, make(HEADING + REFUND, "refunds.csv"))
    assert {"A1": None, "C1": "A1"} == about(known)


def test_a_refund_of_an_unknown_invoice_is_refused_with_its_column(known: CRM, make: Callable[..., Path]) -> None:
    report = load(known, make(HEADING + SALE + REFUND.replace(",A1", ",A9")))
    assert 1 == report.rejected
    assert {"A1": None} == about(known)
    assert report.rejected_file is not None
    text = report.rejected_file.read_text("utf-8")
    assert "There is no such interaction" in text
    assert "refund of" in text


def test_a_refund_of_a_refused_invoice_is_refused(known: CRM, make: Callable[..., Path]) -> None:
    report = load(known, make(HEADING + SALE.replace(",1,S1", ",7,S1") + REFUND))
    assert 2 == report.rejected
    assert {} == about(known)


def test_an_export_says_what_was_refunded(known: CRM, make: Callable[..., Path], tmp_path: Path) -> None:
    load(known, make(HEADING + SALE + REFUND))
    path = tmp_path / "purchases.csv"
    export(known, ACTOR, path, ExportOptions(resource="purchases"))
    assert {"A1": "", "C1": "A1"} == {row["invoice"]: row["refund_of"] for row in rows_of(path)}
