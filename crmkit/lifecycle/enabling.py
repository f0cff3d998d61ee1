"""Enabling a plugin: first a plan that can be looked at, then its execution in two phases.

The plan imports the plugin and reads what it declares into a registry of its own; nothing is written before that has
succeeded. A process that dies in the middle leaves the state ``enabling``, which the next change of state undoes or,
where it is the same enabling, finishes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen
from sqlalchemy import Connection, inspect
from sqlalchemy.schema import sort_tables

from crmkit.core.operations.registry import Registry
from crmkit.core.store.actor import Actor
from crmkit.errors import CrmkitError, LifecycleError, MigrationError, PluginDependencyError, PluginError
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.resolution import closure, resolve
from crmkit.i18n import texts, translate
from crmkit.lifecycle.records import (
    Stored,
    audit_failure,
    bump,
    change,
    has_data,
    lineage_of,
    never_offered,
    put_state,
    record_kernel,
    record_tables,
    refresh_mirror,
    set_state,
    stored_plugins,
)
from crmkit.lifecycle.recovery import recover
from crmkit.loading import load_plugin, scratch, unload_plugin
from crmkit.manifest import Permission, PluginManifest
from crmkit.migrations.lineage import Lineage
from crmkit.migrations.runner import runner
from crmkit.security.roles.shipped import grant_defaults

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")
_log = logging.getLogger("crmkit.plugins")


@frozen(kw_only=True)
class PlannedPlugin:
    """One plugin that a plan enables: what it asks for and what it brings.

    ``revisions`` will be run, ``tables`` are made by them unless they are there already; ``uses`` are permissions of
    others that it exercises on its own behalf. One that is ``enabled`` already has new permissions, which it has had
    only since.
    """

    name: str
    title: str
    version: str
    distribution: str | None
    permissions: tuple[Permission, ...]
    uses: tuple[str, ...]
    revisions: tuple[str, ...]
    tables: tuple[str, ...]
    hooks: tuple[str, ...]
    enabled: bool = False


@frozen(kw_only=True)
class EnablePlan:
    """What enabling a plugin would do: the plugins in their order, those that it requires first.

    ``errors`` say why it cannot be done, ``warnings`` what deserves a second look. Two plans are equal when they would
    do the same.
    """

    name: str
    plugins: tuple[PlannedPlugin, ...] = ()
    warnings: tuple[str, ...] = ()
    errors: tuple[PluginError, ...] = field(default=(), eq=False)

    @property
    def possible(self) -> bool:
        """Say whether nothing stands in the way."""
        return not self.errors

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why it cannot be done, in English."""
        return tuple(error.render() for error in self.errors)

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """Return all permissions that come with the plugins."""
        return tuple(permission for plugin in self.plugins for permission in plugin.permissions)


def plan_enable(crm: CRM, name: str) -> EnablePlan:
    """Return what enabling a plugin would do, and what stands in the way. Nothing is written.

    The plugin is imported for it, as only its hooks say which tables and operations it has.
    """
    stored = stored_plugins(crm)
    here = stored.get(name)
    allowed = crm.settings.plugins
    if allowed is not None and name not in allowed and name not in {each.name for each in crm.found}:
        return _impossible(
            name, LifecycleError(_('The setting "plugins" leaves it out.'), plugin=name, fix=_("Add it there first."))
        )
    if name in crm.broken and here is not None and here.state == "enabled":
        return _impossible(name, crm.broken[name])
    if here is not None and here.state == "enabled":
        return _plan_offer(crm, name, here)
    try:
        needed = closure(name, crm.found)
    except PluginError as error:
        return _impossible(name, error)
    running = [each for each in stored if stored[each].state == "enabled" and each not in crm.broken]
    errors: list[PluginError] = [
        crm.broken[each] for each in needed if each in crm.broken and stored[each].state == "enabled"
    ]
    resolution = resolve({*running, *needed}, crm.found)
    for other, error in resolution.refused.items():
        errors.append(error if other in needed else _spoils(name, other, error))
    if errors:
        return _impossible(name, *errors)
    missing = [each for each in resolution.order if each.name in needed and each.name not in running]
    loaded = [each for each in resolution.order if each.name in running]
    dispatcher, registry, broken = scratch(loaded, missing)
    if broken:
        return _impossible(name, *broken.values())
    return _describe(crm, name, missing, dispatcher, registry)


