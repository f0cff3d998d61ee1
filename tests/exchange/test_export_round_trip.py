"""Exports: what is written is read back without a change, into the same customer base and into an empty one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction
from crmkit.core.operations.tables import AuditRecord, EventRecord
from crmkit.core.store.guard import region
from crmkit.errors import ImportConflict, InvalidInput
from crmkit.exchange.api import ExportOptions, ImportOptions, export, plan_import, run_import
from tests.exchange.importing import ACTOR, count, figures, load, rows_of

RESOURCES = ("customers", "products", "purchases", "interactions")


@pytest.fixture
def other(templates: Any, tmp_path: Path) -> Iterator[CRM]:
    """An empty CRM on SQLite beside the one that is tested."""
    crm = CRM.open(templates.copy("sqlite", tmp_path))
    yield crm
    crm.close()


@pytest.fixture
def full(crm: CRM) -> CRM:
    """A CRM with a bit of everything."""
    with crm.transaction(ACTOR) as session:
        for name, type_ in (("shoe_size", "integer"), ("since", "date"), ("remark", "text")):
            session.run("custom_field.create", {"name": name, "type": type_, "resource": "customer"})
    with crm.transaction(ACTOR) as session:
        holding = session.run("customer.create", {"name": "Holding", "kind": "organization", "size": 12})
        company = session.run(
            "customer.create",
            {"name": "Acme, Ltd", "kind": "organization", "parent_id": holding.id, "website": "https://acme.example"},
        )
        ann = session.run(
            "customer.create",
            {
                "given_name": "Ann",
                "family_name": "O'Neill",
                "parent_id": company.id,
                "email": "ann@example.com",
                "mobile": "+447911123456",
                "street": "1 High St",
                "postal_code": "01234",
                "city": "Leeds",
                "country": "GB",
                "birth_date": "1980-01-31",
                "tags": ["vip", "a;b"],
                "interests": ["tea", "golf"],
                "identifiers": [{"source": "shop", "external_id": "007"}],
                "preferences": {"colour": "red", "sizes": [1, 2]},
                "custom": {"shoe_size": 38, "since": "2020-02-29", "remark": "=1+1"},
                "standing": "customer",
            },
        )
        session.run(
            "customer.create",
            {
                "name": "王小明",
                "contact_points": [
                    {"kind": "phone", "value": "+8613800138000", "label": "work"},
                    {"kind": "email", "value": "b@example.com"},
                    {"kind": "email", "value": "a@example.com", "preferred": True, "label": "home"},
                    {
                        "kind": "address",
                        "value": "",
                        "label": "home",
                        "details": {"street": "太原路1号", "city": "上海"},
                    },
                    {"kind": "social", "value": "xm", "label": "wechat"},
                ],
            },
        )
        session.run("customer.create", {"name": '+HYPERLINK("http://x")', "city": "-Leeds"})
        session.run("product_category.create", {"name": "bath", "title": "Bathroom"})
        session.run("product.put", {"sku": "S1", "title": "Soap", "category": "bath"})
        buy = {
            "kind": "purchase",
            "customer_id": ann.id,
            "currency": "EUR",
            "occurred_at": "2024-03-01T10:00:00.123456Z",
            "source": "shop",
            "external_id": "A1",
            "create_products": True,
            "lines": [
                {"sku": "S1", "quantity": "2", "unit_price": "1.505"},
                {"sku": "S9", "description": "Towel", "quantity": "0.5", "amount": "4.99"},
                {"description": "Discount", "amount": "-1.00"},
            ],
        }
        session.run("interaction.record", buy)
        session.run("interaction.record", {**buy, "source": "web"})
        session.run(
            "interaction.record",
            {
                "kind": "refund",
                "customer_id": ann.id,
                "currency": "EUR",
                "amount": "2.00",
                "occurred_at": buy["occurred_at"],
            },
        )
        wrong = session.run("interaction.record", {**buy, "external_id": "A2"})
        session.run("interaction.reverse", {"reason": "by mistake"}, target=wrong)
        session.run(
            "interaction.record",
            {
                "kind": "call",
                "customer_id": ann.id,
                "occurred_at": "2024-03-02T10:00:00Z",
                "subject": "Question",
                "body": "line 1\nline 2",
                "payload": {"answered": True, "number": "+447911123456"},
                "duration": 60,
            },
        )
        session.run("interaction.record", {"kind": "note", "occurred_at": "2024-03-03T10:00:00Z", "body": "@home"})
    return crm


REVEALED: dict[str, Any] = {"reveal": True, "reason": "moving house"}


def export_all(crm: CRM, folder: Path, suffix: str) -> dict[str, Path]:
    """Export every resource into a folder."""
    folder.mkdir()
    files = {resource: folder / f"{resource}{suffix}" for resource in RESOURCES}
    for resource, path in files.items():
        export(crm, ACTOR, path, ExportOptions(resource=resource, **REVEALED))
    return files


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_an_empty_crm_becomes_the_same(full: CRM, other: CRM, tmp_path: Path, suffix: str) -> None:
    """Exporting, importing into an empty CRM and exporting again gives files that are equal byte for byte."""
    files = export_all(full, tmp_path / "first", suffix)
    for resource, path in files.items():
        report = load(other, path, resource=resource, make_fields=True)
        assert (report.read, report.rejected, report.duplicates) == (report.created, 0, 0), resource
    for resource, path in export_all(other, tmp_path / "second", suffix).items():
        assert path.read_text() == files[resource].read_text(), resource


def test_the_same_crm_stays_as_it_is(full: CRM, tmp_path: Path) -> None:
    """Importing an export where it came from changes nothing."""
    files = export_all(full, tmp_path / "first", ".csv")
    before = count(full), count(full, Interaction)
    for resource, path in files.items():
        report = load(full, path, resource=resource)
        assert figures(report) == (report.read, 0, 0, report.read, 0), resource
    assert (count(full), count(full, Interaction)) == before
    for resource, path in export_all(full, tmp_path / "second", ".csv").items():
        assert path.read_bytes() == files[resource].read_bytes(), resource


def test_formulas_are_neutralised(full: CRM, tmp_path: Path) -> None:
    """No cell of an export begins like a formula that a spreadsheet would run."""
    path = tmp_path / "customers.csv"
    export(full, ACTOR, path, ExportOptions(**REVEALED))
    cells = [cell for row in rows_of(path) for cell in row.values()]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell[:1] in "=@" and cell]


def test_what_was_reversed_is_left_out(full: CRM, tmp_path: Path) -> None:
    """A purchase that was reversed is no purchase, and its reversal neither."""
    path = tmp_path / "purchases.csv"
    export(full, ACTOR, path, ExportOptions(resource="purchases"))
    assert {row["invoice"] for row in rows_of(path) if row["source"] != "crmkit"} == {"A1"}


def test_conditions_choose_customers(full: CRM, tmp_path: Path) -> None:
    """An export takes the conditions of lists of customers, and refuses what is none."""
    path = tmp_path / "some.jsonl"
    report = export(full, ACTOR, path, ExportOptions(where=("city=Leeds",)))
    (line,) = path.read_text().splitlines()
    assert (report.rows, json.loads(line)["family_name"]) == (1, "O'Neill")
    with pytest.raises(InvalidInput):
        export(full, ACTOR, tmp_path / "none.csv", ExportOptions(where=("shape=round",)))
    assert not (tmp_path / "none.csv").exists()


def test_an_export_replaces_no_file_unasked(full: CRM, tmp_path: Path) -> None:
    """A file that exists is only replaced when that is wanted."""
    path = tmp_path / "customers.csv"
    path.write_text("mine")
    with pytest.raises(ImportConflict, match="already"):
        export(full, ACTOR, path)
    assert path.read_text() == "mine"
    assert export(full, ACTOR, path, ExportOptions(overwrite=True)).rows == 5


def test_an_export_is_recorded_with_its_rows(full: CRM, tmp_path: Path) -> None:
    """Who exported what, and how many rows, is kept."""
    export(full, ACTOR, tmp_path / "customers.csv")
    with full.session(ACTOR) as session:
        record = session.scalars(select(EventRecord).where(EventRecord.name == "data.exported")).one()
    assert record.payload == {"resource": "customers", "rows": 5, "conditions": 0}


def test_what_is_sealed_is_left_out_unless_revealed(full: CRM, tmp_path: Path) -> None:
    """Cells of sealed values are empty, and the report names their columns; revealing them needs a reason."""
    path = tmp_path / "customers.jsonl"
    report = export(full, ACTOR, path)
    whole = export(full, ACTOR, tmp_path / "whole.jsonl", ExportOptions(**REVEALED))
    assert {"email", "phone", "contact_points", "birth_date", "identity_number"} <= set(report.left_out)
    shown = {name for line in path.read_text().splitlines() for name, value in json.loads(line).items() if value}
    everything = (tmp_path / "whole.jsonl").read_text()
    revealed = {name for line in everything.splitlines() for name, value in json.loads(line).items() if value}
    assert (shown & set(report.left_out), whole.left_out) == (set(), ())
    assert {"email", "contact_points", "birth_date"} <= revealed - shown
    for reason in (None, "  "):
        with pytest.raises(InvalidInput):
            export(full, ACTOR, tmp_path / "no.csv", ExportOptions(reveal=True, reason=reason))
    assert not (tmp_path / "no.csv").exists()


def test_an_export_is_audited_without_its_conditions(full: CRM, tmp_path: Path) -> None:
    """The audit log has the number of rows, the reason and a keyed hash of what chose them, not the values."""
    export(full, ACTOR, tmp_path / "one.csv", ExportOptions(where=("email=ann@example.com",), **REVEALED))
    with full.session(ACTOR) as session, region(session, "looking at the log"):
        rows = session.execute(
            select(AuditRecord.operation, AuditRecord.items, AuditRecord.reason, AuditRecord.details)
        ).all()
    (line,) = [row for row in rows if row.operation == "data.export"]
    assert (line.items, line.reason) == (1, "moving house")
    assert json.loads(line.details)["revealed"] is True
    assert len(json.loads(line.details)["filter"]) == 64
    assert "ann@example.com" not in str(rows)


def test_deep_organisations_come_before_their_parts(other: CRM, make: Callable[..., Path], tmp_path: Path) -> None:
    """A company that was made before the one that it belongs to comes behind it in the export."""
    with other.transaction(ACTOR) as session:
        lower = session.run("customer.create", {"name": "Lower", "kind": "organization"})
        upper = session.run("customer.create", {"name": "Upper", "kind": "organization"})
        session.run("customer.update", {"parent_id": upper.id}, target=lower)
    path = tmp_path / "customers.csv"
    export(other, ACTOR, path)
    assert [(row["name"], row["organization"]) for row in rows_of(path)] == [("Upper", ""), ("Lower", "Upper")]


def test_deleted_customers_are_left_out(other: CRM, tmp_path: Path) -> None:
    """What was deleted is not exported."""
    with other.transaction(ACTOR) as session:
        gone = session.run("customer.create", {"name": "Gone"})
        session.run("customer.delete", target=gone)
    path = tmp_path / "customers.csv"
    assert export(other, ACTOR, path).rows == 0
    plan = plan_import(other, path, ImportOptions(resource="customers"))
    assert run_import(other, ACTOR, plan).read == 0
    assert count(other, Customer) == 1
