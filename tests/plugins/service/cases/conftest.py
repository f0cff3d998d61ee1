"""What the tests of cases have in common: a customer, a clock that can be set, and short ways to open a case and to
look at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from crmkit_service.cases.history import events_of
from crmkit_service.cases.models import Case

from crmkit import Actor, CrmSession
from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from tests.conftest import Templates
from tests.plugins.service.conftest import enabled

OTHERS = ("policy", "escalated")
"""What service levels note in the history of a case."""


@attrs.define
class Time:
    """A clock that stands still until it is told to go on."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self.now

    def pass_(self, span: timedelta) -> None:
        """Let time pass."""
        self.now += span


@attrs.frozen(kw_only=True)
class Base:
    """A base with one customer, and an actor who may do everything."""

    crm: CRM
    system: Actor
    customer: UUID
    time: Time = attrs.field(factory=Time)

    @classmethod
    def of(cls, crm: CRM, time: Time | None = None) -> Base:
        """Add the customer."""
        system = crm.system("test")
        customer = crm.run(system, "customer.create", {"name": "Lin"}).id
        return cls(crm=crm, system=system, customer=customer, time=time or Time())

    @property
    def system_id(self) -> UUID:
        """Return an id that nothing has."""
        return UUID(int=7)

    def run(self, name: str, values: Any = None, **more: Any) -> Any:
        """Run an operation."""
        return self.crm.run(self.system, name, values or {}, **more)

    def user(self, login: str, role: str) -> UUID:
        """Add a user with a role, and return the id."""
        found: UUID = self.run("user.create", {"login": login, "name": login.title()}).id
        self.run("user.assign_role", {"role": role}, target=found)
        return found

    def case(self, case: UUID) -> Case:
        """Return a case as it is."""
        with self.crm.session(self.system) as session:
            return session.get_one(Case, case)

    def history(self, case: UUID) -> list[tuple[str, str, str]]:
        """Return what happened to a case: the kind, and what was before and after; not what others note of it."""
        with self.crm.session(self.system) as session:
            found = events_of(session, case)
            return [(each.kind, each.before, each.after) for each in found if each.kind not in OTHERS]


@pytest.fixture
def base(templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A base on SQLite whose clock can be set."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    time = Time()
    with CRM.open(url, clock=Clock(system=time)) as crm:
        yield Base.of(crm, time)


def opened(base: Base, **values: Any) -> UUID:
    """Open a case of the customer, and return its id."""
    found: Case = base.run("service.case.create", {"customer_id": base.customer, "subject": "The kettle", **values})
    return found.id


def kinds_of(session: CrmSession, case: UUID) -> Sequence[str]:
    """Return the kinds of what happened to a case, in order; not what others note of it."""
    return [each.kind for each in events_of(session, case) if each.kind not in OTHERS]
