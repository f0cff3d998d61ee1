"""The rules of the test suite itself: nothing is skipped, and what has a full size is marked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_run(folder: Path, source: str, *arguments: str, bars: bool = False) -> str:
    """Run ``source`` as a test file under the fixtures and rules of this suite and return what pytest printed."""
    (folder / "test_sample.py").write_text(source, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    bars: full size\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-q", *arguments, "."],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CRMKIT_BARS": "1" if bars else ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\ndef test_a():\n    pytest.skip('not today')",
        "import pytest\n@pytest.mark.skipif(True, reason='never')\ndef test_a(): pass",
        "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False",
        "import pytest\npytest.skip('all of it', allow_module_level=True)",
        "import pytest\npytest.importorskip('no_such_module_anywhere')",
    ],
)
def test_a_skip_is_a_failure(source: str, tmp_path: Path) -> None:
    """However a test is left out, the run is red."""
    last = pytest_run(tmp_path, source).splitlines()[-1]
    assert "1 failed" in last or "1 error" in last


def test_bars_run_what_has_a_full_size(tmp_path: Path) -> None:
    """``-m bars`` runs the tests that take ``scale``, at full size, and no others."""
    source = "def test_a(scale):\n    print('size', scale(small=3, full=50))\ndef test_b():\n    print('plain')\n"
    printed = pytest_run(tmp_path, source, "-m", "bars", "-s", bars=True)
    assert "size 50" in printed
    assert "plain" not in printed
