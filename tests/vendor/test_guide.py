"""docs/vendors.md says what is: its samples are the example's, its tables the code's, its commands exist."""

from __future__ import annotations

import re

import pytest

import crmkit
from crmkit.cli.commands import db, plugin
from crmkit.scaffold import PARTS
from crmkit.testing import CODES, pytest_plugin
from crmkit.testing.grading import needed_for
from tests.test_architecture import FOR_PLUGINS
from tests.vendor.wheels import ROOT, WARRANTY

PAGE = (ROOT / "docs" / "vendors.md").read_text("utf-8")
SAMPLES = re.findall(r"^<!-- (\S+) -->\n```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def table(heading: str) -> list[tuple[str, str]]:
    """Return the rows of the table whose first column has that heading."""
    found = re.search(rf"^\| {heading} \|.*?\n(?:\| --- )+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found
    rows = [re.fullmatch(r"\| (.*?) \| (.*) \|", line) for line in found[1].splitlines()]
    return [(row[1].strip("`"), row[2]) for row in rows if row]


def test_every_sample_says_where_it_is_from() -> None:
    """There is no Python on the page that nobody runs."""
    assert len(SAMPLES) == PAGE.count("```python")
    assert len(SAMPLES) > 10


@pytest.mark.parametrize(
    ("file", "sample"), SAMPLES, ids=[f"{number}-{file}" for number, (file, _) in enumerate(SAMPLES)]
)
def test_sample_is_the_examples(file: str, sample: str) -> None:
    """A sample stands in the example's file, line by line; there it is tested."""
    assert sample in (WARRANTY / file).read_text("utf-8")


def test_parts_are_those_of_the_scaffold() -> None:
    """The table has every part with what the scaffold says of it."""
    assert table("part") == [(name, str(part.title)) for name, part in PARTS.items()]


def test_codes_are_those_of_the_checks() -> None:
    """The table has every code with the grade that needs it and what it stands for."""
    assert table("code") == [(code, f"{needed_for(code)} | {text}") for code, text in CODES.items()]


def test_fixtures_are_those_of_the_kit() -> None:
    """The table has every public fixture of the pytest plugin."""
    public = {
        name
        for name, value in vars(pytest_plugin).items()
        if type(value).__name__ == "FixtureFunctionDefinition" and not name.startswith("_")
    }
    assert {name for name, _meaning in table("fixture")} == public


def test_commands_exist() -> None:
    """Every command of crmkit that the page names is there."""
    named = set(re.findall(r"crmkit (plugin|db) ([a-z]+)", PAGE))
    known = {("plugin", name) for name in plugin.plugin.commands} | {("db", name) for name in db.db.commands}
    assert named - known == set()


def test_modules_to_import_are_the_public_ones() -> None:
    """The page names the modules that plugins may import from, and no other."""
    sentence = PAGE.split("Import from crmkit only")[1].split("Everything else")[0]
    assert sorted(re.findall(r"`crmkit\.([\w.]+)`", sentence)) == sorted(FOR_PLUGINS)
    assert crmkit.__all__
