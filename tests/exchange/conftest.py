"""Fixtures of the tests of reading and writing files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit.app import CRM

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


@pytest.fixture
def lite(sqlite_crm_url: str) -> Iterator[CRM]:
    """A CRM on SQLite, for what does not depend on the database."""
    crm = CRM.open(sqlite_crm_url)
    yield crm
    crm.close()


@pytest.fixture
def sqlite_crm_url(templates: Any, tmp_path: Path) -> str:
    """The address of a migrated SQLite database of this test alone."""
    return str(templates.copy("sqlite", tmp_path))
