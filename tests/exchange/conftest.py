"""Fixtures of the tests of reading and writing files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with files from other programs."""
    return DATA


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes bytes (or text, as UTF-8) to a file and gives its path."""

    def write(content: bytes | str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