def _plan_offer(crm: CRM, name: str, here: Stored) -> EnablePlan:
    """Return what enabling would do of a plugin that is enabled: give permissions that it has had only since."""
    found = next((each for each in crm.found if each.name == name), None)
    if found is None or found.manifest is None or not (new := never_offered(found.manifest, here)):
        return _impossible(name, LifecycleError(_("It is enabled already."), plugin=name))
    planned = PlannedPlugin(
        name=name,
        title=found.manifest.title,
        version=found.manifest.version,
        distribution=found.distribution,
        permissions=new,
        uses=(),
        revisions=(),
        tables=(),
        hooks=(),
        enabled=True,
    )
    warnings = _warnings(evolve(found.manifest, permissions=new, uses=()), (), crm.settings.language)
    return EnablePlan(name=name, plugins=(planned,), warnings=tuple(warnings))


def _impossible(name: str, *errors: PluginError) -> EnablePlan:
    return EnablePlan(name=name, errors=errors)


def _spoils(name: str, other: str, error: PluginError) -> PluginError:
    return PluginDependencyError(
        _('With it "{other}", which is enabled, could not run: {reason}'),
        plugin=name,
        other=other,
        reason=error.render(),
    )


def _describe(
    crm: CRM, name: str, missing: Sequence[PluginManifest], dispatcher: Dispatcher, registry: Registry
) -> EnablePlan:
    plugins: list[PlannedPlugin] = []
    warnings: list[str] = []
    errors: list[PluginError] = []
    distributions = {each.name: each.distribution for each in crm.found}
    with crm.engines.system_read.connect() as connection:
        there = set(inspect(connection).get_table_names())
        for manifest in missing:
            lineage = lineage_of(crm, manifest)
            tables = model_tables(registry, manifest.name)
            try:
                revisions = _pending(connection, lineage)
            except PluginError as error:
                errors.append(error)
                continue
            warnings.extend(_warnings(manifest, sorted(there & set(tables)), crm.settings.language))
            plugins.append(
                PlannedPlugin(
                    name=manifest.name,
                    title=manifest.title,
                    version=manifest.version,
                    distribution=distributions.get(manifest.name),
                    permissions=manifest.permissions,
                    uses=manifest.uses,
                    revisions=revisions,
                    tables=tables,
                    hooks=dispatcher.hooks_of(manifest.name),
                )
            )
    return EnablePlan(name=name, plugins=tuple(plugins), warnings=tuple(warnings), errors=tuple(errors))


def _pending(connection: Connection, lineage: Lineage | None) -> tuple[str, ...]:
    if lineage is None:
        return ()
    lineage.verify()
    return lineage.pending(lineage.current(connection))


def _warnings(manifest: PluginManifest, kept: Sequence[str], language: str) -> list[str]:
    risky = [permission.name for permission in manifest.permissions if permission.risk == "high"]
    others = [name for name in manifest.uses if not name.startswith(f"{manifest.name}.")]
    found = [
        (_("{name}: whoever has {what} can do great harm."), risky),
        (_("{name} uses {what} on its own behalf."), others),
        (_("{name} finds data of an earlier time in {what}."), kept),
    ]
    return [translate(message, language, name=manifest.name, what=", ".join(what)) for message, what in found if what]


def model_tables(registry: Registry, name: str) -> tuple[str, ...]:
    """Return the tables of a plugin's models in an order in which they can be created."""
    tables = [model.__table__ for model in registry.owned(name, "model")]
    return tuple(str(table.name) for table in sort_tables(tables) if table in tables)


# --- doing it -------------------------------------------------------------------------------------------------------


def enable(crm: CRM, plan: EnablePlan, actor: Actor | None = None) -> tuple[str, ...]:
    """Do what a plan says, and return the names of the plugins that were enabled, in order.

    They run in this CRM at once; other processes see that they are stale. A plugin that fails goes back to where it
    was, those before it stay enabled. Raises what stands in the way: LifecycleError when things have changed since the
    plan was made, MigrationError, or the error of the plugin's hook. Give it a process, or a moment, in which no other
    thread uses this CRM.
    """
    actor = actor or Actor.system("enabling a plugin")
    with runner(crm.engines) as connection:
        recover(crm, connection, spare={each.name for each in plan.plugins})
        fresh = plan_enable(crm, plan.name)
        if fresh.errors:
            audit_failure(crm, actor, "plugin.enable", plan.name, fresh.errors[0])
            raise fresh.errors[0]
        if fresh != plan:
            raise LifecycleError(
                _("Something has changed since the plan was made."), plugin=plan.name, fix=_("Look at it once more.")
            )
        record_kernel(crm)
        manifests = {each.name: each.manifest for each in crm.found}
        for planned in plan.plugins:
            manifest = manifests[planned.name]
            assert manifest is not None
            _enable_one(crm, connection, manifest, planned, actor)
    return tuple(planned.name for planned in plan.plugins)


