"""Finds plugins by their entry points and reads their manifests, without importing any plugin's package.

A manifest's file is located from its package's place on disk and executed by itself, so that listing plugins costs no
plugin's imports and one that is broken can still be named. Must not know what is enabled.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import re
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from crmkit.errors import ManifestError, PluginError, PluginImportError
from crmkit.hooks.origin import inside, wording
from crmkit.hooks.resolution import Found, Resolution, closure, importable, resolve, unknown_plugin
from crmkit.i18n import texts
from crmkit.manifest import PluginManifest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "Found", "Resolution", "closure", "discover", "importable", "load_module", "resolve"]

_ = texts("crmkit")
_log = logging.getLogger("crmkit.hooks")

GROUP = "crmkit.plugins"
"""The group of entry points that plugins are found by."""

_VALUE = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*:\s*(?P<attribute>[A-Za-z_]\w*)")


def discover(allowed: Sequence[str] | None = None, extra: Sequence[PluginManifest] = ()) -> tuple[Found, ...]:
    """Return every plugin that is installed, by name, with its manifest or the error that kept it from being read.

    ``allowed`` limits the search to these names (None for all); no file of another plugin is touched, and a name that
    is not installed is returned with its error. Manifests handed in as ``extra`` are always returned, and stand in for
    an installed one with the same hook module. Raises nothing: one plugin's failure is in its own entry.
    """
    found: dict[str, Found] = {}
    installed: list[str] = [manifest.name for manifest in extra]
    for point in _entry_points():
        installed.append(point.name)
        if allowed is not None and point.name not in allowed:
            continue
        entry = _read(point)
        before = found.get(point.name)
        found[point.name] = entry if before is None else _twice(point.name, before.distribution, entry.distribution)
    for manifest in extra:
        before = found.get(manifest.name)
        if before is None or (before.manifest is not None and before.manifest.module == manifest.module):
            found[manifest.name] = Found(name=manifest.name, manifest=manifest, version=manifest.version)
        else:
            found[manifest.name] = _twice(manifest.name, before.distribution, None)
    for name in allowed or ():
        if name not in found:
            found[name] = Found(name=name, error=unknown_plugin(name, installed))
    return tuple(found[name] for name in sorted(found))


def load_module(manifest: PluginManifest) -> ModuleType:
    """Import and return a plugin's hook module.

    Raises PluginImportError with the reason and the line that raised, whatever the plugin's code raised, ``sys.exit``
    included.
    """
    try:
        return importlib.import_module(manifest.module)
    except (Exception, SystemExit) as error:
        raise _import_error(manifest.name, manifest.module, error) from error


@frozen
class _Point:
    """An entry point and the distribution that it is of."""

    name: str
    value: str
    distribution: str | None
    version: str | None


_seen: dict[tuple[object, ...], tuple[_Point, ...]] = {}
"""The entry points of the search path as it was last, by the path and the state of its folders."""
_SETTLED = 10 * 10**9
"""Nanoseconds for which nothing may have changed in a folder before what is in it is remembered."""


def _entry_points() -> tuple[_Point, ...]:
    """Return the entry points of our group. Reading the metadata of a hundred distributions takes longer than opening
    a database, so it is done again only when something was installed or removed since."""
    state = tuple((folder, _changed(folder)) for folder in sys.path)
    known = _seen.get(state)
    if known is None:
        known = tuple(_point(each) for each in _read_entry_points())
        _seen.clear()
        # An installation that is under way goes on below the folder without changing it.
        if all(changed is None or changed < time.time_ns() - _SETTLED for _folder, changed in state):
            _seen[state] = known
    return known


def _changed(folder: str) -> int | None:
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return None


def _read_entry_points() -> Iterable[EntryPoint]:
    from importlib import metadata

    try:
        return metadata.entry_points(group=GROUP)
    except Exception:
        # A single malformed distribution spoils the call above; look at each by itself and leave that one out.
        _log.warning("the metadata of a distribution is malformed; reading each by itself")
    points: list[EntryPoint] = []
    seen: set[str] = set()
    for distribution in metadata.distributions():
        try:
            name = distribution.name
            if name not in seen:
                seen.add(name)
                points.extend(distribution.entry_points.select(group=GROUP))
        except Exception as error:
            _log.warning("the metadata of a distribution is malformed: %s", type(error).__name__)
    return points


def _point(point: EntryPoint) -> _Point:
    try:
        said = point.dist.metadata if point.dist is not None else None
        provenance = (said["Name"], said["Version"]) if said is not None else (None, None)
    except Exception:
        provenance = (None, None)
    return _Point(point.name, point.value, *provenance)


def _read(point: _Point) -> Found:
    distribution, version = point.distribution, point.version
    try:
        manifest = _manifest(point)
        if manifest.version == "0" and version is not None:
            manifest = evolve(manifest, version=version)
    except PluginError as error:
        return Found(name=point.name, error=error, distribution=distribution, version=version)
    return Found(name=point.name, manifest=manifest, distribution=distribution, version=version)


def _manifest(point: _Point) -> PluginManifest:
    match = _VALUE.fullmatch(point.value.strip())
    if match is None:
        raise ManifestError(
            _('Its entry point "{value}" is not valid.'),
            plugin=point.name,
            fix=_("It should look like {example}."),
            value=point.value,
            example=f"crmkit_{point.name}.manifest:MANIFEST",
        )
    dotted, attribute = match["module"], match["attribute"]
    try:
        module = _module_of(point.name, dotted)
    except PluginError:
        raise
    except (Exception, SystemExit) as error:
        raise _import_error(point.name, dotted, error) from error
    manifest = vars(module).get(attribute)
    if not isinstance(manifest, PluginManifest):
        raise ManifestError(
            _("{attribute} in {module} is no PluginManifest."), plugin=point.name, attribute=attribute, module=dotted
        )
    if manifest.name != point.name:
        raise ManifestError(
            _('Its manifest is named "{name}", unlike its entry point.'),
            plugin=point.name,
            fix=_("Give both the same name."),
            name=manifest.name,
        )
    return manifest


def _module_of(plugin: str, dotted: str) -> ModuleType:
    """Execute a manifest's file under a name of its own; import it in the usual way where it has no file."""
    file = _file_of(dotted)
    if file is None:
        return importlib.import_module(dotted)
    private = f"_crmkit_manifest_{plugin}"
    spec = importlib.util.spec_from_file_location(private, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Decorators of the standard library look their module up while it is executed.
    sys.modules[private] = module
    try:
        spec.loader.exec_module(module)
    finally:
        sys.modules.pop(private, None)
    return module


def _file_of(dotted: str) -> Path | None:
    top, *rest = dotted.split(".")
    if not rest:
        return None
    # Only the top-level package is looked for: the search for a submodule would import the packages above it.
    spec = importlib.util.find_spec(top)
    for location in (spec.submodule_search_locations or ()) if spec is not None else ():
        file = Path(location, *rest).with_suffix(".py")
        if file.is_file():
            return file
    return None


def _twice(name: str, first: str | None, second: str | None) -> Found:
    here = _("the application itself")
    return Found(
        name=name,
        error=ManifestError(
            _("Two plugins have this name: one from {first}, one from {second}."),
            plugin=name,
            fix=_("Uninstall one of them."),
            first=first or here,
            second=second or here,
        ),
        distribution=first or second,
    )


def _import_error(plugin: str, module: str, error: BaseException) -> PluginImportError:
    place = inside(error, _folder_of(module))
    message = _("{module} cannot be imported: {kind} at {place}: {reason}")
    if place is None:
        message = _("{module} cannot be imported: {kind}: {reason}")
    return PluginImportError(
        message,
        plugin=plugin,
        module=module,
        kind=type(error).__name__,
        place=place,
        reason=wording(error) or _("no reason given"),
    )


def _folder_of(dotted: str) -> str | None:
    """Return the folder of a dotted name's top-level package, or of the module if it is one."""
    try:
        spec = importlib.util.find_spec(dotted.partition(".")[0])
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    return next(iter(spec.submodule_search_locations or ()), None) or os.path.dirname(spec.origin or "") or None
