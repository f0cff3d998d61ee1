"""Bringing databases up to date: the kernel first, then plugins in their order, one runner at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from crmkit.core.store.engine import Engines
from crmkit.errors import SchemaOutdated
from crmkit.i18n import texts
from crmkit.migrations.lineage import Lineage

_ = texts("crmkit")

LOCK = 4_741_212_009
"""Key of the advisory lock that runners hold on PostgreSQL."""


@contextmanager
def runner(engines: Engines) -> Iterator[Connection]:
    """Give the one connection that may change the schema; on PostgreSQL others wait for its advisory lock.

    On SQLite foreign keys are off while tables are rebuilt, as SQLite itself asks for.
    """
    with engines.write.connect() as connection:
        if engines.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
            connection.commit()
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            if engines.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
                connection.commit()


def upgrade_kernel(engines: Engines) -> list[str]:
    """Bring the kernel's tables to the newest revision and return the revisions that were run. Raises MigrationError."""
    with runner(engines) as connection:
        return Lineage.kernel().move(connection)


def check_kernel(engines: Engines) -> None:
    """Raise SchemaOutdated unless the kernel's tables are at the newest revision that this version knows."""
    lineage = Lineage.kernel()
    with engines.read.connect() as connection:
        current = lineage.current(connection)
    (head,) = lineage.heads()
    if current != head:
        known = any(step.revision == current for step in lineage.script().walk_revisions())
        raise SchemaOutdated(
            _("The database is at {current}, this version needs {head}."),
            fix=_("Run: crmkit db upgrade") if known or current is None else _("Install the version that made it."),
            current=current or "–",
            head=head,
        )
