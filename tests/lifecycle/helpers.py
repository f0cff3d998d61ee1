"""What many tests of the life cycle look at."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import inspect, text

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.lifecycle.views import PluginView

TESTER = Actor.system("testing")


def view(crm: CRM, name: str) -> PluginView:
    """Return what is shown of one plugin."""
    return next(each for each in crm.list_plugins(sizes=True) if each.name == name)


def state(crm: CRM, name: str) -> str:
    """Return the state that is shown of one plugin."""
    return view(crm, name).state


def tables(crm: CRM, prefix: str) -> list[str]:
    """Return the tables in the database that begin so."""
    with crm.engines.system_read.connect() as connection:
        return sorted(name for name in inspect(connection).get_table_names() if name.startswith(prefix))


def scalar(crm: CRM, statement: str) -> object:
    """Return the first value that a statement finds."""
    with crm.engines.system_read.connect() as connection:
        return connection.execute(text(statement)).scalar()


def customer(crm: CRM, name: str = "Ada") -> UUID:
    """Add a customer and return the id."""
    found: UUID = crm.run(TESTER, "customer.create", {"name": name}).id
    return found


def audited(crm: CRM) -> list[tuple[str, str, str]]:
    """Return operation, outcome and reason of each change of a plugin's state, in order."""
    with crm.engines.system_read.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT operation, outcome, reason FROM crm_audit"
                " WHERE operation LIKE 'plugin.%' ORDER BY recorded_at, id"
            )
        )
        return [(row.operation, row.outcome, row.reason) for row in rows]
