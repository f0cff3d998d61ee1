"""What the database keeps about plugins: states, table inventory, personal-data map, generation; and the mirror of it.

Must not run migrations nor call plugins.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from sqlalchemy import Connection, delete, func, inspect, select, table as core_table

from crmkit.core.business.config import bump as bump_generation
from crmkit.core.operations.audit_lines import line_of
from crmkit.core.operations.registry import KERNEL, Registry
from crmkit.core.operations.unit import AuditLine
from crmkit.core.privacy.mapping import customer_column
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import PersonalDataMap, PluginState, PluginTable
from crmkit.errors import CrmkitError, HomeError, Refused
from crmkit.hooks.contributions import PersonalData
from crmkit.i18n import texts
from crmkit.manifest import Permission, PluginManifest
from crmkit.migrations.lineage import Lineage, version_table
from crmkit.mirror import Mirror, MirroredPlugin, read_mirror, write_mirror

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")
_log = logging.getLogger("crmkit.plugins")


@frozen(kw_only=True)
class Stored:
    """A plugin as the database knows it; ``state`` is enabled, disabled, enabling or purging. ``permissions`` are those
    that an admin has been shown and that were given to their default roles once, of all versions so far."""

    name: str
    state: str
    version: str
    package: str
    title: str = ""
    distribution: str | None = None
    reason: str | None = None
    requires: tuple[str, ...] = field(default=(), converter=tuple)
    permissions: tuple[str, ...] = field(default=(), converter=tuple)


def stored_plugins(crm: CRM) -> dict[str, Stored]:
    """Return what the database knows, by name."""
    states: Any = PluginState.__table__
    with crm.engines.system_read.connect() as connection:
        rows = connection.execute(select(states)).all()
    return {
        row.name: Stored(
            name=row.name,
            state=row.state,
            version=row.version,
            package=row.package,
            title=row.manifest.get("title", ""),
            distribution=row.distribution,
            reason=row.reason,
            requires=tuple(row.manifest.get("requires", ())),
            permissions=tuple(row.manifest.get("permissions", ())),
        )
        for row in rows
    }


def never_offered(manifest: PluginManifest, stored: Stored) -> tuple[Permission, ...]:
    """Return the permissions of a manifest that were not there when the plugin was enabled or upgraded last."""
    return tuple(each for each in manifest.permissions if each.name not in stored.permissions)


def names_known(crm: CRM) -> tuple[str, ...]:
    """Return the names of all plugins that are installed or have data."""
    return tuple(sorted({*(each.name for each in crm.found), *stored_plugins(crm)}))


def lineage_of(crm: CRM, manifest: PluginManifest, known: tuple[str, ...] | None = None) -> Lineage | None:
    """Return the lineage of a plugin, or None when it keeps no tables. ``known`` is what `names_known` returns, for
    whoever asks of many plugins."""
    if manifest.migrations is None:
        return None
    return Lineage.of_plugin(manifest.name, manifest.migrations, names_known(crm) if known is None else known)


# --- changing -------------------------------------------------------------------------------------------------------


@contextmanager
def change(crm: CRM, actor: Actor, operation: str, name: str, *, audited: bool = True) -> Iterator[CrmSession]:
    """Open a transaction of the gate in which states are changed, under the name of an operation, and audit it.

    These are no operations that can be called by name: each is one step of several, some of which change the schema,
    and alone would leave rows that say what is not so. No plugin is asked whether it agrees: one that refuses every
    change must not keep itself from being disabled. Raises Refused for an actor without the right ``plugin.admin``.
    """
    with crm.gate.writing(actor) as session:
        if session.gate.rights(session).scope("plugin", "admin") != "all":
            raise Refused(
                _("{actor} may not do this: {operation}."),
                fix=_("It needs the right {permission}."),
                actor=actor.name or actor.id,
                operation=operation,
                permission="plugin.admin",
            )
        session.unit.validate = None
        session.unit.stack.append(operation)
        try:
            with region(session, "changing the state of a plugin"):
                yield session
                session.flush()
        finally:
            session.unit.stack.pop()
        if audited:
            session.unit.lines.append(audit_line(crm, actor, operation, name))


def audit_line(crm: CRM, actor: Actor, operation: str, name: str, error: CrmkitError | None = None) -> AuditLine:
    """Return the audit record of a change of state, done or failed."""
    return line_of(
        actor,
        operation,
        "done" if error is None else "failed",
        recorded_at=crm.clock.now(),
        resource="plugin",
        target=(PluginState.__tablename__, None),
        code=error.code if error else None,
        reason=f"{name}: {actor.reason}" if actor.reason else name,
    )


def audit_failure(crm: CRM, actor: Actor, operation: str, name: str, error: CrmkitError) -> None:
    """Audit a change of state that failed, in a transaction of its own."""
    crm.gate.audit([audit_line(crm, actor, operation, name, error)])


def put_state(
    session: CrmSession,
    manifest: PluginManifest,
    state: str,
    *,
    version: str | None = None,
    distribution: str | None = None,
) -> None:
    """Write the state of a plugin with what its manifest says. Enabled, its permissions count as offered from then on,
    also where a later version leaves one out and another brings it back."""
    row = session.get(PluginState, manifest.name)
    if row is None:
        row = PluginState(name=manifest.name)
        session.add(row)
    offered = {permission.name for permission in manifest.permissions} if state == "enabled" else set[str]()
    offered.update((row.manifest or {}).get("permissions", ()))
    row.state = state
    row.version = version or manifest.version
    row.package = manifest.package
    row.distribution = distribution
    row.reason = None
    row.manifest = {
        "title": str(manifest.title),
        "module": manifest.module,
        "migrations": manifest.migrations,
        "requires": sorted(manifest.requires),
        "permissions": sorted(offered),
    }
    row.changed_at = session.gate.clock.now()


def set_state(session: CrmSession, name: str, state: str | None, reason: str | None = None) -> None:
    """Change the state of a plugin that the database knows, or forget it (None)."""
    row = session.get(PluginState, name)
    if row is None:
        return
    if state is None:
        session.delete(row)
        return
    row.state = state
    row.reason = reason
    row.changed_at = session.gate.clock.now()


def bump(session: CrmSession) -> None:
    """Let running processes notice that plugins have changed."""
    bump_generation(session, "plugins")


def record_tables(session: CrmSession, name: str, tables: Sequence[str], registry: Registry) -> None:
    """Write the inventory of a plugin's tables, in an order in which they can be made, and its personal-data map."""
    session.execute(delete(PluginTable).where(PluginTable.plugin == name))
    for position, table in enumerate(tables):
        model = registry.models.get(table)
        session.add(
            PluginTable(
                table_name=table,
                plugin=name,
                customer_column=customer_column(model) if model is not None else None,
                position=position,
            )
        )
    record_map(session, name, registry.owned(name, "personal data"))


