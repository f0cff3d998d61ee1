"""The rows that tables hold about a person, by the personal-data map that the database keeps.

Tables are read by their columns, not by models, so those of plugins that are disabled or gone are reached like all
others. Must not decide what becomes of a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import JSON, Column, MetaData, String, Table, delete, func, inspect, select, update
from sqlalchemy.types import NullType

from crmkit.core.store.sealed import HIDDEN, OpenItem, sealed_as
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import PersonalDataMap
from crmkit.core.store.types import Id, Instant, json_decode
from crmkit.errors import Erased, ModelError
from crmkit.i18n import texts

_ = texts("crmkit")

SEALED = "_sealed"
TOKEN = "_token"  # noqa: S105 - the end of a column's name
BATCH = 1000


@frozen(kw_only=True)
class Held:
    """What one table holds about persons, by one column that names them."""

    table: str
    column: str
    plugin: str
    columns: tuple[str, ...] = field(converter=tuple)
    purpose: str
    on_erase: str
    retention_days: int | None = None
    law: str = ""


def personal_data(session: CrmSession) -> list[Held]:
    """Return the personal-data map of the kernel and of all plugins that have data, as far as the tables are there.

    The customer's own table comes last: rows about it have to be dealt with before it.
    """
    table: Any = PersonalDataMap.__table__
    connection = session.connection()
    there = set(inspect(connection).get_table_names())
    declared = session.gate.registry.personal_data

    def held(row: Any) -> Held:
        # What is loaded says its purpose in every language; of what is not, the database knows the English words.
        known = declared.get(f"{row.table_name}.{row.column_name}")
        return Held(
            table=row.table_name,
            column=row.column_name,
            plugin=row.plugin,
            columns=row.columns,
            purpose=row.purpose if known is None else known.purpose,
            on_erase=row.on_erase,
            retention_days=row.retention_days,
            law=row.law if known is None else known.law,
        )

    found = [
        held(row)
        for row in connection.execute(select(table).order_by(table.c.table_name, table.c.column_name))
        if row.table_name in there
    ]
    return sorted(found, key=lambda each: each.table == "crm_customer")


def table_of(session: CrmSession, name: str) -> Table:
    """Return a table as it is in the database: with the types of its model where that is loaded, else as far as they
    show in names and types."""
    model = session.gate.registry.models.get(name)
    if model is not None:
        return cast(Table, model.__table__)
    columns: list[Column[Any]] = []
    for column in inspect(session.connection()).get_columns(name):
        label, kind = str(column["name"]), column["type"]
        if label == "id" or label.endswith("_id"):
            kind = Id()
        elif label.endswith("_at"):
            kind = Instant()
        columns.append(Column(label, NullType() if kind is None else kind, nullable=bool(column["nullable"])))
    return Table(name, MetaData(), *columns)


def about(session: CrmSession, held: Held, person: UUID) -> tuple[Table, Any]:
    """Return a table and the condition that a row is about a person."""
    table = table_of(session, held.table)
    key = table.c[held.column]
    return table, key == person


def count(session: CrmSession, held: Held, person: UUID) -> int:
    """Return how many rows of a table are about a person."""
    table, condition = about(session, held, person)
    return int(session.connection().execute(select(func.count()).select_from(table).where(condition)).scalar() or 0)


def read(session: CrmSession, held: Held, person: UUID) -> Iterator[dict[str, Any]]:
    """Return the rows of a table that are about a person, with sealed values opened."""
    table, condition = about(session, held, person)
    for rows in session.connection().execute(select(table).where(condition)).mappings().partitions(BATCH):
        yield from opened(session, held.table, [dict(row) for row in rows])


def opened(session: CrmSession, table: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with their sealed values opened, under the names of the fields; tokens are left out."""
    keys = {value[2:18] for row in rows for value in row.values() if is_envelope(value)}
    if keys:
        session.crm.vault.prefetch(session, keys)
    return [_opened_row(session, table, row) for row in rows]


def _opened_row(session: CrmSession, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    model = session.gate.registry.models.get(table)
    for name, value in row.items():
        if name.endswith(TOKEN) and name.removesuffix(TOKEN) in row:
            continue
        label = sealed_as(model, name)
        if is_envelope(value):
            found[label] = open_value(session, table, label, row["id"], value)
        elif label == name or value is not None:
            found.setdefault(label, value)
            if value is not None:
                found[label] = value
    return found


def open_value(session: CrmSession, table: str, name: str, record: UUID, sealed: bytes) -> Any:
    """Return a sealed value; of a text what it says, of everything else what its JSON stands for."""
    try:
        (data,) = session.crm.vault.open_many(
            session, [OpenItem(table=table, field=name, record=record, sealed=sealed)]
        )
    except Erased:
        return HIDDEN
    model = session.gate.registry.models.get(table)
    kind = getattr(getattr(model, "__sealed__", {}).get(name), "kind", None)
    if kind is str:
        return data.decode()
    try:
        return json_decode(data)
    except ValueError:
        return data.decode()


def is_envelope(value: Any) -> bool:
    """Say whether a value of a row is a sealed one."""
    return isinstance(value, bytes) and value[:2] == b"\xc1\x01" and len(value) >= 46


def remove(session: CrmSession, table: Table, condition: Any) -> int:
    """Delete rows of a table and return how many there were."""
    return int(session.connection().execute(delete(table).where(condition)).rowcount)


def anonymise(session: CrmSession, held: Held, table: Table, condition: Any) -> int:
    """Empty the personal columns of rows, with their sealed forms and tokens, and what names the person.

    Raises CrmkitError for a map that names a column which cannot be emptied.
    """
    values: dict[str, Any] = {}
    for name in (*held.columns, held.column):
        for column in (name, f"{name}{SEALED}", f"{name}{TOKEN}"):
            if column in table.c:
                values[column] = None if table.c[column].nullable else _blank(table, column)
    return int(session.connection().execute(update(table).where(condition).values(values)).rowcount)


def _blank(table: Table, name: str) -> Any:
    kind = table.c[name].type
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, String):
        return ""
    raise ModelError(
        _("{table}.{column} cannot be made anonymous, as it may not be empty."),
        fix=_("Let the column be empty, or have its rows deleted at an erasure."),
        table=table.name,
        column=name,
    )


def recorded_column(table: Table) -> Any | None:
    """Return the column that says how old a row is, or None where there is none."""
    for name in ("occurred_at", "recorded_at", "created_at"):
        if name in table.c:
            return table.c[name]
    return None


def older_than(table: Table, before: datetime) -> Any | None:
    """Return the condition that a row is older than an instant, or None where that cannot be said."""
    column = recorded_column(table)
    return None if column is None else column < before
