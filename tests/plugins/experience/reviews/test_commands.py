"""``crmkit experience reviews``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit, pristine as _pristine

pristine = _pristine


@pytest.fixture
def crmkit(pristine: Path, tmp_path: Path) -> Crmkit:
    """The command line with experience, on an installation of this test alone."""
    home = tmp_path / "shop"
    shutil.copytree(pristine, home)
    crmkit = Crmkit(home, tmp_path)
    assert crmkit("plugin", "enable", "experience", "--yes").code == 0
    return crmkit


def test_reviews_are_drawn_listed_and_compared(crmkit: Crmkit) -> None:
    assert crmkit.json("experience", "reviews", "list")["items"] == []
    assert crmkit.json("experience", "reviews", "agreement")["items"] == []
    failed = crmkit("experience", "reviews", "draw", "--reviewer", "nobody")
    assert failed.code != 0
    assert "nobody" in failed.err
