"""A workshop for throw-away plugins, and CRMs that are closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit.app import CRM
from tests.lifecycle.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A folder on the import path in which plugins are made."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return Workshop(folder)


@pytest.fixture
def opened() -> Iterator[Callable[..., CRM]]:
    """Opens CRMs as `CRM.open` does, and closes them at the end of the test."""
    crms: list[CRM] = []

    def open_(*arguments: Any, **options: Any) -> CRM:
        crms.append(CRM.open(*arguments, **options))
        return crms[-1]

    yield open_
    for crm in crms:
        crm.close()
