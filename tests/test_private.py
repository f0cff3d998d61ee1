"""Files and folders that are their owner's alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.private import make_private_file, make_private_folder


@pytest.fixture(params=[0o000, 0o022, 0o277], autouse=True)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """A careless, a usual and a strict umask."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """Return the permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_closed_from_the_start(tmp_path: Path) -> None:
    """One that is made is empty and closed; one that was open is closed, and emptied unless it is to be kept."""
    path = tmp_path / "file"
    make_private_file(path)
    assert (mode(path), path.read_bytes()) == (0o600, b"")
    path.write_bytes(b"x")
    path.chmod(0o666)
    make_private_file(path, keep=True)
    assert (mode(path), path.read_bytes()) == (0o600, b"x")
    make_private_file(path)
    assert path.read_bytes() == b""


def test_missing_folders_are_closed_and_others_are_left_alone(tmp_path: Path) -> None:
    """Every folder on the way that was missing is closed; what was there keeps its mode."""
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    make_private_folder(there / "a" / "b")
    make_private_folder(there / "a" / "b")
    assert [mode(path) for path in (there, there / "a", there / "a" / "b")] == [0o755, 0o700, 0o700]
