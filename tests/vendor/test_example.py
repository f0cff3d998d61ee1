"""The example plugin uses every extension point, its own tests pass, and its texts are translated."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from crmkit.core.operations.registry import SORTS
from crmkit.hooks.catalogue import kernel_specifications
from crmkit.hooks.checks import check_module
from crmkit.loading import scratch
from crmkit.manifest import PluginManifest
from crmkit.scaffold.locale import _marked
from crmkit.testing.workbench import subject
from tests.scaffold.test_render import pytest_run
from tests.vendor.wheels import WARRANTY

PACKAGE = WARRANTY / "crmkit_warranty"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The example's hook module, importable for this test."""
    monkeypatch.syspath_prepend(WARRANTY)
    return importlib.import_module("crmkit_warranty.plugin")


@pytest.fixture
def manifest(example: ModuleType) -> PluginManifest:
    """The example's manifest."""
    return subject("crmkit_warranty.manifest:MANIFEST").manifest


def test_it_implements_every_hook(example: ModuleType) -> None:
    """Whoever adds a hook to the kernel shows in the example how it is used."""
    implemented = {each.hook for each in check_module("warranty", example, kernel_specifications())}
    assert set(kernel_specifications()) - implemented == set()


def test_it_has_every_sort_of_contribution(manifest: PluginManifest) -> None:
    """Each sort that the kernel registers is there at least once, and so is each way to subscribe and to work."""
    _dispatcher, registry, broken = scratch([], [manifest])
    assert broken == {}
    assert [sort for sort in SORTS if not registry.owned("warranty", sort)] == []
    assert {(each.phase, each.durable) for each in registry.owned("warranty", "subscription")} == {
        ("before_commit", True),
        ("after_commit", False),
        ("after_commit", True),
    }
    assert {bool(job.cron or job.every) for job in registry.owned("warranty", "job")} == {True, False}
    assert [each for each in registry.owned("warranty", "operation") if each.bulk] != []
    assert registry.guarded["warranty"] == {"customer"}


def test_its_manifest_says_all_that_a_manifest_can(manifest: PluginManifest) -> None:
    """Permissions, commands, settings and migrations are facts that need no hook."""
    assert manifest.permissions
    assert manifest.commands
    assert manifest.settings
    assert manifest.migrations
    assert manifest.uses
    assert (PACKAGE / "hookspecs.py").is_file()


def test_its_own_tests_pass() -> None:
    """As the vendor runs them, conformance among them."""
    passed = pytest_run(WARRANTY)
    assert "passed" in passed
    assert "failed" not in passed


def test_it_is_tidy_by_its_own_rules() -> None:
    """Ruff finds nothing, with the settings that the vendor ships."""
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."], cwd=WARRANTY, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_its_texts_are_translated() -> None:
    """Every text that its modules and templates mark is in the catalogue, translated, and nothing else is."""
    files = (*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"))
    marked = _marked({str(path): path.read_bytes() for path in files})
    catalogue = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "crmkit_warranty.po"
    with catalogue.open("rb") as file:
        translated = {str(item.id) for item in read_po(file, locale="zh_Hans") if item.id and item.string}
    assert marked == translated


def test_nothing_of_the_checkout_is_needed() -> None:
    """The example stands for itself: no file of it reaches out of its folder, but for one link to the guide."""
    reaching = [
        str(path.relative_to(WARRANTY))
        for path in sorted(WARRANTY.rglob("*"))
        if path.suffix in (".py", ".toml", ".html") and "../" in path.read_text("utf-8").replace('"../outside"', "")
    ]
    assert reaching == []
    assert all(not path.is_symlink() for path in Path(WARRANTY).rglob("*"))
