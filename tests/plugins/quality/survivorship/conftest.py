"""What the tests of survivorship share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.exchange.api import ImportOptions, ImportReport, plan_import, run_import
from tests.conftest import ENGINES, Templates

ACTOR = Actor.system("testing survivorship")
Loader = Callable[..., ImportReport]


def fill(crm: CRM) -> None:
    """Enable quality, with two rated sources."""
    crm.enable("quality")
    for name, title, trust in (("erp", "ERP", 90), ("vendor", "Vendor", 30)):
        crm.run(ACTOR, "quality.source.create", {"name": name, "title": title, "trust": trust})


@pytest.fixture(params=ENGINES)
def quality(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with quality enabled and two rated sources, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, fill)
    with CRM.open(url) as crm:
        yield crm


@pytest.fixture
def rule(quality: CRM) -> Callable[..., Any]:
    """Makes a rule of survivorship."""

    def make(field: str, strategy: str, *sources: str) -> Any:
        values = {"field": field, "strategy": strategy, "sources": list(sources)}
        return quality.run(ACTOR, "quality.survivorship.create", values)

    return make


@pytest.fixture
def load(quality: CRM, tmp_path: Path) -> Loader:
    """Imports rows of text, changing known customers."""

    def run(text: str, source: str) -> ImportReport:
        path = tmp_path / f"{source}.csv"
        path.write_text(text, encoding="utf-8")
        return run_import(
            quality, ACTOR, plan_import(quality, path, ImportOptions(source=source, on_duplicate="update", again=True))
        )

    return run


@pytest.fixture
def make(quality: CRM) -> Callable[..., UUID]:
    """Adds a customer."""

    def add(**values: Any) -> UUID:
        made: UUID = quality.run(ACTOR, "customer.create", {"name": "Ada", **values}).id
        return made

    return add