def record_map(session: CrmSession, name: str, entries: Iterable[PersonalData]) -> None:
    """Write the personal-data map of an owner."""
    session.execute(delete(PersonalDataMap).where(PersonalDataMap.plugin == name))
    for entry in entries:
        session.add(
            PersonalDataMap(
                table_name=entry.table,
                column_name=entry.column,
                plugin=name,
                columns=list(entry.columns),
                purpose=str(entry.purpose),
                on_merge=entry.on_merge,
                on_erase=entry.on_erase,
                retention_days=entry.retention_days,
                law=str(entry.law),
            )
        )


def _shape(entry: Any) -> tuple[object, ...]:
    return tuple(entry.columns), entry.on_merge, entry.on_erase, entry.retention_days, str(entry.law)


def record_kernel(crm: CRM) -> None:
    """Write the kernel's own part of the personal-data map, unless it stands there already."""
    wanted = {(entry.table, entry.column): entry for entry in crm.registry.owned(KERNEL, "personal data")}
    table: Any = PersonalDataMap.__table__
    with crm.engines.system_read.connect() as connection:
        rows = connection.execute(select(table).where(table.c.plugin == KERNEL)).all()
    there = {(row.table_name, row.column_name): _shape(row) for row in rows}
    if there == {key: _shape(each) for key, each in wanted.items()}:
        return
    with change(crm, Actor.system("recording the kernel's personal data"), "db.upgrade", KERNEL) as session:
        record_map(session, KERNEL, wanted.values())


# --- looking --------------------------------------------------------------------------------------------------------


def inventory(connection: Connection, name: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return the tables of each plugin, or of one, in the order of their creation."""
    table: Any = PluginTable.__table__
    statement = select(table.c.plugin, table.c.table_name).order_by(table.c.plugin, table.c.position)
    if name is not None:
        statement = statement.where(table.c.plugin == name)
    found: dict[str, list[str]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.plugin, []).append(row.table_name)
    return {plugin: tuple(tables) for plugin, tables in found.items()}


def count_rows(connection: Connection, tables: Iterable[str]) -> dict[str, int]:
    """Return how many rows each table has; tables that are not there are left out."""
    there = set(inspect(connection).get_table_names())
    return {
        name: int(connection.execute(select(func.count()).select_from(core_table(name))).scalar_one())
        for name in tables
        if name in there
    }


def has_data(connection: Connection, name: str) -> bool:
    """Say whether anything of a plugin is in the database beside its state."""
    there = set(inspect(connection).get_table_names())
    return version_table(name) in there or bool(there & set(inventory(connection, name).get(name, ())))


def refresh_mirror(crm: CRM, *, honoured: Iterable[str] = ()) -> None:
    """Bring the mirror to what the database says. A home that cannot be written to is logged, as the database is the
    truth. Plugins that are not to be loaded by the settings keep what the mirror said of them."""
    home = crm.settings.home
    if home is None:
        return
    before = read_mirror(home)
    done = set(honoured)
    after = Mirror(plugins=mirrored(crm), disable=tuple(sorted(name for name in before.disable if name not in done)))
    if after == before:
        return
    try:
        write_mirror(home, after)
    except HomeError as error:
        _log.warning("%s", error)


def mirrored(crm: CRM) -> Mapping[str, MirroredPlugin]:
    """Return the plugins that the database knows, with the state "broken" for those that are and do not run here."""
    found: dict[str, MirroredPlugin] = {}
    for name, stored in stored_plugins(crm).items():
        broken = crm.broken.get(name) if stored.state == "enabled" else None
        found[name] = MirroredPlugin(
            state="broken" if broken is not None else stored.state,
            version=stored.version,
            title=stored.title,
            distribution=stored.distribution,
            requires=stored.requires,
            reason=broken.render() if broken is not None else stored.reason,
        )
    return found
