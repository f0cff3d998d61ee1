"""What tests of the pages of customers share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.web.conftest import Browsing, Web


@pytest.fixture
def people(sqlite_web: Web) -> People:
    """The sample with somebody at the list."""
    return People(sqlite_web)


class People:
    """A sample with shorthands."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.crm = web.crm
        self.customers = web.customers
        self.system = web.crm.system("a test")
        self._known: dict[tuple[str, str], Browsing] = {}

    def at(self, login: str, language: str = "en") -> Browsing:
        """Return somebody's client."""
        key = (login, language)
        if key not in self._known:
            self._known[key] = self.web.client(login, language=language)
        return self._known[key]

    def page(self, name: str) -> str:
        """Return the path of a customer's page."""
        return f"/customers/{self.customers[name]}"

    def run(self, operation: str, values: dict[str, Any] | None = None, *, target: Any = None) -> Any:
        """Run an operation in system scope."""
        return self.crm.run(self.system, operation, values, target=target)

    def field(self, name: str, field: str) -> Any:
        """Return a field of a customer."""
        from crmkit.core.customers.models import Customer

        with self.crm.session(self.system) as session:
            return getattr(session.get_one(Customer, self.customers[name]), field)

    def tags(self, name: str) -> list[str]:
        """Return the tags of a customer."""
        from crmkit.core.customers.models import Customer

        with self.crm.session(self.system) as session:
            return sorted(tag.name for tag in session.get_one(Customer, self.customers[name]).tags)

    def interactions(self, name: str) -> list[Any]:
        """Return kind, outcome and body of what was recorded with a customer."""
        from crmkit.core.interactions.models import Interaction

        with self.crm.session(self.system) as session:
            rows = session.scalars(select(Interaction).where(Interaction.customer_id == self.customers[name]))
            return [(row.kind, row.outcome, row.direction, row.body) for row in rows]

    def team(self, name: str) -> str:
        """Return the id of a team."""
        from crmkit.core.access.models import Team

        with self.crm.session(self.system) as session:
            return str(session.scalar(select(Team.id).where(Team.name == name)))

    def version(self, name: str) -> int:
        """Return a customer's version."""
        return int(self.field(name, "version"))


def names_in(text: str, known: dict[str, UUID] | Any) -> list[str]:
    """Return which customers a list shows, by their links."""
    return [name for name, identity in known.items() if f'/customers/{identity}"' in text]
