"""What lists show of plugins: one frozen value each.

`list_plugins` reads entry points' manifests and the mirror, and imports neither a database layer nor a plugin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from attrs import field, frozen

from crmkit.errors import PluginError
from crmkit.hooks.discovery import discover
from crmkit.hooks.resolution import Found, closure, importable
from crmkit.i18n import texts, translate
from crmkit.manifest import PluginManifest
from crmkit.mirror import MirroredPlugin, read_mirror
from crmkit.settings import Settings

_ = texts("crmkit")

State = Literal["available", "enabled", "disabled", "broken", "orphaned"]


@frozen(kw_only=True)
class TableSize:
    """A table of a plugin and how many rows it has."""

    name: str
    rows: int


@frozen(kw_only=True)
class PluginView:
    """A plugin as it is shown.

    ``state`` is available (installed, not enabled), enabled, disabled (its data is kept), broken (``reason`` says why)
    or orphaned (its package is gone, its data is there). ``needs`` names the extra that has to be installed first.
    ``restart_needed`` says that this process does not run what the database says. ``disabling`` says that it will be
    disabled at the next opening. ``tables`` are filled in where sizes were asked for.
    """

    name: str
    title: str
    state: State
    version: str
    summary: str = ""
    reason: str | None = None
    distribution: str | None = None
    requires: Mapping[str, str] = field(factory=dict[str, str])
    needs: str | None = None
    tables: tuple[TableSize, ...] = field(default=(), converter=tuple)
    restart_needed: bool = False
    disabling: bool = False


def list_plugins(target: Settings | Path, plugins: Sequence[PluginManifest] = ()) -> tuple[PluginView, ...]:
    """Return every plugin that is installed or was enabled once, by name, with neither database nor plugin imported.

    ``target`` is the settings, or the folder of an installation; one that was never set up lists all as available.
    ``plugins`` are manifests that are offered beside the installed ones.
    """
    home = target.home if isinstance(target, Settings) else target
    language = target.language if isinstance(target, Settings) else "en"
    mirror = read_mirror(home)
    return views_of(discover(None, plugins), mirror.plugins, disabling=mirror.disable, language=language)


def views_of(
    found: Sequence[Found],
    stored: Mapping[str, MirroredPlugin],
    *,
    disabling: Sequence[str] = (),
    stale: Sequence[str] = (),
    sizes: Mapping[str, Sequence[TableSize]] | None = None,
    language: str = "en",
) -> tuple[PluginView, ...]:
    """Return the views of what was found and what is stored, by name.

    ``disabling``, ``stale`` and ``sizes`` fill the fields ``disabling``, ``restart_needed`` and ``tables``.
    """
    installed = {each.name: each for each in found}
    views: list[PluginView] = []
    for name in sorted({*installed, *stored}):
        entry, record = installed.get(name), stored.get(name)
        manifest = entry.manifest if entry is not None else None
        state, reason = _state(name, entry, record, found, language)
        views.append(
            PluginView(
                name=name,
                title=translate(manifest.title, language) if manifest else (record.title if record else "") or name,
                summary=translate(manifest.summary, language) if manifest else "",
                state=state,
                version=_version(entry, record),
                reason=reason,
                distribution=(entry.distribution if entry else None) or (record.distribution if record else None),
                requires=dict(manifest.requires) if manifest else dict.fromkeys(record.requires if record else (), ""),
                needs=_needs(entry),
                tables=tuple((sizes or {}).get(name, ())),
                restart_needed=name in stale,
                disabling=name in disabling,
            )
        )
    return tuple(views)


def _version(entry: Found | None, record: MirroredPlugin | None) -> str:
    if entry is not None and entry.manifest is not None:
        return entry.manifest.version
    return (entry.version if entry else None) or (record.version if record else "0")


def _state(
    name: str, entry: Found | None, record: MirroredPlugin | None, found: Sequence[Found], language: str
) -> tuple[State, str | None]:
    if entry is None:
        return "orphaned", translate(_("Its package is not installed any more; its data is still there."), language)
    if entry.error is not None and (record is None or record.state != "disabled"):
        return "broken", entry.error.render(language)
    if record is None:
        try:
            closure(name, found)
        except PluginError as error:
            return "available", error.render(language)
        return "available", None
    match record.state:
        case "enabled":
            return "enabled", record.reason
        case "disabled":
            return "disabled", entry.error.render(language) if entry.error else record.reason
        case "enabling" | "purging":
            return "broken", unfinished(name, record.state).render(language)
        case _:
            return "broken", record.reason


def unfinished(name: str, state: str) -> PluginError:
    """Return the error for a plugin whose enabling or purging was begun and has not ended."""
    from crmkit.errors import LifecycleError

    if state == "enabling":
        return LifecycleError(
            _("Enabling it was begun and has not ended."),
            plugin=name,
            fix=_("Unless somebody is enabling it right now, run: crmkit plugin enable {name}"),
            name=name,
        )
    return LifecycleError(
        _("Purging it was begun and has not ended."),
        plugin=name,
        fix=_("Unless somebody is purging it right now, run: crmkit plugin purge {name}"),
        name=name,
    )


def _needs(entry: Found | None) -> str | None:
    manifest = entry.manifest if entry is not None else None
    if entry is None or manifest is None or manifest.extra is None:
        return None
    if all(importable(package) for package in manifest.needs):
        return None
    return f"{entry.distribution or manifest.package.partition('.')[0]}[{manifest.extra}]"
