"""Purging a plugin: everything it has in the database is dropped, by the stored inventory, so that it works as well for
a plugin whose package is gone. The audit log keeps what happened.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from sqlalchemy import Connection, delete, inspect, or_, text
from sqlalchemy.exc import DBAPIError

from crmkit.core.access.models import FieldRight, Grant, Share
from crmkit.core.business.models import CustomField, Option, RequiredField
from crmkit.core.operations import outbox
from crmkit.core.operations.tables import JobRecord, Schedule
from crmkit.core.operations.translate import database_error
from crmkit.core.store.actor import Actor
from crmkit.core.store.tables import PersonalDataMap, PluginState, PluginTable, RecordChange
from crmkit.errors import CrmkitError, LifecycleError, PluginError
from crmkit.i18n import texts
from crmkit.lifecycle.enabling import now_running
from crmkit.lifecycle.records import (
    Stored,
    audit_failure,
    audit_line,
    bump,
    change,
    count_rows,
    inventory,
    set_state,
    stored_plugins,
)
from crmkit.lifecycle.recovery import recover
from crmkit.lifecycle.salvage import ExportedTable, export_tables
from crmkit.lifecycle.views import TableSize
from crmkit.loading import load_plugin, unload_plugin
from crmkit.migrations.lineage import version_table
from crmkit.migrations.runner import runner

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")
_log = logging.getLogger("crmkit.plugins")


@frozen(kw_only=True)
class PurgePlan:
    """What purging a plugin would drop. ``errors`` say why it cannot be done."""

    name: str
    state: str = ""
    tables: tuple[TableSize, ...] = ()
    errors: tuple[PluginError, ...] = field(default=(), eq=False)

    @property
    def possible(self) -> bool:
        """Say whether nothing stands in the way."""
        return not self.errors

    @property
    def rows(self) -> int:
        """Return how many rows would be dropped in all."""
        return sum(table.rows for table in self.tables)


@frozen(kw_only=True)
class Purged:
    """What was dropped and exported. ``hook_error`` is what the plugin's own hook failed with, if it was overruled."""

    name: str
    tables: tuple[TableSize, ...]
    exported: tuple[ExportedTable, ...] = ()
    hook_error: CrmkitError | None = None


def plan_purge(crm: CRM, name: str) -> PurgePlan:
    """Return what purging a plugin would drop, and what stands in the way. Nothing is imported or written."""
    stored = stored_plugins(crm)
    if name not in stored:
        return PurgePlan(
            name=name,
            errors=(LifecycleError(_("There is nothing of it in the database."), plugin=name),),
        )
    errors: list[PluginError] = []
    if not _may_go(crm, stored[name]):
        errors.append(
            LifecycleError(
                _("It is enabled."), plugin=name, fix=_("Run first: crmkit plugin disable {name}"), name=name
            )
        )
    users = sorted(other for other, each in stored.items() if each.state == "enabled" and name in each.requires)
    if users:
        errors.append(LifecycleError(_("It is required by {others}."), plugin=name, others=", ".join(users)))
    with crm.engines.system_read.connect() as connection:
        tables = inventory(connection, name).get(name, ())
        sizes = tuple(TableSize(name=table, rows=rows) for table, rows in count_rows(connection, tables).items())
        foreign = references(connection, tables)
    if foreign:
        errors.append(
            LifecycleError(
                _("Tables of others refer to it: {references}."),
                plugin=name,
                fix=_("Purge those plugins first."),
                references=", ".join(foreign),
            )
        )
    return PurgePlan(name=name, state=stored[name].state, tables=sizes, errors=tuple(errors))


def _may_go(crm: CRM, stored: Stored) -> bool:
    if stored.state != "enabled":
        return True
    # Enabled in name only: broken, or its package is gone, so it runs nowhere.
    return stored.name in crm.broken and stored.name not in crm.dispatcher.plugins


def references(connection: Connection, tables: Iterable[str]) -> tuple[str, ...]:
    """Return the tables outside ``tables`` that refer to one inside by a foreign key, as "theirs → ours"."""
    ours = set(tables)
    found = [
        f"{table} → {key['referred_table']}"
        for (_schema, table), keys in inspect(connection).get_multi_foreign_keys().items()
        for key in keys
        if table not in ours and key["referred_table"] in ours
    ]
    return tuple(sorted(set(found)))


