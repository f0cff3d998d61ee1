"""Making the keys of a new database, and telling other processes that keys have changed.

Must not know data keys.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.store.clock import system_now
from crmkit.core.vault import envelope
from crmkit.core.vault.state import (
    GENERATION,
    PROOF,
    PURPOSES,
    generations,
    installations,
    proof_context,
    purpose_context,
    purpose_keys,
    root_keys,
)
from crmkit.hooks.ports import KeyProvider


def bump(connection: Connection, name: str = GENERATION) -> None:
    """Raise a generation."""
    dialect = cast(Any, postgresql if connection.dialect.name == "postgresql" else sqlite)
    connection.execute(dialect.insert(generations).values(name=name, value=0).on_conflict_do_nothing())
    connection.execute(update(generations).where(generations.c.name == name).values(value=generations.c.value + 1))


def new_instance(connection: Connection) -> UUID | None:
    """Give a database its installation's id and return it, or None when it has one already.

    Of two processes that try at once, one waits for the other's transaction and then finds the id.
    """
    dialect = cast(Any, postgresql if connection.dialect.name == "postgresql" else sqlite)
    connection.execute(
        dialect.insert(installations)
        .values(id=1, instance_id=(made := uuid4()), created_at=system_now())
        .on_conflict_do_nothing()
    )
    found = connection.execute(select(installations.c.instance_id)).scalar_one()
    return made if found == made else None


def add_root(connection: Connection, provider: KeyProvider, instance: UUID, name: str, state: str) -> int:
    """Write down a root key of the provider, and return its number in this database."""
    highest = connection.execute(select(root_keys.c.id).order_by(root_keys.c.id.desc()).limit(1)).scalar() or 0
    number = int(highest) + 1
    (proof,) = provider.wrap(name, [(PROOF, proof_context(instance, number))])
    connection.execute(
        root_keys.insert().values(
            id=number, provider=provider.kind, name=name, state=state, proof=proof, created_at=system_now()
        )
    )
    return number


def add_purpose(
    connection: Connection,
    provider: KeyProvider,
    instance: UUID,
    *,
    purpose: str,
    version: int,
    root: tuple[int, str],
    state: str,
) -> None:
    """Make a version of a purpose key, wrapped under a root key given as (number, name)."""
    context = purpose_context(instance, purpose, version, root[0])
    (wrapped,) = provider.wrap(root[1], [(envelope.new_key(), context)])
    connection.execute(
        purpose_keys.insert().values(
            name=purpose, version=version, root_id=root[0], wrapped=wrapped, state=state, created_at=system_now()
        )
    )


def make_keys(connection: Connection, provider: KeyProvider, instance: UUID) -> None:
    """Make the first keys of a database: a root key, or the newest that the provider has, and the purpose keys."""
    names = provider.names()
    name = names[-1] if names else provider.create(())
    root = add_root(connection, provider, instance, name, "active")
    for purpose in PURPOSES:
        add_purpose(connection, provider, instance, purpose=purpose, version=1, root=(root, name), state="active")
    bump(connection)
