"""crmkit's tables beside a host's own migrations: the host's autogenerate must not propose to drop them.

Must not know the host's models.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import Connection, inspect, select

from crmkit.core.store.tables import PluginTable

PREFIX = "crm_"
"""What the names of the kernel's tables, and of all tables of versions, begin with."""

IncludeObject = Callable[[Any, str | None, str, bool, Any], bool]


def beside_crmkit(connection: Connection, include: IncludeObject | None = None) -> IncludeObject:
    """Return what a host's ``env.py`` gives alembic as ``include_object``: it leaves out crmkit's tables and those of
    its plugins, enabled or not, with their indexes and constraints. ``include`` is asked about everything else."""
    names: set[str] = set()
    if inspect(connection).has_table(PluginTable.__tablename__):
        names = set(connection.scalars(select(cast(Any, PluginTable).__table__.c.table_name)))

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        table = item if kind == "table" else getattr(item, "table", None)
        owner = str(getattr(table, "name", "") or "")
        if owner.startswith(PREFIX) or owner in names:
            return False
        return include is None or include(item, name, kind, reflected, compare_to)

    return include_object