def _enable_one(
    crm: CRM, connection: Connection, manifest: PluginManifest, planned: PlannedPlugin, actor: Actor
) -> None:
    before = stored_plugins(crm).get(manifest.name)
    if before is not None and before.state == "enabled":
        offer(crm, actor, manifest, before)
        return
    with change(crm, actor, "plugin.enable", manifest.name, audited=False) as session:
        put_state(session, manifest, "enabling", distribution=planned.distribution)
    try:
        migrate(crm, connection, manifest, planned.tables)
        # Here it may run still, where another process has disabled it.
        unload_plugin(crm.dispatcher, crm.registry, manifest.name)
        load_plugin(crm.dispatcher, crm.registry, manifest)
        write_inventory(crm, connection, manifest, actor)
        tell(crm, manifest.name, "crmkit_startup")
        tell(crm, manifest.name, "crmkit_plugin_enabled")
        with change(crm, actor, "plugin.enable", manifest.name) as session:
            grant_defaults(session, manifest.permissions, before.permissions if before is not None else ())
            put_state(session, manifest, "enabled", distribution=planned.distribution)
            bump(session)
    except (Exception, SystemExit) as error:
        connection.rollback()
        unload_plugin(crm.dispatcher, crm.registry, manifest.name)
        _go_back(crm, connection, manifest, before, actor, error)
        raise
    crm.broken.pop(manifest.name, None)
    now_running(crm)


def offer(crm: CRM, actor: Actor, manifest: PluginManifest, stored: Stored) -> tuple[Permission, ...]:
    """Give the permissions of an enabled plugin that were never offered to their default roles, and return them."""
    new = never_offered(manifest, stored)
    if new:
        with change(crm, actor, "plugin.enable", manifest.name) as session:
            grant_defaults(session, new, ())
            put_state(session, manifest, "enabled", distribution=stored.distribution)
    return new


def _go_back(
    crm: CRM,
    connection: Connection,
    manifest: PluginManifest,
    before: Stored | None,
    actor: Actor,
    error: BaseException,
) -> None:
    """Return a plugin to available when nothing of it is in the database, else to disabled: its data can be purged."""
    if not isinstance(error, CrmkitError):
        error = LifecycleError(_("Enabling it failed: {kind}."), plugin=manifest.name, kind=type(error).__name__)
    kept = has_data(connection, manifest.name)
    connection.rollback()
    with change(crm, actor, "plugin.enable", manifest.name, audited=False) as session:
        set_state(session, manifest.name, "disabled" if kept or before is not None else None, error.render())
    audit_failure(crm, actor, "plugin.enable", manifest.name, error)
    refresh_mirror(crm)


def migrate(crm: CRM, connection: Connection, manifest: PluginManifest, tables: Sequence[str]) -> tuple[str, ...]:
    """Run a plugin's revisions and return them. Raises MigrationError, also when a model's table is still missing."""
    lineage = lineage_of(crm, manifest)
    if lineage is None:
        return ()
    done = lineage.move(connection)
    there = set(inspect(connection).get_table_names())
    connection.rollback()
    missing = [table for table in tables if table not in there]
    if missing:
        raise MigrationError(
            _("Its revisions do not make the tables {tables}."),
            plugin=manifest.name,
            fix=_("Write a revision with: crmkit db revision {name}"),
            tables=", ".join(missing),
            name=manifest.name,
        )
    return tuple(done)


def write_inventory(crm: CRM, connection: Connection, manifest: PluginManifest, actor: Actor) -> None:
    """Record which tables a loaded plugin has, those that only its revisions know included, and its personal data."""
    tables = model_tables(crm.registry, manifest.name)
    lineage = lineage_of(crm, manifest)
    if lineage is not None:
        there = inspect(connection).get_table_names()
        connection.rollback()
        tables = (*tables, *sorted(table for table in there if lineage.owns(table) and table not in tables))
    with change(crm, actor, "plugin.enable", manifest.name, audited=False) as session:
        record_tables(session, manifest.name, tables, crm.registry)


def tell(crm: CRM, name: str, hook: str, **arguments: object) -> None:
    """Call a hook of the life cycle on one plugin. Raises what the plugin raised, as an error that names it."""
    answer = crm.dispatcher.only(name, hook, crm=crm, **arguments)
    if answer is not None and answer.error is not None:
        raise answer.error


def now_running(crm: CRM) -> None:
    """Note that this CRM runs what it has just changed, and bring the mirror up to date. What other processes changed
    before it does not run yet: then this CRM stays stale."""
    with crm.session(Actor.system("reading the generation")) as session:
        current = crm.gate.generation(session, "plugins")
    if current == crm.generation + 1:
        crm.generation = current
    refresh_mirror(crm)
