"""Attacks by files: updating customers whom one may not see, and taking back what others imported."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from attrs import frozen
from sqlalchemy import func, select

from crmkit import Actor, Customer
from crmkit.app import CRM
from crmkit.errors import Refused
from crmkit.exchange.api import ImportOptions, ImportReport, plan_import, revert_import, run_import
from crmkit.exchange.tables import ImportRun
from tests.exchange.importing import write_rows
from tests.security.world import SYSTEM, customer, user


@frozen(kw_only=True)
class Offices:
    """Two managers of teams that have nothing to do with each other, and a customer of the second."""

    crm: CRM
    anna: Actor
    boris: Actor
    foreign: UUID


@pytest.fixture
def offices(crm: CRM) -> Offices:
    """The two offices."""
    north, south = (crm.run(SYSTEM, "team.create", {"name": name}).id for name in ("North", "South"))
    boris = user(crm, "boris", "manager", team=south)
    foreign = customer(
        crm, "Foreign", owner=boris, team=south, city="Ulm", email="f@example.com", external_id="F1", source="shop"
    )
    return Offices(crm=crm, anna=user(crm, "anna", "manager", team=north), boris=boris, foreign=foreign)


def load(crm: CRM, actor: Actor, path: Path) -> ImportReport:
    """Import customers, changing those that are known."""
    options = ImportOptions(resource="customers", source="shop", on_duplicate="update")
    return run_import(crm, actor, plan_import(crm, path, options))


def test_a_file_changes_nobody_whom_its_importer_does_not_see(offices: Offices, tmp_path: Path) -> None:
    """Rows that name a hidden customer by e-mail address or by the id of its source leave it as it was."""
    rows = [["Mine", "f@example.com", "", "Kiel"], ["Mine too", "", "F1", "Kiel"]]
    load(offices.crm, offices.anna, write_rows(tmp_path / "a.csv", ["Name", "E-mail", "External ID", "City"], rows))
    with offices.crm.session(SYSTEM) as session:
        found = session.get_one(Customer, offices.foreign)
        assert ("Foreign", "Ulm", 1) == (found.name, found.city, found.version)


def test_nobody_takes_back_what_others_imported_and_he_cannot_see(offices: Offices, tmp_path: Path) -> None:
    """Somebody else's import stays as it is, and its importer can take it back."""
    crm = offices.crm
    made = load(crm, offices.anna, write_rows(tmp_path / "a.csv", ["Name", "City"], [["Mine", "Kiel"]]))
    assert made.import_id is not None
    for operation in ("import.begin_revert", "import.revert_batch", "import.end_revert", "import.finish"):
        with pytest.raises(Refused, match="somebody else's"):
            crm.run(offices.boris, operation, target=made.import_id)
    with crm.session(SYSTEM) as session:
        assert session.get_one(ImportRun, made.import_id).state == "done"
    assert revert_import(crm, offices.anna, made.import_id).removed == 1
    with crm.session(SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 1


def test_who_sees_everything_takes_back_what_others_imported(offices: Offices, tmp_path: Path) -> None:
    """An administrator takes back any import."""
    crm = offices.crm
    made = load(crm, offices.anna, write_rows(tmp_path / "a.csv", ["Name", "City"], [["Mine", "Kiel"]]))
    assert made.import_id is not None
    assert revert_import(crm, user(crm, "ada", "admin"), made.import_id).removed == 1