def purge(
    crm: CRM,
    plan: PurgePlan,
    *,
    export_to: Path | None = None,
    force: bool = False,
    actor: Actor | None = None,
) -> Purged:
    """Drop everything of a plugin: its tables, its version table, its part of the inventory and of the personal-data
    map, the history of its records, its options, custom fields and waiting jobs, its state.

    With ``export_to`` each table is first written into that folder as JSON lines, read again and compared. The plugin's
    ``crmkit_plugin_purging`` is called where it can be imported; its failure stops the purge unless ``force`` is true.
    Tables that have grown since the plan was made are dropped with what they hold now.

    Raises LifecycleError for what stands in the way, BackupError when the export cannot be verified, HookFailed.
    Nothing was dropped then.
    """
    actor = actor or Actor.system("purging a plugin")
    name = plan.name
    with runner(crm.engines) as connection:
        recover(crm, connection, spare={name})
        fresh = plan_purge(crm, name)
        if fresh.errors:
            raise fresh.errors[0]
        before = stored_plugins(crm)[name].state
        with change(crm, actor, "plugin.purge", name, audited=False) as session:
            set_state(session, name, "purging")
            bump(session)
        try:
            hook_error = _tell(crm, name, actor, force=force)
            tables = inventory(connection, name).get(name, ())
            connection.rollback()
            there = set(inspect(connection).get_table_names())
            if connection.dialect.name == "postgresql" and there & set(tables):
                # What is exported has to be what is dropped: nobody writes in between.
                connection.execute(text(f"LOCK TABLE {_names(connection, sorted(there & set(tables)))}"))
            present = [table for table in tables if table in there]
            exported = export_tables(connection, present, export_to) if export_to is not None else ()
            dropped = count_rows(connection, present)
            _drop(crm, connection, name, present, actor)
            connection.commit()
        except Exception as error:
            connection.rollback()
            with change(crm, actor, "plugin.purge", name, audited=False) as session:
                set_state(session, name, before if before != "purging" else "disabled")
            if isinstance(error, CrmkitError):
                audit_failure(crm, actor, "plugin.purge", name, error)
            if isinstance(error, DBAPIError):
                raise database_error(error) from error
            raise
    crm.broken.pop(name, None)
    now_running(crm)
    sizes = tuple(TableSize(name=table, rows=rows) for table, rows in dropped.items())
    return Purged(name=name, tables=sizes, exported=exported, hook_error=hook_error)


def _tell(crm: CRM, name: str, actor: Actor, *, force: bool) -> CrmkitError | None:
    manifest = next((each.manifest for each in crm.found if each.name == name), None)
    if manifest is None:
        return None
    try:
        load_plugin(crm.dispatcher, crm.registry, manifest)
    except PluginError as error:
        # It cannot be imported, so it cannot be asked; that must not keep it from being removed.
        _log.warning("%s", error)
        return None
    try:
        with change(crm, actor, "plugin.purge", name, audited=False) as session:
            answer = crm.dispatcher.only(name, "crmkit_plugin_purging", crm=crm, session=session)
            if answer is not None and answer.error is not None:
                raise answer.error
    except CrmkitError as error:
        if not force:
            raise
        _log.warning("%s", error)
        return error
    finally:
        unload_plugin(crm.dispatcher, crm.registry, name)
    return None


def _drop(crm: CRM, connection: Connection, name: str, tables: Sequence[str], actor: Actor) -> None:
    """Drop the tables and forget the plugin, in the transaction that the connection has open."""
    if connection.dialect.name == "postgresql":
        if tables:
            # In one statement, so that tables that refer to each other can go together.
            connection.execute(text(f"DROP TABLE {_names(connection, reversed(tables))}"))
    else:
        for table in reversed(tables):
            connection.execute(text(f"DROP TABLE {_names(connection, [table])}"))
    connection.execute(text(f"DROP TABLE IF EXISTS {_names(connection, [version_table(name)])}"))
    own = f"{name}."
    for model, column, values in (
        (PluginTable, "plugin", (name,)),
        (PersonalDataMap, "plugin", (name,)),
        (PluginState, "name", (name,)),
        (RecordChange, "table_name", tuple(tables)),
        (Grant, "resource", (name,)),
    ):
        table: Any = model.__table__
        connection.execute(delete(table).where(table.c[column].in_(values)))
    for model, column in (
        (CustomField, "resource"),
        (RequiredField, "resource"),
        (Option, "list_name"),
        (Schedule, "name"),
        (Grant, "resource"),
        (FieldRight, "resource"),
        (Share, "resource"),
    ):
        table = model.__table__
        connection.execute(delete(table).where(table.c[column].startswith(own, autoescape=True)))
    jobs: Any = JobRecord.__table__
    delivery = f"{outbox.DELIVER}{own}"
    connection.execute(
        delete(jobs).where(
            jobs.c.state == "queued",
            or_(jobs.c.name.startswith(own, autoescape=True), jobs.c.name.startswith(delivery, autoescape=True)),
        )
    )
    crm.gate.auditor.write(connection, [audit_line(crm, actor, "plugin.purge", name)])


def _names(connection: Connection, tables: Iterable[str]) -> str:
    return ", ".join(connection.dialect.identifier_preparer.quote_identifier(table) for table in tables)
