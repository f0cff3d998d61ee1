"""What ``crmkit plugin new`` writes is complete, tidy and right at once, whatever parts it has."""

from __future__ import annotations

import ast
import gettext
import json
import os
import re
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

DECLARED = """
import json, sys, tempfile
from pathlib import Path
from crmkit.testing.checking import STEPS, Checker, run_step
from crmkit.testing.report import sentence
errors = {}
for folder in map(Path, sys.argv[1:]):
    sys.path.insert(0, str(folder))
    checker = Checker(f"crmkit_{folder.name}.manifest:MANIFEST", Path(tempfile.mkdtemp(dir=folder.parent)))
    steps = [step for step in STEPS if not step.lived and step.name not in ("migrations", "life")]
    found = [each for step in steps for each in run_step(checker, step)]
    errors[folder.name] = [sentence(each) for each in found if each.level != "ok"] if len(steps) > 4 else ["too few"]
print(json.dumps(errors))
"""
"""Checks what plugins declare and what they hold, without a database, and prints what is not right by plugin."""

TOGETHER = '''
"""All plugins at once, in one database that is copied for each test."""

from pathlib import Path

import pytest
from crmkit import CRM, Settings
from crmkit.testing.workbench import copy_database, subject

HERE = Path(__file__).parent
MANIFESTS = [subject(f"crmkit_{folder.name}.manifest:MANIFEST").manifest for folder in sorted(HERE.glob("part_*"))]


def opened(folder, database, **given):
    settings = Settings(database=f"sqlite:///{database}", files=folder / "files", keys=HERE / "keys", strict=True)
    return CRM.open(settings, plugins=MANIFESTS, **given)


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template")
    with opened(folder, folder / "crm.db", create=True) as crm:
        for manifest in MANIFESTS:
            crm.enable(manifest.name)
    return folder / "crm.db"


@pytest.fixture
def crm(template, clock, tmp_path):
    copy_database(template, tmp_path / "crm.db")
    with opened(tmp_path, tmp_path / "crm.db", clock=clock.as_clock()) as crm:
        yield crm
'''
"""A file of fixtures for the tests of many rendered plugins."""


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


