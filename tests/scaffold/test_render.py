"""What ``crmkit plugin new`` writes is complete, tidy and right at once, whatever parts it has."""

from __future__ import annotations

import ast
import gettext
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from crmkit.errors import AlreadyExists, UsageError
from crmkit.scaffold import DEFAULT, PARTS, completed, render
from crmkit.scaffold.locale import _known, _marked

ROOT = Path(__file__).resolve().parents[2]

SETS: dict[str, Sequence[str]] = {"everything": ("all",), "nothing": (), "usual": DEFAULT, **{p: (p,) for p in PARTS}}
"""Sets of parts by name: all, none, the default, and each part with what it is built on."""

CHECK = """
import json, sys
from crmkit.testing import check_plugin
from crmkit.testing.report import sentence
errors = {}
for name in sys.argv[1:]:
    sys.path.insert(0, name)
    package = __import__("pathlib").Path(name).name
    found = check_plugin(f"crmkit_{package}.manifest:MANIFEST")
    errors[package] = [sentence(each) for each in found if each.level != "ok"] if found else ["nothing was checked"]
print(json.dumps(errors))
"""


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run this interpreter on crmkit as it is here, apart from the surroundings of the tests."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CRMKIT_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def pytest_run(folder: Path) -> str:
    """Run a rendered plugin's own tests and return the last line that pytest printed."""
    left_out = [f"-pno:{name}" for name in ("cacheprovider", "schemathesis", "hypothesispytest", "anyio")]
    done = python("-m", "pytest", *left_out, *kit(), cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def kit() -> Sequence[str]:
    """Return what makes pytest load crmkit's plugin: nothing where crmkit was installed since it has one."""
    from importlib import metadata

    name = "crmkit.testing.pytest_plugin"
    return () if any(point.value == name for point in metadata.entry_points(group="pytest11")) else ("-p", name)


@pytest.mark.parametrize("name", ["a", "acme_rentals", "abcdefghijklmnopqrstuvwxyz_012"])
def test_every_set_is_tidy(name: str, tmp_path: Path) -> None:
    """Ruff finds nothing, neither in the rules nor in the form, whatever parts there are and however long the name."""
    for label, parts in SETS.items():
        render(name, tmp_path / label, parts=parts)
    for command in (["check"], ["format", "--check"]):
        done = python("-m", "ruff", *command, "--no-cache", str(tmp_path), cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_every_set_keeps_the_rules(tmp_path: Path) -> None:
    """``crmkit plugin check`` finds nothing against any of them, not even something doubtful; those whose own tests
    are run below have it among these."""
    folders = [tmp_path / f"part_{label}" for label in PARTS]
    for folder, part in zip(folders, PARTS, strict=True):
        render(folder.name, folder, parts=(part,))
    done = python("-c", CHECK, *map(str, folders), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {folder.name: [] for folder in folders}


@pytest.mark.parametrize("label", ["everything", "usual", "nothing"])
def test_its_own_tests_pass(label: str, tmp_path: Path) -> None:
    """A rendered plugin has tests, and they pass before anything was changed."""
    render("acme_rentals", tmp_path / "plugin", parts=SETS[label], title="Rentals")
    passed = pytest_run(tmp_path / "plugin")
    assert "passed" in passed
    assert "failed" not in passed


def test_its_own_tests_can_fail(tmp_path: Path) -> None:
    """A plugin whose revision lacks a column fails its conformance, and says where."""
    render("acme", tmp_path / "plugin", parts=("models",))
    revision = tmp_path / "plugin" / "crmkit_acme" / "migrations" / "acme_0001_items.py"
    lines = revision.read_text("utf-8").splitlines(keepends=True)
    revision.write_text("".join(line for line in lines if '"note"' not in line), encoding="utf-8")
    (tmp_path / "plugin").rename(tmp_path / "acme")
    done = python("-c", CHECK, str(tmp_path / "acme"), cwd=tmp_path)
    assert [code.split()[0] for code in json.loads(done.stdout)["acme"]][:1] == ["CK403"], done.stderr


def test_texts_are_translated(tmp_path: Path) -> None:
    """Every text but the title has its translation, and the compiled catalogue has it, too."""
    render("acme", tmp_path / "plugin", parts=("all",), title="Zebra hire")
    package = tmp_path / "plugin" / "crmkit_acme"
    marked = _marked({str(path): path.read_bytes() for path in package.rglob("*.py")})
    assert marked - set(_known()) == {"Zebra hire"}
    assert set(_known()) - marked == set()
    with (package / "locale" / "zh_Hans" / "LC_MESSAGES" / "crmkit_acme.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert catalogue.gettext("Due on") == "到期日"
    assert catalogue.gettext("Zebra hire") == "Zebra hire"


def test_no_template_is_left_over(tmp_path: Path) -> None:
    """Everything that is rendered is what it says: no sign of a template, and Python that can be read."""
    for path in render("acme", tmp_path / "plugin", parts=("all",)):
        if path.suffix == ".mo":
            continue
        text = path.read_text("utf-8")
        assert "{{" not in text
        assert "{%" not in text
        if path.suffix == ".py":
            ast.parse(text)


def test_parts_bring_what_they_are_built_on() -> None:
    """An event needs operations, and those a table."""
    assert completed(["events"]) == {"events", "operations", "models"}
    assert completed(["kinds"]) == {"kinds"}
    assert completed(["all"]) == set(PARTS)


def test_a_part_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """And nothing is written."""
    with pytest.raises(UsageError, match="modles"):
        render("acme", tmp_path / "plugin", parts=["modles"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", "Acme", "1acme", "acme-rentals", "a" * 31, "crmkit", "crm_x", "acme_", "../x", "a.b"]
)
def test_a_name_that_cannot_be_one_is_refused(name: str, tmp_path: Path) -> None:
    """It is the prefix of tables, so it has to be made of small letters, digits and underscores."""
    with pytest.raises(UsageError):
        render(name, tmp_path / "plugin")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """Nothing is ever written over."""
    (tmp_path / "plugin").mkdir()
    with pytest.raises(AlreadyExists):
        render("acme", tmp_path / "plugin")
    assert list((tmp_path / "plugin").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    """A file stands where a folder should be."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError):
        render("acme", tmp_path / "file" / "plugin")


@pytest.mark.parametrize("title", ['Says "hi"', "It's", "back\\slash", "租赁 {x}", "  wide   space  "])
def test_any_title_will_do(title: str, tmp_path: Path) -> None:
    """It stands in Python as it was given, with its spaces put right."""
    files = render("acme", tmp_path / "plugin", title=title, parts=())
    (manifest,) = [path for path in files if path.name == "manifest.py"]
    names = {node.value for node in ast.walk(ast.parse(manifest.read_text("utf-8"))) if isinstance(node, ast.Constant)}
    assert " ".join(title.split()) in names
