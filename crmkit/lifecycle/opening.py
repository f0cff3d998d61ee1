"""Loading the enabled plugins when a CRM is opened, and the findings about plugins that `crmkit doctor` tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection

from crmkit.core.store.actor import Actor
from crmkit.errors import LifecycleError, PluginError
from crmkit.hooks.contributions import Finding
from crmkit.hooks.discovery import discover, load_module
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.resolution import Resolution, resolve
from crmkit.i18n import texts
from crmkit.lifecycle.disabling import honour_requests
from crmkit.lifecycle.records import (
    Stored,
    count_rows,
    inventory,
    lineage_of,
    mirrored,
    names_known,
    refresh_mirror,
    stored_plugins,
)
from crmkit.lifecycle.views import PluginView, TableSize, unfinished, views_of
from crmkit.loading import is_kernel, load_plugins, set_aside_dependents, start_plugins
from crmkit.manifest import PluginManifest
from crmkit.mirror import read_mirror

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.hooks.ports import KeyProvider

_ = texts("crmkit")


def start(crm: CRM) -> None:
    """Load and start the plugins that are enabled, setting aside with their reasons those that cannot be used.

    Raises the first reason in strict mode.
    """
    honour_requests(crm)
    stored = stored_plugins(crm)
    allowed = crm.settings.plugins
    enabled = [name for name, each in stored.items() if each.state == "enabled"]
    if allowed is not None:
        enabled = [name for name in enabled if name in allowed]
    resolution = resolve(enabled, crm.found)
    outdated: dict[str, PluginError] = {}
    known = names_known(crm)
    with crm.engines.system_read.connect() as connection:
        for manifest in resolution.order:
            error = outdated_error(crm, connection, manifest, stored[manifest.name], known)
            if error is not None:
                outdated[manifest.name] = error
    order = tuple(manifest for manifest in resolution.order if manifest.name not in outdated)
    crm.broken = load_plugins(
        crm.dispatcher, crm.registry, Resolution(order=order, refused={**resolution.refused, **outdated})
    )
    _be_strict(crm)
    with crm.session(Actor.system("starting")) as session:
        crm.generation = crm.gate.generation(session, "plugins")
    crm.broken.update(start_plugins(crm, crm.dispatcher, crm.registry))
    set_aside_dependents(crm.dispatcher, crm.registry, order, crm.broken)
    _be_strict(crm)
    for name, each in stored.items():
        if each.state in ("enabling", "purging"):
            crm.broken[name] = unfinished(name, each.state)
    refresh_mirror(crm)


def unloaded_keepers(crm: CRM) -> Iterator[KeyProvider]:
    """Return the keepers of root keys that enabled plugins offer which are not loaded (yet): what is written before
    plugins are loaded, as while upgrading, is signed with keys that one of them may keep."""
    stored = stored_plugins(crm)
    for each in crm.found:
        known = stored.get(each.name)
        if each.manifest is None or known is None or known.state != "enabled" or each.name in crm.dispatcher.plugins:
            continue
        alone = Dispatcher()
        try:
            alone.add_plugin(each.name, load_module(each.manifest))
            answer = alone.first("crmkit_key_provider", settings=crm.settings)
        except PluginError:
            continue
        if answer is not None:
            yield cast("KeyProvider", answer.value)


def _be_strict(crm: CRM) -> None:
    if crm.settings.strict and crm.broken:
        raise next(iter(crm.broken.values()))


def outdated_error(
    crm: CRM, connection: Connection, manifest: PluginManifest, stored: Stored, known: tuple[str, ...] | None = None
) -> PluginError | None:
    """Return why a plugin cannot run before an upgrade of its schema or data, or None when it can. ``known`` is what
    `names_known` returns, for whoever asks of many plugins."""
    try:
        lineage = lineage_of(crm, manifest, known)
        waiting = lineage.pending(lineage.current(connection)) if lineage is not None else ()
    except PluginError as error:
        return error
    if not waiting and stored.version == manifest.version:
        return None
    if stored.version == manifest.version:
        return LifecycleError(
            _("Its tables are not what its models say yet: {revisions} has to run."),
            plugin=manifest.name,
            fix=_("Run: crmkit db upgrade"),
            revisions=", ".join(waiting),
        )
    return LifecycleError(
        _("It needs an upgrade from version {old} to {new}."),
        plugin=manifest.name,
        fix=_("Run: crmkit db upgrade"),
        old=stored.version,
        new=manifest.version,
    )


# --- telling --------------------------------------------------------------------------------------------------------


def views(crm: CRM, *, sizes: bool = False) -> tuple[PluginView, ...]:
    """Return every plugin that is installed or was enabled once, by name; ``sizes`` counts the rows of its tables."""
    stored = mirrored(crm)
    loaded = {name for name in crm.dispatcher.plugins if not is_kernel(name)}
    allowed = crm.settings.plugins
    stale = [
        name
        for name in {*stored, *loaded}
        if (name in loaded) != (name in stored and stored[name].state == "enabled")
        and name not in crm.broken
        and (allowed is None or name in allowed)
    ]
    counted: dict[str, tuple[TableSize, ...]] = {}
    if sizes:
        with crm.engines.system_read.connect() as connection:
            for name, tables in inventory(connection).items():
                rows = count_rows(connection, tables)
                counted[name] = tuple(TableSize(name=table, rows=count) for table, count in rows.items())
    found = crm.found
    if allowed is not None:
        # What the settings leave out is not loaded, but it is installed all the same.
        known = {each.name for each in found if each.manifest is not None}
        found = (*(each for each in found if each.name in known), *(e for e in discover() if e.name not in known))
    return views_of(
        found,
        stored,
        disabling=read_mirror(crm.settings.home).disable,
        stale=stale,
        sizes=counted,
        language=crm.settings.language,
    )


def check_plugins(crm: CRM) -> tuple[Finding, ...]:
    """Return what is wrong with the plugins of an open CRM, for ``crmkit doctor``."""
    found: list[Finding] = []
    for view in views(crm):
        code = f"plugin.{view.state}"
        if view.state == "broken":
            found.append(_finding("error", code, _("The plugin {name} is broken: {reason}"), view))
        elif view.state == "orphaned":
            found.append(
                _finding(
                    "warning",
                    code,
                    _("The plugin {name} is not installed any more, and its data is still there."),
                    view,
                    hint=_("Install it again, or run: crmkit plugin purge {name}"),
                )
            )
        elif view.restart_needed:
            found.append(
                _finding("warning", "plugin.stale", _("The plugin {name} was enabled or disabled meanwhile."), view)
            )
    return tuple(found)


def _finding(level: str, code: str, message: str, view: PluginView, hint: str = "") -> Finding:
    return Finding(
        level="error" if level == "error" else "warning",
        code=code,
        message=message,
        hint=hint,
        values={"name": view.name, "reason": view.reason or ""},
    )
