"""Triggers that keep what was recorded as it was recorded, whoever writes to the database.

A row of these tables may be given to another customer (resolving, merging), emptied of what is personal (erasing) and
deleted (erasing, retention); nothing in it can be rewritten. The columns are read from the database, so a revision that
adds one, or on SQLite rebuilds the table, calls `install_triggers` again. Must not know sessions or models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from sqlalchemy import Connection, inspect, text

FUNCTION = "crm_append_only"


@frozen(kw_only=True)
class AppendOnly:
    """A table whose rows are not rewritten. ``movable`` columns may change; ``erasable`` ones may change to the empty
    value that is given as SQL, and to nothing else."""

    table: str
    movable: tuple[str, ...] = ()
    erasable: Mapping[str, str] = field(factory=dict[str, str])

    @property
    def trigger(self) -> str:
        """Return the name of the trigger."""
        return f"{self.table}_append_only"


APPEND_ONLY = (
    AppendOnly(
        table="crm_interaction",
        movable=("customer_id",),
        erasable={
            "subject": "NULL",
            "body": "NULL",
            "payload": "'{}'",
            "thread": "NULL",
            "source": "NULL",
            "external_id": "NULL",
        },
    ),
    AppendOnly(
        table="crm_purchase_line",
        movable=("customer_id",),
        erasable={"product_id": "NULL", "description": "NULL"},
    ),
    AppendOnly(table="crm_attachment", movable=("customer_id",)),
    AppendOnly(table="crm_consent", movable=("customer_id",), erasable={"evidence": "NULL", "source": "NULL"}),
    AppendOnly(table="crm_change", movable=("customer_id",), erasable={"changes": "'{}'"}),
    AppendOnly(table="crm_event"),
    AppendOnly(table="crm_audit"),
)
"""The tables of the kernel whose rows are not rewritten."""


def install_triggers(op: Any) -> None:
    """Put the triggers in place, replacing those that are there. ``op`` is alembic's namespace of operations."""
    connection: Connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        _run(
            connection,
            f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME"
            " USING ERRCODE = 'integrity_constraint_violation'; END $$",
        )
    for each in APPEND_ONLY:
        _drop(connection, each)
        _run(connection, _statement(connection, each))


def remove_triggers(op: Any) -> None:
    """Take the triggers away."""
    connection: Connection = op.get_bind()
    for each in APPEND_ONLY:
        _drop(connection, each)
    if connection.dialect.name == "postgresql":
        _run(connection, f"DROP FUNCTION IF EXISTS {FUNCTION}()")


def _statement(connection: Connection, each: AppendOnly) -> str:
    postgresql = connection.dialect.name == "postgresql"
    same = "IS NOT DISTINCT FROM" if postgresql else "IS"
    kept: list[str] = []
    for column in inspect(connection).get_columns(each.table):
        name = str(column["name"])
        if name in each.movable:
            continue
        unchanged = f'NEW."{name}" {same} OLD."{name}"'
        empty = each.erasable.get(name)
        if empty is None:
            kept.append(unchanged)
        else:
            kept.append(f'({unchanged} OR NEW."{name}" {"IS" if empty == "NULL" else "="} {empty})')
    head = f"CREATE TRIGGER {each.trigger} BEFORE UPDATE ON {each.table} FOR EACH ROW"
    condition = f"WHEN (NOT ({' AND '.join(kept)}))"
    if postgresql:
        return f"{head} {condition} EXECUTE FUNCTION {FUNCTION}()"
    return f"{head} {condition} BEGIN SELECT RAISE(ABORT, 'rows of {each.table} are append-only'); END"


def _drop(connection: Connection, each: AppendOnly) -> None:
    on = f" ON {each.table}" if connection.dialect.name == "postgresql" else ""
    _run(connection, f"DROP TRIGGER IF EXISTS {each.trigger}{on}")


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement.replace(":", r"\:")))
