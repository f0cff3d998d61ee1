"""What the tests of service levels have in common: a base with office hours, whose clock can be set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crmkit_service.cases.models import Case
from crmkit_service.sla.models import Clock, Escalation
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.clock import Clock as SystemClock
from tests.conftest import ENGINES, Templates
from tests.plugins.service.cases.conftest import Base, Time, opened
from tests.plugins.service.conftest import enabled

OFFICE = {"name": "office", "title": "Office", "zone": "UTC", "hours": "mon-fri 09:00-17:00", "usual": True}


def with_hours(crm: CRM) -> Base:
    """Return a base with office hours."""
    base = Base.of(crm, crm.gate.clock.system)
    base.run("work.calendar.create", OFFICE)
    return base


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A base on SQLite with office hours, on a Monday at nine."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    with CRM.open(url, clock=SystemClock(system=Time())) as crm:
        yield with_hours(crm)


@pytest.fixture(params=ENGINES)
def desks(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """The same, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, enabled)
    with CRM.open(url, clock=SystemClock(system=Time())) as crm:
        yield with_hours(crm)


def clocks_of(base: Base, case: UUID) -> dict[str, Clock]:
    """Return the clocks of a case by name, the last turn of each."""
    with base.crm.session(base.system) as session:
        query = select(Clock).where(Clock.case_id == case).order_by(Clock.number)
        return {each.clock: each for each in session.scalars(query)}


def due_of(base: Base, case: UUID) -> tuple[str | None, datetime | None, bool]:
    """Return what a case shows: by what and when it is due, and whether anything was missed."""
    found: Case = base.case(case)
    return found.due_clock, found.due_at, found.breached


def escalations(base: Base, case: UUID) -> list[Escalation]:
    """Return what escalated, in order."""
    with base.crm.session(base.system) as session:
        query = select(Escalation).where(Escalation.case_id == case).order_by(Escalation.fired_at, Escalation.id)
        return list(session.scalars(query))


def tick(base: Base) -> Any:
    """Look through what is due."""
    return base.run("service.sla.tick")


def later(base: Base, hours: float) -> datetime:
    """Let hours pass, and return the present instant."""
    base.time.pass_(timedelta(hours=hours))
    return base.time.now


def recompute(base: Base) -> Any:
    """Fold the clocks of all open cases anew."""
    return base.run("service.sla.recompute_part")


__all__ = ["Base", "clocks_of", "due_of", "escalations", "later", "opened", "recompute", "tick"]
