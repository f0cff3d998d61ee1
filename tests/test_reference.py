"""Everything that a condition, a rule, a role or a setting can name is documented, of the kernel and of its plugins."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import attrs
import pytest

from crmkit.cli.root import COMMANDS
from crmkit.core.operations.registry import Registry
from crmkit.errors import all_errors
from crmkit.hooks.catalogue import kernel_specifications
from crmkit.settings import Settings
from tests.test_architecture import plugin_packages
from tools.vocabulary import first_party, registry

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def declared() -> Registry:
    """Everything that the kernel and the plugins that come with it declare."""
    return registry()


def rows(page: str) -> dict[str, list[str]]:
    """Return the rows of the tables of a page by their first cell, without its marks."""
    text = (DOCS / page).read_text("utf-8")
    found = re.findall(r"^\| `?([\w.]+)`? \|(.*)\|$", text, re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in found}


def silent(page: str, names: list[str]) -> list[str]:
    """Return the names that have no row on a page, or one with an empty last cell but one for what it says."""
    known = rows(page)
    return [name for name in names if name not in known or not any(len(cell) > 3 for cell in known[name])]


def test_every_fact_is_documented(declared: Registry) -> None:
    """With its type and a sentence."""
    names = [f"{each.name}.{fact.name}" for each in declared.tables["fact set"].values() for fact in each.columns]
    assert len(names) > 50
    assert silent("reference-facts.md", names) == []
    undocumented = [
        f"{each.name}.{fact.name}"
        for each in declared.tables["fact set"].values()
        for fact in each.columns
        if not fact.doc
    ]
    assert undocumented == []


def test_every_dimension_is_documented(declared: Registry) -> None:
    """With its labels."""
    names = [f"label.{each.name}" for each in declared.tables["dimension"].values()]
    assert names
    assert silent("reference-facts.md", names) == []


def test_every_event_is_documented(declared: Registry) -> None:
    """By the docstring of its class, and with its fields."""
    assert silent("reference-events.md", list(declared.events)) == []
    assert [name for name, cls in declared.events.items() if not inspect.getdoc(cls)] == []


def test_every_permission_is_documented() -> None:
    """With the risk that it brings and who gets it."""
    names = [each.name for manifest in first_party() for each in manifest.permissions]
    assert len(names) > 50
    assert silent("reference-permissions.md", names) == []


def test_every_setting_is_documented() -> None:
    """Each has a row with its default and what it means."""
    assert silent("settings.md", [each.name for each in attrs.fields(Settings)]) == []


def test_every_error_code_is_documented() -> None:
    """Each has a row with its class and when it is raised."""
    assert silent("errors.md", [cls.code for cls in all_errors()]) == []


def test_every_command_is_documented() -> None:
    """Each has a heading of its own; the plugins' are named in their manifest with a line of help."""
    headings = re.findall(r"^#+ `crmkit ([\w -]+)`$", (DOCS / "cli.md").read_text("utf-8"), re.MULTILINE)
    assert [name for name in COMMANDS if name not in headings] == []
    unnamed = [name for each in first_party() for name, command in each.commands.items() if not command.help]
    assert unnamed == []


def test_every_hook_is_used_by_a_plugin_of_ours() -> None:
    """By one that comes with crmkit, or by an example: a hook that nobody uses is not known to be usable."""
    sources = [path.read_text("utf-8") for package in plugin_packages() for path in package.rglob("*.py")]
    used = {name for text in sources for name in re.findall(r"\bcrmkit_\w+", text)}
    of_rooms = {f"crmkit_{name}" for text in sources for name in re.findall(r"^def (\w+)\(", text, re.MULTILINE)}
    assert sorted(set(kernel_specifications()) - used - of_rooms) == []
