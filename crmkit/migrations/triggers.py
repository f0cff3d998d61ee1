"""Triggers that keep what was recorded as it was recorded, whoever writes to the database.

A row of these tables may be given to another customer (resolving, merging), emptied of what is personal (erasing) and
deleted (erasing, retention); nothing in it can be rewritten. The columns are read from the database, so a revision that
adds one, or on SQLite rebuilds the table, calls `install_triggers` again. Rows of the audit log are not even deleted.
Must not know sessions or models.
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
    value that is given as SQL, and to nothing else. Rows of a table that is ``kept`` are not deleted either.

    Sealed columns are among the movable ones: what somebody puts there without the keys is told when it is opened.
    ``opened`` names the plain columns that may take the place of a sealed one, which then is null."""

    table: str
    movable: tuple[str, ...] = ()
    erasable: Mapping[str, str] = field(factory=dict[str, str])
    opened: Mapping[str, str] = field(factory=dict[str, str])
    kept: bool = False

    @property
    def trigger(self) -> str:
        """Return the name of the trigger."""
        return f"{self.table}_append_only"


APPEND_ONLY = (
    AppendOnly(
        table="crm_interaction",
        movable=("customer_id", "subject_sealed", "body_sealed", "payload_sealed"),
        opened={"subject": "subject_sealed", "body": "body_sealed"},
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
    AppendOnly(table="crm_event", movable=("position",)),
    AppendOnly(table="crm_audit", kept=True),
    AppendOnly(table="crm_audit_subject", kept=True),
    AppendOnly(table="crm_audit_chain", kept=True),
    AppendOnly(table="crm_audit_checkpoint", kept=True),
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
        if each.kept:
            for statement in _keeping(connection, each):
                _run(connection, statement)


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
        allowed = [unchanged]
        empty = each.erasable.get(name)
        if empty is not None:
            allowed.append(f'NEW."{name}" {"IS" if empty == "NULL" else "="} {empty}')
        sealed = each.opened.get(name)
        if sealed is not None:
            allowed.append(f'(OLD."{name}" IS NULL AND OLD."{sealed}" IS NOT NULL AND NEW."{sealed}" IS NULL)')
        kept.append(f"({' OR '.join(allowed)})")
    head = f"CREATE TRIGGER {each.trigger} BEFORE UPDATE ON {each.table} FOR EACH ROW"
    condition = f"WHEN (NOT ({' AND '.join(kept)}))"
    if postgresql:
        return f"{head} {condition} EXECUTE FUNCTION {FUNCTION}()"
    return f"{head} {condition} BEGIN SELECT RAISE(ABORT, 'rows of {each.table} are append-only'); END"


def _keeping(connection: Connection, each: AppendOnly) -> list[str]:
    head = f"CREATE TRIGGER {each.trigger}_delete BEFORE DELETE ON {each.table} FOR EACH ROW"
    if connection.dialect.name == "postgresql":
        emptied = f"CREATE TRIGGER {each.trigger}_truncate BEFORE TRUNCATE ON {each.table} FOR EACH STATEMENT"
        return [f"{head} EXECUTE FUNCTION {FUNCTION}()", f"{emptied} EXECUTE FUNCTION {FUNCTION}()"]
    return [f"{head} BEGIN SELECT RAISE(ABORT, 'rows of {each.table} are append-only'); END"]


def _drop(connection: Connection, each: AppendOnly) -> None:
    on = f" ON {each.table}" if connection.dialect.name == "postgresql" else ""
    for name in (each.trigger, f"{each.trigger}_delete", f"{each.trigger}_truncate"):
        _run(connection, f"DROP TRIGGER IF EXISTS {name}{on}")


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement.replace(":", r"\:")))
