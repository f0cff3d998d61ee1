"""Changing root keys while the database is in use: a new one, wrapping everything under it, giving the old one up.

Each function does its part in the caller's transaction, and what is left to do is read from the rows themselves: after
a crash the next call goes on where the last commit was. Must not know operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import Connection, bindparam, func, select, update

from crmkit.core.vault.database import add_root
from crmkit.core.vault.rows import data_keys
from crmkit.core.vault.state import (
    Root,
    data_context,
    instance_of,
    purpose_context,
    purpose_keys,
    read_roots,
    root_keys,
)
from crmkit.errors import KeyInUse, KeyMissing, NotFound
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.vault.providers import Providers

_ = texts("crmkit")

BATCH = 4_000
"""Data keys in one transaction: other writers wait for so long on SQLite."""


@frozen(kw_only=True)
class Wrapped:
    """How much is wrapped under a root key."""

    data_keys: int
    purpose_keys: int

    @property
    def total(self) -> int:
        """Return the sum."""
        return self.data_keys + self.purpose_keys


def wrapped_under(connection: Connection) -> dict[int, Wrapped]:
    """Return for each root key how much is wrapped under it; one that is not named has nothing."""

    def counts(table: Any) -> dict[int, int]:
        query = select(table.c.root_id, func.count()).group_by(table.c.root_id)
        return {int(root): int(number) for root, number in connection.execute(query)}

    data, purposes = counts(data_keys), counts(purpose_keys)
    return {
        root: Wrapped(data_keys=data.get(root, 0), purpose_keys=purposes.get(root, 0)) for root in {*data, *purposes}
    }


def prepare(connection: Connection, providers: Providers) -> Root:
    """Make a root key that nothing is wrapped under yet, so that it can be taken to every machine first; the one that
    was prepared earlier, if there is one."""
    roots = read_roots(connection)
    for root in roots.values():
        if root.state == "coming":
            return root
    provider = providers.current
    used = [root.name for root in roots.values() if root.provider == provider.kind]
    number = add_root(connection, provider, instance_of(connection), provider.create(used), "coming")
    return read_roots(connection)[number]


def promote(connection: Connection, providers: Providers) -> Root:
    """Wrap new keys under the root key that was prepared, or under a new one, from this commit on."""
    root = prepare(connection, providers)
    connection.execute(update(root_keys).where(root_keys.c.state == "active").values(state="decrypt"))
    connection.execute(update(root_keys).where(root_keys.c.id == root.id).values(state="active"))
    return read_roots(connection)[root.id]


def unfinished(connection: Connection) -> int:
    """Return how many keys are not wrapped under the root key in use."""
    active = _active(connection)
    # Counted root by root, which the index does; all at once would count those that are done as well.
    return sum(
        int(connection.execute(select(func.count()).select_from(table).where(table.c.root_id == root)).scalar_one())
        for root in read_roots(connection)
        if root != active.id
        for table in (data_keys, purpose_keys)
    )


def rewrap(connection: Connection, providers: Providers, *, limit: int = BATCH) -> int:
    """Wrap keys that are under another root key under the one in use, at most ``limit`` data keys and all purpose keys,
    and return how many. Zero means that nothing is left."""
    instance, roots = instance_of(connection), read_roots(connection)
    active = _active(connection)
    return _rewrap_purposes(connection, providers, instance, roots, active) + _rewrap_data(
        connection, providers, roots, active, limit
    )


def retire(connection: Connection, number: int) -> Root:
    """Give a root key up: nothing can be wrapped under it, or unwrapped with it, any more.

    Raises NotFound, and KeyInUse for the one in use or while anything is wrapped under it.
    """
    if connection.dialect.name == "postgresql":
        # Whoever makes a key holds the row: what is counted below includes what they are about to write.
        connection.execute(select(root_keys.c.id).where(root_keys.c.id == number).with_for_update())
    root = read_roots(connection).get(number)
    if root is None:
        raise NotFound(_("There is no root key {id}."), id=number)
    if root.state == "active":
        raise KeyInUse(
            _("Root key {id} is in use: new keys are wrapped under it."),
            fix=_("Run first: crmkit key rotate"),
            id=number,
        )
    wrapped = wrapped_under(connection).get(number, Wrapped(data_keys=0, purpose_keys=0))
    if wrapped.total:
        raise KeyInUse(
            _("{count} keys are still wrapped under root key {id}."),
            fix=_("Run first: crmkit key rotate"),
            count=wrapped.total,
            id=number,
        )
    connection.execute(update(root_keys).where(root_keys.c.id == number).values(state="retired"))
    return read_roots(connection)[number]


def _active(connection: Connection) -> Root:
    for root in read_roots(connection).values():
        if root.state == "active":
            return root
    raise KeyMissing(_("The database names no root key that is in use."))


def _rewrap_purposes(
    connection: Connection, providers: Providers, instance: UUID, roots: dict[int, Root], active: Root
) -> int:
    rows = connection.execute(select(purpose_keys).where(purpose_keys.c.root_id != active.id)).all()
    for row in rows:
        old = roots[row.root_id]
        context = purpose_context(instance, row.name, row.version, old.id)
        (key,) = providers.of(old.provider).unwrap(old.name, [(bytes(row.wrapped), context)])
        context = purpose_context(instance, row.name, row.version, active.id)
        (wrapped,) = providers.of(active.provider).wrap(active.name, [(key, context)])
        connection.execute(
            update(purpose_keys)
            .where(purpose_keys.c.name == row.name, purpose_keys.c.version == row.version)
            .values(root_id=active.id, wrapped=wrapped)
        )
    return len(rows)


def _rewrap_data(connection: Connection, providers: Providers, roots: dict[int, Root], active: Root, limit: int) -> int:
    done = 0
    # One root key after the other: equality with each finds its rows by the index, "not the active one" would not.
    for old in roots.values():
        if old.id == active.id or done >= limit:
            continue
        rows = _locked(connection, old.id, limit - done)
        if not rows:
            continue
        keys = providers.of(old.provider).unwrap(
            old.name, [(wrapped, data_context(key_id, origin, old.id)) for key_id, origin, wrapped in rows]
        )
        fresh = providers.of(active.provider).wrap(
            active.name,
            [
                (key, data_context(key_id, origin, active.id))
                for key, (key_id, origin, _wrapped) in zip(keys, rows, strict=True)
            ],
        )
        _store(connection, active.id, [(key_id, each) for (key_id, _o, _w), each in zip(rows, fresh, strict=True)])
        done += len(rows)
    return done


def _locked(connection: Connection, root: int, limit: int) -> list[tuple[bytes, bytes, bytes]]:
    query = select(data_keys.c.id, data_keys.c.origin_id, data_keys.c.wrapped).where(data_keys.c.root_id == root)
    query = query.limit(limit)
    if connection.dialect.name == "postgresql":
        # Two rotations at once share the work; a key that somebody destroys right now is left alone.
        query = query.with_for_update(key_share=True, skip_locked=True)
    return [(row.id.bytes, row.origin_id.bytes, bytes(row.wrapped)) for row in connection.execute(query)]


def _store(connection: Connection, root: int, keys: Sequence[tuple[bytes, bytes]]) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            f"UPDATE {data_keys.name} AS k SET root_id = %s, wrapped = n.wrapped"  # noqa: S608 - our own name
            " FROM unnest(%s::uuid[], %s::bytea[]) AS n(id, wrapped) WHERE k.id = n.id",
            (root, [UUID(bytes=key_id) for key_id, _wrapped in keys], [wrapped for _key_id, wrapped in keys]),
        )
        return
    statement = (
        update(data_keys)
        .where(data_keys.c.id == bindparam("key_id"))
        .values(root_id=root, wrapped=bindparam("new_wrapped"))
    )
    connection.execute(statement, [{"key_id": UUID(bytes=key_id), "new_wrapped": wrapped} for key_id, wrapped in keys])
