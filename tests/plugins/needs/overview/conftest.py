"""A clock that is put forward, and needs that get on by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from crmkit import Actor
from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from crmkit.engines.reports.running import run
from tests.conftest import ENGINES, Templates
from tests.plugins.needs.conftest import enabled

SYSTEM = Actor.system("a test")
FIRST = date(2026, 1, 5)


@define
class Town:
    """A CRM whose business day is set, with what tests of reports do over and over."""

    crm: CRM

    def day(self, number: int) -> datetime:
        """Make it noon of a day, counted from the first, and return that."""
        now = datetime.combine(FIRST, time(12), UTC) + timedelta(days=number)
        self.crm.clock = self.crm.gate.clock = Clock(fixed=now)
        return now

    def run(self, operation: str, target: Any = None, /, **values: Any) -> Any:
        """Run an operation."""
        return self.crm.run(SYSTEM, operation, values, target=None if target is None else target.id)

    def need(self, title: str, **values: Any) -> Any:
        """Write a need down."""
        return self.run("needs.need.create", title=title, **values)

    def move(self, need: Any, *states: str, **values: Any) -> None:
        """Bring a need through states."""
        for each in states:
            self.run("needs.need.move", need, to=each, **(values if each == states[-1] else {}))

    def customer(self, name: str, *needs: Any, **values: Any) -> Any:
        """Add a customer who asks for needs."""
        made = self.run("customer.create", name=name)
        for each in needs:
            self.run("needs.evidence.add", each, customer_id=made.id, **values)
        return made

    def report(self, name: str, actor: Actor = SYSTEM, /, **values: Any) -> Any:
        """Run a report."""
        with self.crm.session(actor) as session:
            return run(session, name, values)

    def rows(self, name: str, /, **values: Any) -> dict[str, dict[str, Any]]:
        """Return the values of a report by the keys of rows and the names of columns."""
        found = self.report(name, **values)
        names = [each.name for each in found.columns]
        rows = [*found.rows, *([found.totals] if found.totals else [])]
        return {row.key: dict(zip(names, [each.value for each in row.cells], strict=True)) for row in rows}


@pytest.fixture(params=ENGINES)
def town(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Town]:
    """A CRM with needs on the first day, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, enabled)
    with CRM.open(url) as crm:
        made = Town(crm)
        made.day(0)
        yield made


@pytest.fixture
def village(templates: Templates, tmp_path: Path) -> Iterator[Town]:
    """The same on SQLite alone."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    with CRM.open(url) as crm:
        made = Town(crm)
        made.day(0)
        yield made
