"""Wheels that are built here, and a clean environment that they are installed in, both without a network.

The libraries that crmkit needs are those of the environment that the tests run in, by links; crmkit itself and its
plugins are not among them, so that what runs is what the wheels hold.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

READY = """
import json, os, runpy, sys
import crmkit.app, crmkit.cli.root
from crmkit.loading import scratch
scratch((), ())
for line in sys.stdin:
    arguments, *files = json.loads(line)
    child = os.fork()
    if not child:
        for number, path in enumerate([os.devnull, *files]):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
        sys.stdin = open(os.devnull, encoding="utf-8")
        sys.argv = ["crmkit", *arguments]
        runpy.run_module("crmkit", run_name="__main__", alter_sys=True)
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""A process that has crmkit imported and becomes a command for each line that it is given."""

ALONE = ("init", "db")
"""Commands whose interpreter is started for them alone, as it is for every command outside of tests."""

ROOT = Path(__file__).resolve().parents[2]
WARRANTY = ROOT / "examples" / "crmkit-warranty"


def build_wheel(project: Path, folder: Path) -> Path:
    """Build a project's wheel into a folder and return its path."""
    before = set(folder.glob("*.whl"))
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = set(folder.glob("*.whl")) - before
    return wheel


@frozen(kw_only=True)
class Environment:
    """A virtual environment with nothing of crmkit in it until something is installed."""

    folder: Path

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin") / "python"

    def pip(self, *arguments: str) -> None:
        """Run the pip of the tests on this environment, without a network. Fails with what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def install(self, *wheels: Path) -> None:
        """Install wheels, and nothing else."""
        self.pip("install", "--quiet", "--no-index", "--no-deps", *map(str, wheels))

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run its interpreter with arguments, apart from the surroundings of the tests."""
        return subprocess.run(
            [self.python, *arguments],
            cwd=cwd or self.folder,
            env=self._surroundings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )

    @contextlib.contextmanager
    def ready(self) -> Iterator[Ready]:
        """Have crmkit imported once for many commands, each of which runs in a process of its own."""
        process = subprocess.Popen(
            [self.python, "-c", READY],
            cwd=self.folder,
            env=self._surroundings(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        with process:
            yield Ready(process=process, folder=self.folder)
            assert process.stdin is not None
            process.stdin.close()

    def _surroundings(self) -> dict[str, str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("CRMKIT_", "PYTHON"))}
        return {**environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}


@frozen(kw_only=True)
class Ready:
    """A process that becomes a command of crmkit as often as it is asked to."""

    process: subprocess.Popen[str]
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command and return its exit code and what it printed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        out, err = self.folder / "printed.txt", self.folder / "complained.txt"
        print(json.dumps([arguments, str(out), str(err)]), file=self.process.stdin, flush=True)
        code = int(self.process.stdout.readline())
        return subprocess.CompletedProcess(arguments, code, out.read_text("utf-8"), err.read_text("utf-8"))


def make_environment(folder: Path) -> Environment:
    """Make an environment that sees the libraries of this one, but neither crmkit nor a plugin."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=120)
    links = folder / "libraries"
    links.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "crmkit" not in path.name and not path.name.startswith(("pip", "setuptools", "__pycache__", "_distutils")):
            (links / path.name).symlink_to(path)
    environment = Environment(folder=folder / "venv")
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{links}\n", encoding="utf-8")
    return environment


@frozen(kw_only=True)
class CommandLine:
    """crmkit's command line in an environment, on one installation."""

    environment: Environment
    ready: Ready
    home: Path

    def __call__(self, *arguments: str, fails: bool = False) -> Any:
        """Run a command with ``--json`` and return what it printed. With ``fails`` it has to fail, else to succeed."""
        words = ("--home", str(self.home), "--json", *arguments)
        alone = arguments[0] in ALONE
        done = self.environment.run("-m", "crmkit", *words) if alone else self.ready.run(*words)
        assert bool(done.returncode) == fails, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    def state(self, plugin: str) -> str | None:
        """Return the state in which the list shows a plugin, or None when it does not."""
        rows = {row["name"]: row["state"] for row in self("plugin", "list")["items"]}
        return rows.get(plugin)


@frozen(kw_only=True)
class Installed:
    """An environment with crmkit's wheel in it, and the vendor's wheel."""

    environment: Environment
    ready: Ready
    warranty: Path
