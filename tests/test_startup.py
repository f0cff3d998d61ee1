"""What is only asked for a version, for help or for a list loads nothing heavy."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

import crmkit

ROOT = Path(__file__).resolve().parents[1]
MARK = "--- modules ---"

RUN_MAIN = f"""
import sys
sys.argv[0] = "crmkit"
from crmkit.__main__ import main
code = 0
try:
    main()
except SystemExit as ending:
    code = ending.code
finally:
    print({MARK!r}, *sorted(sys.modules), sep="\\n", flush=True)
sys.exit(code)
"""

HEAVY = frozenset({"sqlalchemy", "jinja2", "alembic"})


@frozen(kw_only=True)
class Run:
    """What a command printed, how it ended, and the top-level modules that it had loaded by then."""

    code: int
    printed: str
    errors: str
    modules: frozenset[str]

    @property
    def plugins(self) -> list[str]:
        """Return the plugins' packages among the modules."""
        return sorted(name for name in self.modules if name.startswith("crmkit_"))


def run(*arguments: str, home: Path | None = None) -> Run:
    """Run the command line with ``arguments`` in a process of its own."""
    return _run(["-c", RUN_MAIN, *arguments], home)


def _run(arguments: list[str], home: Path | None) -> Run:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "LANGUAGE": "en", "PYTHONUTF8": "1"}
    if home:
        environment["CRMKIT_HOME"] = str(home)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=home or ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    printed, _, modules = done.stdout.partition(f"{MARK}\n")
    return Run(
        code=done.returncode,
        printed=printed,
        errors=done.stderr,
        modules=frozenset(name.partition(".")[0] for name in modules.split()),
    )


def test_import_is_light() -> None:
    """``import crmkit`` loads no library at all."""
    done = _run(["-c", f"import sys, crmkit; print({MARK!r}, *sys.modules, sep='\\n')"], None)
    assert done.code == 0, done.errors
    assert "crmkit" in done.modules
    assert done.modules & {"attr", "attrs", "cattrs", "click", "rich", "pluggy", *HEAVY} == frozenset()


def test_version_is_answered_before_click_is_imported() -> None:
    """``--version`` and ``-V`` print the version and load neither a command nor a library."""
    for option in ("--version", "-V"):
        done = run(option)
        assert (done.code, done.printed) == (0, f"crmkit {crmkit.__version__}\n"), done.errors
        assert done.modules & {"attrs", "click", "rich", *HEAVY} == frozenset()


def test_help_is_light(tmp_path: Path) -> None:
    """``--help`` names the commands without loading the database layer, templates or a plugin."""
    done = run("--help", home=tmp_path)
    assert done.code == 0, done.errors
    assert "plugin" in done.printed
    assert done.modules & HEAVY == frozenset()
    assert done.plugins == []


def test_plugin_list_is_light(tmp_path: Path) -> None:
    """``plugin list`` names what is installed without loading the database layer, templates or a plugin's code."""
    done = run("plugin", "list", home=tmp_path)
    assert done.code == 0, done.errors
    assert "sales" in done.printed
    assert done.modules & HEAVY == frozenset()
    assert done.plugins == []


def test_type_checkers_are_told_the_same_names() -> None:
    """The stub beside the package names what is loaded lazily, each from the same module."""
    stub = ast.parse((Path(crmkit.__file__).parent / "__init__.pyi").read_text("utf-8"))
    told = {alias.name: node.module for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert told == crmkit._EXPORTS
