"""What a shell completes: commands, options, and the names of operations and plugins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit

ROOT = Path(__file__).resolve().parents[2]


def completed(home: Path, *words: str) -> list[str]:
    """Return what the last word may become, as bash asks for it."""
    done = subprocess.run(
        [sys.executable, "-m", "crmkit"],
        env={
            **os.environ,
            "CRMKIT_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "_CRMKIT_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["crmkit", *words]),
            "COMP_CWORD": str(len(words)),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(crmkit: Crmkit, shell: str) -> None:
    """Each shell gets a script that asks crmkit itself."""
    script = crmkit.ok("completion", shell).out
    assert f"_CRMKIT_COMPLETE={shell}_complete" in script
    assert crmkit.json("completion", shell)["script"].strip() == script.strip()


def test_bash_accepts_the_script(crmkit: Crmkit, tmp_path: Path) -> None:
    """The script for bash is valid and defines the completion of crmkit."""
    script = tmp_path / "complete.bash"
    script.write_text(crmkit.ok("completion", "bash").out)
    done = subprocess.run(
        ["bash", "-c", f"source {script} && complete -p crmkit"], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, "crmkit" in done.stdout) == (0, True), done.stderr


def test_commands_are_completed(crmkit: Crmkit) -> None:
    """The beginning of a command, or of one in a group, becomes its name."""
    assert completed(crmkit.home, "cus") == ["customer"]
    assert completed(crmkit.home, "plugin", "en") == ["enable"]


def test_options_are_completed(crmkit: Crmkit) -> None:
    """The beginning of an option becomes its name."""
    assert completed(crmkit.home, "customer", "list", "--wh") == ["--where"]


def test_operations_are_completed(crmkit: Crmkit) -> None:
    """Operations of the kernel and of enabled plugins are completed, without the database."""
    crmkit.ok("plugin", "enable", "sales", "--yes", "--quiet")
    (crmkit.home / "data" / "crmkit.db").unlink()
    assert completed(crmkit.home, "run", "team.c") == ["team.create"]
    assert "sales.opportunity.create" in completed(crmkit.home, "operation", "show", "sales.")


def test_plugins_are_completed(crmkit: Crmkit) -> None:
    """The beginning of a plugin's name becomes its name."""
    assert "sales" in completed(crmkit.home, "plugin", "enable", "sa")


def test_what_cannot_be_found_out_is_not_offered(tmp_path: Path) -> None:
    """Completion in a folder that is no installation says nothing, and fails in silence."""
    assert completed(tmp_path / "nowhere", "operation", "show", "sales.") == []
