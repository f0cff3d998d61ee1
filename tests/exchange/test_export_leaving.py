"""What an export is for and for whom: consent to a purpose, and the mark of the recipient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.operations.tables import AuditRecord
from crmkit.core.store.guard import region
from crmkit.errors import InvalidInput
from crmkit.exchange.api import ExportOptions, export
from crmkit.exchange.leaving import marked_name
from crmkit.exchange.readers import open_rows
from tests.exchange.importing import ACTOR, load, rows_of

GRANTED = {"purpose": "marketing", "channel": "email", "occurred_at": "2024-01-01T10:00:00Z"}
REVEALED: dict[str, Any] = {"reveal": True, "reason": "moving house"}


@pytest.fixture
def asked(crm: CRM) -> CRM:
    """A CRM with customers who allowed marketing in different ways, and a call with each."""
    for name, consents in {
        "Every": [{**GRANTED, "channel": "*"}],
        "Mail": [GRANTED],
        "Back": [GRANTED, {**GRANTED, "granted": False, "occurred_at": "2024-02-01T10:00:00Z"}],
        "Over": [{**GRANTED, "expires_at": "2024-03-01T10:00:00Z"}],
        "Other": [{**GRANTED, "purpose": "service"}],
        "Silent": [],
    }.items():
        made = crm.run(ACTOR, "customer.create", {"name": name, "consents": consents})
        call = {"kind": "call", "customer_id": made.id, "occurred_at": "2024-03-02T10:00:00Z"}
        crm.run(ACTOR, "interaction.record", {**call, "source": "phone", "external_id": name})
    crm.run(ACTOR, "interaction.record", {"kind": "note", "occurred_at": "2024-03-03T10:00:00Z", "body": "nobody"})
    return crm


def names(crm: CRM, path: Path, **options: Any) -> set[str]:
    """Return who is in an export."""
    export(crm, ACTOR, path, ExportOptions(overwrite=True, **options))
    return {row.get("name") or row["external_id"] for row in rows_of(path)}


def test_only_customers_who_allow_the_purpose_leave(asked: CRM, tmp_path: Path) -> None:
    """By any channel, or by the one that is named; what was withdrawn or has expired does not count."""
    path = tmp_path / "customers.csv"
    assert {"Every", "Mail"} == names(asked, path, purpose="marketing")
    assert {"Every"} == names(asked, path, purpose="marketing:phone")
    assert {"Other"} == names(asked, path, purpose="service")
    assert len(names(asked, path)) == 6


def test_what_is_about_others_stays_too(asked: CRM, tmp_path: Path) -> None:
    """Interactions of who did not allow the purpose, and those of nobody, do not leave."""
    path = tmp_path / "interactions.csv"
    assert {"Every", "Mail"} == names(asked, path, resource="interactions", purpose="marketing")


@pytest.mark.parametrize(("resource", "purpose"), [("customers", "nonsense"), ("products", "marketing")])
def test_purposes_that_cannot_be_are_refused(asked: CRM, tmp_path: Path, resource: str, purpose: str) -> None:
    """A purpose that nobody is asked about, and one of what is about nobody, leave no file."""
    path = tmp_path / "no.csv"
    with pytest.raises(InvalidInput):
        export(asked, ACTOR, path, ExportOptions(resource=resource, purpose=purpose))
    assert not path.exists()


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
def test_each_row_names_the_recipient(asked: CRM, tmp_path: Path, suffix: str) -> None:
    """The last column says for whom, when and by whom; an import of the file leaves it aside."""
    path = tmp_path / f"customers{suffix}"
    export(asked, ACTOR, path, ExportOptions(recipient=" Acme GmbH ", **REVEALED))
    source = open_rows(path)
    assert source.columns[-1] == "exported_for"
    marks = {str(row.cells[-1]) for row in source}
    source.close()
    assert len(marks) == 1
    assert marks.pop().startswith("Acme GmbH · ")
    report = load(asked, path)
    assert (report.read, report.duplicates, report.rejected) == (6, 6, 0)


def test_chosen_columns_bear_the_mark_as_well(asked: CRM, tmp_path: Path) -> None:
    """Whoever leaves columns out does not get rid of it."""
    path = tmp_path / "some.csv"
    export(asked, ACTOR, path, ExportOptions(recipient="Acme", columns=("name",)))
    assert [{"name", "exported_for"}] == [set(row) for row in rows_of(path)[:1]]


def test_the_name_of_a_file_tells_its_recipient(asked: CRM) -> None:
    """In letters of any alphabet, and without what a path could be made of."""
    now = asked.clock.now()
    stamp = f"{now:%Y%m%dT%H%MZ}"
    assert f"customers-Acme-GmbH-etc-{stamp}.csv" == marked_name("customers", "csv", " Acme GmbH/../etc ", now)
    assert f"customers-青茶-{stamp}.xlsx" == marked_name("customers", "xlsx", "青茶", now)
    assert f"customers-{now:%Y-%m-%d}.csv" == marked_name("customers", "csv", None, now)


def test_purpose_and_recipient_are_audited(asked: CRM, tmp_path: Path) -> None:
    """The log tells for whom and for what an export was."""
    export(asked, ACTOR, tmp_path / "a.csv", ExportOptions(recipient="Acme", purpose="marketing"))
    with asked.session(ACTOR) as session, region(session, "looking at the log"):
        details = session.scalars(select(AuditRecord.details).where(AuditRecord.operation == "data.export")).one()
    told = json.loads(details)
    assert ("Acme", "marketing", 2) == (told["recipient"], told["purpose"], told["rows"])
