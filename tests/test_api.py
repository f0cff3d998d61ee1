"""What plugins rely on did not change unnoticed, and every change of the hook API is told."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from crmkit.hooks import changes as recorded_changes
from crmkit.hooks.catalogue import kernel_specifications
from crmkit.hooks.changes import CHANGES, RELEASED, ApiChange
from crmkit.manifest import HOOK_API
from tests.test_architecture import FOR_PLUGINS
from tools import api

ROOT = Path(__file__).resolve().parents[1]
HOOKS = kernel_specifications()


def test_what_plugins_rely_on_is_as_recorded() -> None:
    """Hooks, contributions, manifest and public names; the output says what has to be done."""
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "api.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert (0, "") == (done.returncode, done.stdout + done.stderr)


def test_it_covers_every_module_that_plugins_may_import() -> None:
    """And the names of crmkit itself, with the parameters of what is called."""
    assert [name for name in FOR_PLUGINS if f"crmkit.{name}" not in api.MODULES] == []
    names = api.recorded()["names"]
    assert "class crmkit.Rule" in names
    assert "method crmkit.CRM.run.operation: str (required)" in names
    assert "field crmkit.PluginManifest.api: str = '1.0'" in names
    assert "class crmkit.errors.HookFailed CK203" in names or any(" CK" in line for line in names)


BEFORE = {
    "names": ["class crmkit.Rule", "field crmkit.Rule.name: str (required)", "function crmkit.deliver -> Delivery"]
}


@pytest.mark.parametrize(
    ("more", "less", "raises"),
    [
        ([], [], ""),
        (["class crmkit.Board", "field crmkit.Board.name: str (required)"], [], "minor"),
        (["field crmkit.Rule.doc: str = ''"], [], "minor"),
        (["field crmkit.Rule.doc: str (required)"], [], "major"),
        (["function crmkit.deliver.crm: CRM (required)"], [], "major"),
        ([], ["class crmkit.Rule"], "major"),
        (["field crmkit.Rule.name: Text (required)"], ["field crmkit.Rule.name: str (required)"], "major"),
    ],
)
def test_a_difference_raises_the_right_number(more: list[str], less: list[str], raises: str) -> None:
    """An addition the minor one; what went, what means something else and what has to be given now the major one."""
    after = {"names": [line for line in BEFORE["names"] if line not in less] + more}
    assert raises == api.changes(BEFORE, after)[2]


@pytest.mark.parametrize(
    ("version", "told", "raises", "says"),
    [
        ((1, 0), "1.0", "minor", "make HOOK_API in crmkit/manifest.py (1, 1)"),
        ((1, 1), "1.0", "minor", "says nothing of hook API 1.1"),
        ((1, 1), "1.1", "minor", ""),
        ((1, 1), "1.1", "major", "make HOOK_API in crmkit/manifest.py (2, 0)"),
        ((2, 0), "2.0", "major", ""),
    ],
)
def test_a_change_after_a_release_needs_a_version_and_a_word(
    version: tuple[int, int], told: str, raises: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tool refuses to record it before."""
    monkeypatch.setattr(recorded_changes, "RELEASED", (1, 0))
    monkeypatch.setattr(
        recorded_changes, "CHANGES", (*CHANGES, ApiChange(api=told, kind="changed", what="x", text=CHANGES[0].text))
    )
    monkeypatch.setattr("crmkit.manifest.HOOK_API", version)
    verdict = api.verdict(["class crmkit.New"], [], raises)
    assert says in verdict
    assert bool(says) == bool(verdict)


def test_every_hook_says_since_when_and_that_is_recorded() -> None:
    """No hook is newer than the API, and each that came after 1.0 is among the changes."""
    since = {name: re.search(r"Since (\d+)\.(\d+)\.", hook.doc) for name, hook in HOOKS.items()}
    assert [name for name, found in since.items() if found is None] == []
    numbers = {name: (int(found[1]), int(found[2])) for name, found in since.items() if found}
    assert [name for name, number in numbers.items() if number > HOOK_API] == []
    told = {each.what for each in CHANGES if each.kind == "added"}
    assert [name for name, number in numbers.items() if number > (1, 0) and name not in told] == []


def test_changes_are_of_versions_that_there_are() -> None:
    """In ascending order, none beyond the present one; the page on hooks has them all."""
    versions = [tuple(map(int, each.api.split("."))) for each in CHANGES]
    assert versions == sorted(versions)
    assert versions[-1] <= HOOK_API
    assert RELEASED is None or RELEASED <= HOOK_API
    page = (ROOT / "docs" / "hooks.md").read_text("utf-8").split("## Changes\n")[1]
    assert [each.api for each in CHANGES] == re.findall(r"^\| (\d+\.\d+) \|", page, re.MULTILINE)
