"""Changing the key of lookups while the database is in use: tokens of both versions are looked for until all are new.

What is left to do is read from the tokens themselves, whose first byte is their version. Must not know root keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from attrs import frozen
from sqlalchemy import Connection, LargeBinary, bindparam, column, func, inspect, select, table, update

from crmkit.core.operations.operation import operation
from crmkit.core.store.guard.regions import region
from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import sealed_fields
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import PluginTable
from crmkit.core.vault.blind import first_of
from crmkit.core.vault.database import add_purpose
from crmkit.core.vault.known import WHY
from crmkit.core.vault.state import INDEX, purpose_keys
from crmkit.errors import Conflict, Erased, KeyInUse, SealBroken
from crmkit.i18n import texts
from crmkit.security.keys.operations import ADMIN

_ = texts("crmkit")

BATCH = 1_000
LAST = 255
"""The highest version, as a token has one byte for it."""


@frozen(kw_only=True)
class Retokened:
    """How many values a batch has given new tokens, and how many are left."""

    done: int
    left: int


@frozen(kw_only=True)
class _Place:
    """A matchable field: its model, its name and the column that holds its tokens."""

    model: Any
    name: str
    token: Any


def index_versions(session: CrmSession) -> dict[str, list[int]]:
    """Return the versions of the lookup key by state: coming, active, decrypt, retired."""
    connection = session.connection()
    with region(connection, WHY):
        rows = connection.execute(
            select(purpose_keys.c.version, purpose_keys.c.state)
            .where(purpose_keys.c.name == INDEX)
            .order_by(purpose_keys.c.version)
        ).all()
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.state, []).append(row.version)
    return found


def tokens_left(session: CrmSession) -> int:
    """Return how many values have tokens of an earlier version than the one in use."""
    connection = session.connection()
    current = index_versions(session)["active"][0]
    with region(connection, WHY):
        return sum(_left(connection, each.token, current) for each in _places(session))


@operation("key.prepare_index", title=_("Make a new key of lookups"), permission=ADMIN, hidden=True)
def prepare_index(session: CrmSession) -> int:
    """Make a version of the lookup key that is looked for from now on and not written yet; return its number.

    One that was prepared earlier is used. Raises KeyInUse when there can be no further version.
    """
    versions = index_versions(session)
    if versions.get("coming"):
        return versions["coming"][0]
    vault = session.crm.vault
    version = 1 + max(number for numbers in versions.values() for number in numbers)
    if version > LAST:
        raise KeyInUse(_("The key of lookups has had {count} versions, and there can be no more."), count=LAST)
    connection = session.connection()
    state = vault.state(session)
    with region(connection, WHY):
        root = state.active
        add_purpose(
            connection,
            vault.providers.of(root.provider),
            state.instance,
            purpose=INDEX,
            version=version,
            root=(root.id, root.name),
            state="coming",
        )
    vault.changed(session)
    return version


@operation("key.promote_index", title=_("Write under the new key of lookups"), permission=ADMIN, hidden=True)
def promote_index(session: CrmSession) -> int:
    """Write tokens of the version that was prepared, from now on; return its number. Those of earlier versions are
    looked for as before. Raises Conflict when none was prepared."""
    coming = index_versions(session).get("coming")
    if not coming:
        raise Conflict(_("No new key of lookups was prepared."), fix=_("Run: crmkit key rotate-index"))
    connection = session.connection()
    with region(connection, WHY):
        for before, after in (("active", "decrypt"), ("coming", "active")):
            connection.execute(
                update(purpose_keys)
                .where(purpose_keys.c.name == INDEX, purpose_keys.c.state == before)
                .values(state=after)
            )
    session.crm.vault.changed(session)
    return coming[0]


@operation("key.retoken", title=_("Give values tokens of the new key of lookups"), permission=ADMIN, hidden=True)
def retoken(session: CrmSession, *, limit: int = BATCH) -> Retokened:
    """Give a batch of values that have tokens of an earlier version new ones, and return how many are left."""
    vault = session.crm.vault
    current = index_versions(session)["active"][0]
    if vault.state(session).current(INDEX).version != current:
        vault.forget()
    connection = session.connection()
    done = 0
    with region(session, WHY), region(connection, WHY), session.no_autoflush:
        for place in _places(session):
            if done < limit:
                done += _retoken(session, connection, place, current, limit - done)
    return Retokened(done=done, left=tokens_left(session))


@operation("key.drop_index", title=_("Give up earlier keys of lookups"), permission=ADMIN, hidden=True)
def drop_index(session: CrmSession) -> Sequence[int]:
    """Stop looking for tokens of earlier versions, and return which. Raises KeyInUse while there are any, also in the
    tables of plugins that are not loaded."""
    versions = index_versions(session)
    current = versions["active"][0]
    connection = session.connection()
    with region(connection, WHY):
        for token in (*(each.token for each in _places(session)), *_foreign_tokens(session, connection)):
            count = _left(connection, token, current)
            if count:
                raise KeyInUse(
                    _("{count} values in {table} can be looked up by an earlier key only."),
                    fix=_("Enable the plugin that has the table, or run again: crmkit key rotate-index"),
                    count=count,
                    table=token.table.name,
                )
        connection.execute(
            update(purpose_keys)
            .where(purpose_keys.c.name == INDEX, purpose_keys.c.state == "decrypt")
            .values(state="retired")
        )
    session.crm.vault.changed(session)
    return versions.get("decrypt", [])


def _places(session: CrmSession) -> Iterator[_Place]:
    for model in session.gate.registry.models.values():
        for name, field in sealed_fields(model).items():
            if field.token_slot is not None:
                yield _Place(model=model, name=name, token=model.__table__.c[field.token_slot])


def _retoken(session: CrmSession, connection: Connection, place: _Place, current: int, limit: int) -> int:
    """Give values of one field new tokens, and return how many. What cannot be read has none from now on."""
    query = select(place.model).where(place.token < first_of(current)).limit(limit)
    records = list(session.scalars(query.execution_options(populate_existing=True)))
    vault, index = session.crm.vault, f"{place.model.__tablename__}.{place.name}"
    rows: list[dict[str, Any]] = []
    for record in records:
        try:
            value = plain(record, place.name)
            form = None if value is None else record.match_form(place.name, value)
        except (Erased, SealBroken):
            form = None
        rows.append(
            {
                "row": record.id,
                "before": getattr(record, place.token.name),
                "after": None if form is None else vault.token(index, form),
            }
        )
        session.expunge(record)
    if rows:
        # What somebody has changed since it was read has a token of the new version already.
        statement = (
            update(place.model.__table__)
            .where(place.model.__table__.c.id == bindparam("row"), place.token == bindparam("before"))
            .values({place.token.name: bindparam("after")})
        )
        connection.execute(statement, rows)
    return len(rows)


def _left(connection: Connection, token: Any, current: int) -> int:
    query = select(func.count()).select_from(token.table).where(token < first_of(current))
    return int(connection.execute(query).scalar_one())


def _foreign_tokens(session: CrmSession, connection: Connection) -> Iterator[Any]:
    """Return the columns of tokens in tables whose models are not loaded."""
    loaded = set(session.gate.registry.models)
    owned: Any = cast(Any, PluginTable).__table__
    inspector = inspect(connection)
    for name in connection.execute(select(owned.c.table_name)).scalars():
        if name in loaded or not inspector.has_table(name):
            continue
        columns = {found["name"]: found["type"] for found in inspector.get_columns(name)}
        for each, kind in columns.items():
            if each.endswith("_token") and each.removesuffix("_token") in columns and isinstance(kind, LargeBinary):
                yield table(name, column(each, LargeBinary())).c[each]


OPERATIONS = [prepare_index, promote_index, retoken, drop_index]
"""The operations of this module."""
