"""Bringing a database to the versions that are installed: the kernel first, then the enabled plugins in their order.

A plugin that fails is named with its reason and stays broken; those that require it wait, all others go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen
from sqlalchemy import Connection

from crmkit.core.store.actor import Actor
from crmkit.errors import CrmkitError, LifecycleError, PluginError
from crmkit.hooks.resolution import resolve
from crmkit.i18n import texts
from crmkit.lifecycle.enabling import migrate, model_tables, now_running, offer, tell, write_inventory
from crmkit.lifecycle.opening import outdated_error
from crmkit.lifecycle.records import (
    Stored,
    audit_failure,
    bump,
    change,
    never_offered,
    put_state,
    record_kernel,
    stored_plugins,
)
from crmkit.lifecycle.recovery import recover
from crmkit.loading import load_plugin, requires_broken, unload_plugin
from crmkit.manifest import Permission, PluginManifest
from crmkit.migrations.lineage import Lineage
from crmkit.migrations.runner import create_schema, runner
from crmkit.security.roles.shipped import grant_defaults, make_shipped

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")


@frozen(kw_only=True)
class UpgradedPlugin:
    """What became of one plugin: the revisions that were run and the permissions that were given to their default roles
    for the first time, or the error that stopped it."""

    name: str
    from_version: str
    to_version: str
    revisions: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    error: PluginError | None = None


@frozen(kw_only=True)
class UpgradeReport:
    """What an upgrade did: the kernel's revisions, and each plugin that was outdated or has new permissions."""

    kernel: tuple[str, ...] = ()
    plugins: tuple[UpgradedPlugin, ...] = ()

    @property
    def failed(self) -> tuple[UpgradedPlugin, ...]:
        """Return the plugins that could not be upgraded."""
        return tuple(each for each in self.plugins if each.error is not None)


def upgrade_all(crm: CRM, actor: Actor | None = None) -> UpgradeReport:
    """Run all lineages in their order and ``crmkit_plugin_upgraded`` on each plugin that has another version now.

    Works on a CRM whose database is outdated, or empty. Raises MigrationError when the kernel's own revisions fail;
    what fails in a plugin is in the report.
    """
    actor = actor or Actor.system("upgrading the database")
    if crm.settings.schema:
        create_schema(crm.engines, crm.settings.schema)
    with runner(crm.engines) as connection:
        kernel = tuple(Lineage.kernel().move(connection))
        # Everything that is written from here on is sealed and signed.
        crm.vault.establish()
        record_kernel(crm)
        with change(crm, actor, "role.ship", "crmkit", audited=False) as session:
            make_shipped(session)
        recover(crm, connection)
        stored = stored_plugins(crm)
        enabled = [name for name, each in stored.items() if each.state == "enabled"]
        resolution = resolve(enabled, crm.found)
        failed: dict[str, PluginError] = dict(resolution.refused)
        done: list[UpgradedPlugin] = []
        for manifest in resolution.order:
            result = _upgrade_one(crm, connection, manifest, stored[manifest.name], failed, actor)
            if result is not None:
                done.append(result)
                if result.error is not None:
                    failed[manifest.name] = crm.broken[manifest.name] = result.error
    return UpgradeReport(kernel=kernel, plugins=tuple(done))


def _upgrade_one(
    crm: CRM,
    connection: Connection,
    manifest: PluginManifest,
    stored: Stored,
    failed: dict[str, PluginError],
    actor: Actor,
) -> UpgradedPlugin | None:
    name = manifest.name
    outdated = outdated_error(crm, connection, manifest, stored)
    connection.rollback()
    blocked = [other for other in manifest.requires if other in failed]
    new = never_offered(manifest, stored)
    if outdated is None and not new and (name in crm.dispatcher.plugins or blocked):
        return None
    result = UpgradedPlugin(name=name, from_version=stored.version, to_version=manifest.version)
    revisions: tuple[str, ...] = ()
    try:
        if blocked:
            raise requires_broken(name, blocked[0])
        if name not in crm.dispatcher.plugins:
            # Imported and checked before anything is written, as at enabling.
            load_plugin(crm.dispatcher, crm.registry, manifest)
        if outdated is None:
            offer(crm, actor, manifest, stored)
            return evolve(result, permissions=new) if new else None
        revisions = migrate(crm, connection, manifest, model_tables(crm.registry, name))
        write_inventory(crm, connection, manifest, actor)
        tell(crm, name, "crmkit_startup")
        if stored.version != manifest.version:
            tell(crm, name, "crmkit_plugin_upgraded", from_version=stored.version)
        with change(crm, actor, "plugin.upgrade", name) as session:
            grant_defaults(session, manifest.permissions, stored.permissions)
            put_state(session, manifest, "enabled", distribution=_distribution(crm, name))
            bump(session)
    except (Exception, SystemExit) as error:
        # Whatever it is, it is this plugin's: the next one is not to suffer.
        connection.rollback()
        unload_plugin(crm.dispatcher, crm.registry, name)
        reason = _as_plugin_error(name, error)
        audit_failure(crm, actor, "plugin.upgrade", name, reason)
        return evolve(result, revisions=revisions, error=reason)
    crm.broken.pop(name, None)
    now_running(crm)
    return evolve(result, revisions=revisions, permissions=new)


def _as_plugin_error(name: str, error: BaseException) -> PluginError:
    if isinstance(error, PluginError):
        return error
    reason = error.render() if isinstance(error, CrmkitError) else type(error).__name__
    return LifecycleError(_("Upgrading it failed: {reason}"), plugin=name, reason=reason)


def _distribution(crm: CRM, name: str) -> str | None:
    return next((each.distribution for each in crm.found if each.name == name), None)