def pytest_run(folder: Path, *arguments: str) -> str:
    """Run a rendered plugin's own tests and return the last line that pytest printed."""
    left_out = [f"-pno:{name}" for name in ("cacheprovider", "schemathesis", "hypothesispytest", "anyio")]
    done = python("-m", "pytest", *left_out, *kit(), *arguments, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def kit() -> Sequence[str]:
    """Return what makes pytest load crmkit's plugin: nothing where crmkit was installed since it has one."""
    from importlib import metadata

    name = "crmkit.testing.pytest_plugin"
    return () if any(point.value == name for point in metadata.entry_points(group="pytest11")) else ("-p", name)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Return the folders of plugins that have one part each, with what it is built on."""
    folder = tmp_path_factory.mktemp("parts")
    for part in PARTS:
        render(f"part_{part}", folder / f"part_{part}", title_zh="事项", parts=(part,))
    return sorted(folder.iterdir())


@pytest.mark.parametrize("name", ["a", "abcdefghijklmnopqrstuvwxyz_012"])
def test_every_set_is_tidy(name: str, tmp_path: Path) -> None:
    """Ruff finds nothing, neither in the rules nor in the form, whatever parts there are and however long the name."""
    for label, parts in SETS.items():
        render(name, tmp_path / label, parts=parts)
    for command in (["check"], ["format", "--check"]):
        done = python("-m", "ruff", *command, "--no-cache", str(tmp_path), cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_every_part_is_typed(parts: Sequence[Path]) -> None:
    """Pyright finds nothing, neither in the package nor in its tests."""
    folder = parts[0].parent
    roots = [{"root": path.name} for path in parts]
    (folder / "pyrightconfig.json").write_text(json.dumps({"executionEnvironments": roots}), encoding="utf-8")
    done = python("-m", "pyright", "--pythonpath", sys.executable, "-p", ".", cwd=folder)
    (folder / "pyrightconfig.json").unlink()
    assert (done.returncode, done.stdout.strip()) == (0, "0 errors, 0 warnings, 0 informations"), done.stdout


def test_every_part_keeps_the_rules(parts: Sequence[Path]) -> None:
    """``crmkit plugin check`` finds nothing against what any of them declares, not even something doubtful. What only
    shows when a plugin is used is the same for all, and is checked of the usual parts and of all together."""
    done = python("-c", DECLARED, *map(str, parts), cwd=parts[0].parent)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {folder.name: [] for folder in parts}


def test_every_parts_own_test_passes(parts: Sequence[Path]) -> None:
    """Each part brings a test of its own, which passes without the other parts."""
    folder = parts[0].parent
    (folder / "conftest.py").write_text(TOGETHER, encoding="utf-8")
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = -q --import-mode=importlib\nfilterwarnings = error\n"
        f"pythonpath = {' '.join(path.name for path in parts)}\n"
    )
    own = [path / "tests" / f"test_{path.name.removeprefix('part_')}.py" for path in parts]
    # A table alone does nothing yet; that it is sound is for the conformance to say.
    tested = [str(path) for path in own if path.stem != "test_models"]
    try:
        passed = pytest_run(folder, *tested)
    finally:
        (folder / "conftest.py").unlink()
        (folder / "pytest.ini").unlink()
    assert "passed" in passed
    assert "skipped" not in passed


def test_a_plugin_with_nothing_passes_its_own_tests(tmp_path: Path) -> None:
    """Its conformance is all that there is to test."""
    render("acme_rentals", tmp_path / "plugin", parts=(), title="Rentals")
    passed = pytest_run(tmp_path / "plugin")
    assert "passed" in passed
    assert "skipped" not in passed


def test_its_own_tests_can_fail(tmp_path: Path) -> None:
    """A plugin whose revision lacks a column fails its conformance, and says where."""
    render("acme", tmp_path / "acme", parts=("models",))
    revision = tmp_path / "acme" / "crmkit_acme" / "migrations" / "acme_0001_items.py"
    lines = revision.read_text("utf-8").splitlines(keepends=True)
    revision.write_text("".join(line for line in lines if '"note"' not in line), encoding="utf-8")
    done = python("-m", "pytest", *kit(), "-pno:cacheprovider", "-k", "migrations", cwd=tmp_path / "acme")
    assert (done.returncode, "CK403" in done.stdout) == (1, True), done.stdout


def test_texts_are_translated(tmp_path: Path) -> None:
    """Every text has its translation, the title the one that was given, and the compiled catalogue has them, too."""
    render("acme", tmp_path / "plugin", parts=("all",), title="Zebra hire", title_zh="斑马租赁")
    package = tmp_path / "plugin" / "crmkit_acme"
    files = [path for path in package.rglob("*") if path.suffix in (".py", ".html")]
    marked = _marked({str(path): path.read_bytes() for path in files})
    assert marked - set(_known()) == {"Zebra hire"}
    assert set(_known()) - marked == set()
    with (package / "locale" / "zh_Hans" / "LC_MESSAGES" / "crmkit_acme.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert catalogue.gettext("Due on") == "到期日"
    assert catalogue.gettext("Zebra hire") == "斑马租赁"


def test_no_template_is_left_over(tmp_path: Path) -> None:
    """Everything that is rendered is what it says: no sign of a template, and Python that can be read."""
    for path in render("acme", tmp_path / "plugin", parts=("all",)):
        if path.suffix == ".mo":
            continue
        text = path.read_text("utf-8")
        marks = ("[[ ", "[%") if path.suffix == ".html" else ("{{", "{%")
        assert [mark for mark in marks if mark in text] == []
        if path.suffix == ".py":
            ast.parse(text)


def test_what_it_draws_is_there(tmp_path: Path) -> None:
    """Every icon that is named is one of crmkit's; an unknown one would be a dot."""
    known = json.loads((ROOT / "crmkit" / "web" / "static" / "vendor" / "icons.json").read_text("utf-8"))
    files = [
        path.read_text("utf-8") for path in render("acme", tmp_path / "plugin", parts=("all",)) if path.suffix != ".mo"
    ]
    named = {name for text in files for name in re.findall(r"""(?:icon\(|icon=|sign=)"([a-z-]+)\"""", text)}
    assert named
    assert named - set(known) == set()


def test_the_command_says_what_comes_next(tmp_path: Path) -> None:
    """It writes the plugin here, and names the steps; its parts can be listed before."""
    made = python("-m", "crmkit", "plugin", "new", "acme_rentals", "--with", "kinds, settings", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / "crmkit-acme-rentals" / "crmkit_acme_rentals" / "settings.py").is_file()
    for step in ('pip install -e ".[test]"', "pytest", "crmkit plugin check acme_rentals", "crmkit serve --reload"):
        assert step in made.stdout
    listed = python("-m", "crmkit", "--json", "plugin", "parts", cwd=tmp_path)
    rows = json.loads(listed.stdout)["items"]
    assert [row["name"] for row in rows] == list(PARTS)
    assert {row["name"] for row in rows if row["usual"]} == completed(DEFAULT)


def test_parts_bring_what_they_are_built_on() -> None:
    """An event needs operations, those what people see of a table, and that the table."""
    assert completed(["events"]) == {"events", "operations", "resources", "models"}
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


def test_a_name_that_crmkit_has_itself_is_refused(tmp_path: Path) -> None:
    """It would stand in the way of the plugin that comes with crmkit."""
    with pytest.raises(AlreadyExists):
        render("sales", tmp_path / "plugin")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_whoever_is_interrupted_leaves_nothing(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a plugin is no plugin: the folder is there with all of its files, or not at all."""
    write, written = Path.write_bytes, list[Path]()

    def failing(path: Path, content: bytes) -> int:
        if len(written) == 5:
            raise error
        written.append(path)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", failing)
    with pytest.raises((KeyboardInterrupt, UsageError)):
        render("acme", tmp_path / "plugin")
    assert (len(written), list(tmp_path.iterdir())) == (5, [])


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
