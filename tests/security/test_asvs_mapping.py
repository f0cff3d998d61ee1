"""The mapping of the verification standard in ``docs/security.md`` names tests and sections that exist, and omits
nothing that applies; and what it says of the code as a whole is so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "security.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")
PLAINLY = re.compile(r"(not yet: comes with the web pages|not applicable: .{10,})$")

APPLICABLE = re.findall(
    r"\S+",
    """
1.2.1 1.2.2 1.2.4 1.2.5 1.2.10 1.3.1 1.3.2 1.3.4 1.3.5 1.3.6 1.3.7 1.3.10 1.3.11 1.5.1 1.5.2
2.2.2 2.3.1 2.3.3 2.3.4 2.4.1
3.2.1 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.5.1 3.5.2 3.5.3 3.7.2
4.1.1 4.1.2 4.1.3 4.2.1 5.1.1 5.2.1 5.2.2 5.2.3 5.3.1 5.3.2 5.4.1 5.4.2 5.4.3
6.1.1 6.2.1 6.2.3 6.2.4 6.2.5 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12 6.3.1 6.3.2 6.3.3 6.3.4 6.4.1 6.4.2 6.4.3
6.5.1 6.5.2 6.5.5 6.6.3 6.8.1 6.8.2
7.1.1 7.1.2 7.2.1 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.5 7.5.1 7.5.2
8.1.1 8.1.2 8.2.1 8.2.2 8.2.3 8.3.1 8.4.1
9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 10.1.2 10.2.1 10.2.2 10.5.1 10.5.2 10.5.3 10.5.4
11.1.1 11.1.2 11.2.2 11.2.3 11.3.2 11.3.3 11.4.2 11.5.1
12.1.1 12.2.1 12.3.1 12.3.2 13.2.3 13.2.4 13.2.5 13.3.1 13.4.2 13.4.5
14.1.1 14.1.2 14.2.1 14.3.1 14.3.2 14.3.3
15.1.1 15.1.2 15.2.2 15.3.1 15.3.2 15.3.3 15.3.4 15.3.5 15.3.7
16.1.1 16.2.1 16.2.2 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.3
""",
)
"""The requirements of levels 1 and 2 of version 5.0 that concern a CRM with users, files, an API and pages, and one of
level 3 (1.2.10)."""


@cache
def mapping() -> dict[str, str]:
    """Return where each requirement is met, by its number."""
    rows = ROW.findall(PAGE.read_text("utf-8"))
    assert len({number for number, _asked, _met in rows}) == len(rows)
    return {number: met for number, _asked, met in rows}


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings)


def test_nothing_that_applies_is_left_out() -> None:
    """Every requirement has a row, in order."""
    assert list(mapping()) == APPLICABLE


@pytest.mark.parametrize("number", APPLICABLE)
def test_what_a_requirement_is_met_by_exists(number: str) -> None:
    """Each names a test or a section, or says plainly that it is not met yet, or why it does not apply."""
    met = mapping()[number]
    named, links = TEST.findall(met), LINK.findall(met)
    assert named or links or PLAINLY.match(met), met
    for path, function in named:
        text = (ROOT / path).read_text("utf-8")
        assert not function or re.search(rf"^(?:async )?def {function}\(", text, re.MULTILINE), function
    for link in links:
        page, _hash, anchor = link.partition("#")
        target = DOCS / page if page else PAGE
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


# --- what is said of the code as a whole -----------------------------------------------------------------------------


@cache
def nodes() -> tuple[tuple[str, ast.AST], ...]:
    """Return everything that is written in crmkit and its plugins: the file and the node of its tree."""
    return tuple(
        (str(path.relative_to(ROOT)), node)
        for folder in ("crmkit", "plugins")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.Call, ast.Import, ast.ImportFrom))
    )


@cache
def calls() -> tuple[tuple[str, str, ast.Call], ...]:
    """Return every call: the file, the dotted name, and the call."""
    return tuple((path, ast.unparse(node.func), node) for path, node in nodes() if isinstance(node, ast.Call))


def imports() -> Iterator[tuple[str, str]]:
    """Return every module that is imported: the file and the name."""
    for path, node in nodes():
        if isinstance(node, ast.Import):
            yield from ((path, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield path, node.module or ""


def test_no_shell_is_ever_used() -> None:
    """Programs are called with their arguments apart, never through a shell."""
    found = [
        (path, name)
        for path, name, call in calls()
        if name in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput")
        or any(keyword.arg == "shell" for keyword in call.keywords)
    ]
    assert found == []


def test_nothing_is_evaluated() -> None:
    """No text becomes code."""
    assert [(path, name) for path, name, _call in calls() if name in ("eval", "exec", "compile", "__import__")] == []


def test_templates_come_with_the_package() -> None:
    """Templates are read from files of the package; those that an admin writes for reports run in a sandbox alone."""
    made = ("from_string", "Template", "jinja2.Template")
    found = {path for path, name, _call in calls() if name in made or name.endswith(".from_string")}
    assert found == {"crmkit/exchange/reports/sandbox.py"}


def test_nothing_is_unpickled() -> None:
    """No format is read that could make objects of the sender's choice."""
    dangerous = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml"}
    found = {(path, name.partition(".")[0]) for path, name in imports() if name.partition(".")[0] in dangerous}
    # YAML by its safe loader alone, which makes plain values.
    loaders = {
        "plugins/messaging/crmkit_messaging/composing/blocks.py": "yaml.CSafeLoader",
        "crmkit/exchange/yaml_files.py": "_loader()",
    }
    assert found == {(path, "yaml") for path in loaders}
    read = {"yaml.load", "yaml.scan", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load"}
    for path, loader in loaders.items():
        reading = [call for at, name, call in calls() if at == path and name in read]
        said = [ast.unparse(keyword.value) for call in reading for keyword in call.keywords if keyword.arg == "Loader"]
        assert said == [loader] * len(reading) != [], path
    assert "class _Loader(yaml.SafeLoader):" in (ROOT / "crmkit/exchange/yaml_files.py").read_text()
