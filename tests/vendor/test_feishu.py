"""The example of a channel: its own tests pass, it is tidy, and its texts are translated."""

from __future__ import annotations

import subprocess
import sys

from babel.messages.pofile import read_po

from crmkit.scaffold.locale import _marked
from tests.scaffold.test_render import pytest_run
from tests.vendor.wheels import ROOT

FEISHU = ROOT / "examples" / "crmkit-feishu"
PACKAGE = FEISHU / "crmkit_feishu"


def test_its_own_tests_pass() -> None:
    """As the vendor runs them: messages to a robot on this machine that checks their signatures, conformance too."""
    passed = pytest_run(FEISHU)
    assert "passed" in passed
    assert "failed" not in passed


def test_it_is_tidy_by_its_own_rules() -> None:
    """Ruff finds nothing, with the settings that the vendor ships."""
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."], cwd=FEISHU, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_its_texts_are_translated() -> None:
    """Every text that its modules mark is in the catalogue, translated, and nothing else is."""
    marked = _marked({str(path): path.read_bytes() for path in PACKAGE.rglob("*.py")})
    with (PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "crmkit_feishu.po").open("rb") as file:
        translated = {str(item.id) for item in read_po(file, locale="zh_Hans") if item.id and item.string}
    assert marked == translated
