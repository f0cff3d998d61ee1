"""What the tests of merging share."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.app import CRM
from crmkit.settings import Settings
from tests.identity.bases import ADMIN, newcomer
from tests.vendor.wheels import WARRANTY


@pytest.fixture
def full(crm_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CRM]:
    """A CRM with all plugins that have rows about customers, custom fields and bystanders, once for each engine."""
    monkeypatch.syspath_prepend(WARRANTY)
    manifest = importlib.import_module("crmkit_warranty.manifest").MANIFEST
    (tmp_path / "home").mkdir()
    settings = Settings(database=crm_url, home=tmp_path / "home", files=tmp_path / "files")
    crm = CRM.open(settings, plugins=[manifest])
    for plugin in ("sales", "quality", "warranty"):
        crm.enable(plugin)
    for name, classified in (("shoe_size", "personal"), ("allergies", "sensitive")):
        values = {"resource": "customer", "name": name, "title": name, "type": "text", "field_class": classified}
        crm.run(ADMIN, "custom_field.create", values)
    for number in range(2):
        newcomer(crm, f"Bystander {number}")
        newcomer(crm, f"Works {number}", kind="organization")
    yield crm
    crm.close()
