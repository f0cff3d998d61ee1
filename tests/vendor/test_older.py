"""Plugins that were written for earlier hook APIs are unchanged, load, pass their own tests, and can be upgraded."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve

from crmkit.app import CRM
from crmkit.manifest import HOOK_API, PluginManifest
from crmkit.settings import Settings
from crmkit.testing import Customers, check_plugin
from crmkit.testing.workbench import subject
from tests.scaffold.test_render import pytest_run
from tests.vendor.wheels import ROOT

OLDER = ROOT / "tests" / "vendor" / "older"

DIGESTS: Mapping[str, str] = {
    "crmkit-rentals-1.0": "2302677af1926eaf0399d4e8a2b90c30da94e89f5cf506fe0345a93b2dd0a688",
}
"""Each folder with the digest of its files. One that differs was edited, which is never right."""

BY_PRODUCTS = ("__pycache__", ".pytest_cache", ".ruff_cache")


def digest(folder: Path) -> str:
    """Return the digest of the names and bytes of the files in a folder, without what running it leaves behind."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not {*path.parts} & {*BY_PRODUCTS}:
            found.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def test_every_folder_is_known() -> None:
    """And there is one for the major version that is offered."""
    assert sorted(DIGESTS) == sorted(path.name for path in OLDER.iterdir() if path.is_dir())
    assert f"{HOOK_API[0]}.0" in [name.rpartition("-")[2] for name in DIGESTS]


@pytest.mark.parametrize("name", DIGESTS)
def test_it_was_never_edited(name: str) -> None:
    """The files are byte for byte those that were published."""
    assert digest(OLDER / name) == DIGESTS[name], "Restore the folder: the kernel has to run it as it was."


@pytest.mark.parametrize("name", DIGESTS)
def test_its_own_tests_pass(name: str) -> None:
    """As its vendor runs them, with the conformance of today among them."""
    passed = pytest_run(OLDER / name)
    assert "passed" in passed
    assert "failed" not in passed


@pytest.fixture
def manifest(monkeypatch: pytest.MonkeyPatch) -> PluginManifest:
    """The manifest of the plugin for the first hook API, with its own version."""
    folder = OLDER / "crmkit-rentals-1.0"
    monkeypatch.syspath_prepend(folder)
    version = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return evolve(subject("crmkit_rentals.manifest:MANIFEST").manifest, version=version)


def test_the_checks_find_no_error(manifest: PluginManifest) -> None:
    """What is checked since may advise it to do more, and says nothing against it."""
    found = check_plugin(manifest)
    assert [each for each in found if each.level == "error"] == []
    assert len(found) > 20


def test_it_is_upgraded_with_its_rows(manifest: PluginManifest, tmp_path: Path) -> None:
    """Where an older version of it ran, the present kernel notes the newer one and finds what was written."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'crm.db'}", strict=True, synchronous="normal")
    with CRM.open(settings, plugins=[evolve(manifest, version="0.0.1")], create=True) as crm:
        crm.enable("rentals")
        customer = Customers(crm=crm)(name="Li Na")
        item = crm.run(crm.system("test"), "rentals.add", {"customer_id": customer.id, "title": "Call back"})
    report = CRM.upgrade(settings, plugins=[manifest])
    assert report.failed == ()
    assert [each.name for each in report.plugins] == ["rentals"]
    with CRM.open(settings, plugins=[manifest]) as crm:
        (view,) = [each for each in crm.plugins if each.name == "rentals"]
        finished = crm.run(crm.system("test"), "rentals.finish", target=item.id)
    assert (view.state, view.version) == ("enabled", manifest.version)
    assert (finished.id, finished.title) == (item.id, "Call back")
