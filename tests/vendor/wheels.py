"""Wheels that are built here, and a clean environment that they are installed in, both without a network.

The libraries that crmkit needs are those of the environment that the tests run in, by links; crmkit itself and its
plugins are not among them, so that what runs is what the wheels hold.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from attrs import frozen

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
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("CRMKIT_", "PYTHON"))}
        return subprocess.run(
            [self.python, *arguments],
            cwd=cwd or self.folder,
            env={**environ, "PYTHONUTF8": "1", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )


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
    home: Path

    def __call__(self, *arguments: str, fails: bool = False) -> Any:
        """Run a command with ``--json`` and return what it printed. With ``fails`` it has to fail, else to succeed."""
        done = self.environment.run("-m", "crmkit", "--home", str(self.home), "--json", *arguments)
        assert bool(done.returncode) == fails, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    def state(self, plugin: str) -> str | None:
        """Return the state in which the list shows a plugin, or None when it does not."""
        rows = {row["name"]: row["state"] for row in self("plugin", "list")["items"]}
        return rows.get(plugin)
