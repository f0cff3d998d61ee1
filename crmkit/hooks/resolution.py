"""Decides which of the wanted plugins can run, and in which order, from their manifests alone.

Must not import a plugin, nor know what is enabled or why. One plugin's failure takes its dependents with it and nobody
else.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from crmkit.errors import PluginApiError, PluginDependencyError, PluginError, UnknownPlugin
from crmkit.i18n import texts
from crmkit.manifest import HOOK_API, PluginManifest

_ = texts("crmkit")


@frozen(kw_only=True)
class Found:
    """A plugin that is installed: its manifest, or the error that kept it from being read.

    ``distribution`` and ``version`` are those of the package that it came in, None for a manifest that was handed in.
    """

    name: str
    manifest: PluginManifest | None = None
    error: PluginError | None = None
    distribution: str | None = None
    version: str | None = None


@frozen(kw_only=True)
class Resolution:
    """The plugins that can run, each after those that it requires, and the reason for each that cannot."""

    order: tuple[PluginManifest, ...]
    refused: Mapping[str, PluginError] = field(factory=dict[str, PluginError])

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the plugins that can run, in order."""
        return tuple(manifest.name for manifest in self.order)


def resolve(wanted: Iterable[str], found: Iterable[Found]) -> Resolution:
    """Return the order of the wanted plugins, and the error of each that cannot run.

    A plugin cannot run when it was not found or not read; when it needs another hook API or a library that is not
    installed; when a plugin that it requires is not wanted, cannot run or has another version; when it conflicts with
    one that runs; or when its requirements run in a circle. Plugins that do not depend on each other come by name;
    ``after`` is honoured where it makes no circle. Raises nothing.
    """
    installed = {each.name: each for each in found}
    refused: dict[str, PluginError] = {}
    running: dict[str, PluginManifest] = {}
    for name in sorted(set(wanted)):
        entry = installed.get(name)
        error = _unusable(name, entry, installed)
        if error is not None:
            refused[name] = error
        elif entry is not None and entry.manifest is not None:
            running[name] = entry.manifest
    _refuse_circles(running, refused)
    _refuse_unmet(running, refused, installed)
    for name in sorted(running):
        rival = _rival(running, name)
        if rival is not None:
            del running[name]
            refused[name] = PluginDependencyError(
                _('It cannot run together with "{other}".'),
                plugin=name,
                fix=_("Disable one of the two."),
                other=rival,
            )
            _refuse_unmet(running, refused, installed)
    return Resolution(order=_ordered(running), refused=dict(sorted(refused.items())))


def closure(name: str, found: Iterable[Found]) -> tuple[str, ...]:
    """Return the plugins that have to be enabled for a plugin: all that it requires, each before it, and itself last.

    Raises UnknownPlugin, PluginDependencyError, or whatever keeps one of them from running.
    """
    installed = {each.name: each for each in found}
    needed: set[str] = set()
    pending = [name]
    while pending:
        current = pending.pop()
        if current in needed:
            continue
        needed.add(current)
        entry = installed.get(current)
        if entry is not None and entry.manifest is not None:
            # A requirement that is not installed is left to its dependent's error, which says who requires it.
            pending.extend(other for other in entry.manifest.requires if other in installed)
    resolution = resolve(needed, installed.values())
    if name in resolution.refused:
        raise resolution.refused[name]
    return (*(each for each in resolution.names if each != name), name)


def unknown_plugin(name: str, installed: Iterable[str]) -> UnknownPlugin:
    """Return the error for a name that is no installed plugin's, with the name that was probably meant."""
    from crmkit.hooks.checks import suggestion

    meant = suggestion(name, tuple(installed))
    return UnknownPlugin(
        _("It is not installed."),
        plugin=name,
        fix=_('Did you mean "{meant}"?') if meant else _("crmkit plugin list shows what is installed."),
        meant=meant,
    )


def importable(package: str) -> bool:
    """Say whether the top-level package of a dotted name is installed, without importing it."""
    try:
        return importlib.util.find_spec(package.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _unusable(name: str, entry: Found | None, installed: Mapping[str, Found]) -> PluginError | None:
    if entry is None:
        return unknown_plugin(name, installed)
    if entry.error is not None or entry.manifest is None:
        return entry.error or unknown_plugin(name, installed)
    manifest = entry.manifest
    if not manifest.api_fits():
        return PluginApiError(
            _("It needs hook API {needed}, and this kernel offers {offered}."),
            plugin=name,
            fix=_("Install a version of the plugin, or of crmkit, that fits."),
            needed=manifest.api,
            offered=".".join(str(part) for part in HOOK_API),
        )
    missing = [package for package in manifest.needs if not importable(package)]
    if not missing:
        return None
    if manifest.extra is None:
        return PluginDependencyError(
            _("It is available, but needs {packages}."),
            plugin=name,
            fix=_("Install them with pip."),
            packages=", ".join(missing),
        )
    return PluginDependencyError(
        _("It is available, but needs {extra} ({packages} is missing)."),
        plugin=name,
        fix=_('Run: pip install "{extra}"'),
        extra=f"{entry.distribution or manifest.package.partition('.')[0]}[{manifest.extra}]",
        packages=", ".join(missing),
    )


def _refuse_unmet(
    running: dict[str, PluginManifest], refused: dict[str, PluginError], installed: Mapping[str, Found]
) -> None:
    """Refuse every plugin with a requirement that is not met, and so on up, until nothing changes."""
    changed = True
    while changed:
        changed = False
        for name in sorted(running):
            for other, wanted in sorted(running[name].requires.items()):
                error = _unmet(name, other, wanted, running, refused, installed)
                if error is not None:
                    del running[name]
                    refused[name] = error
                    changed = True
                    break


def _unmet(
    name: str,
    other: str,
    wanted: str,
    running: Mapping[str, PluginManifest],
    refused: Mapping[str, PluginError],
    installed: Mapping[str, Found],
) -> PluginError | None:
    if other in running:
        return _wrong_version(name, other, wanted, running[other].version)
    if other in refused:
        return PluginDependencyError(
            _('It requires "{other}", which cannot run: {reason}'),
            plugin=name,
            other=other,
            reason=refused[other].render(),
        )
    if other in installed:
        return PluginDependencyError(
            _('It requires "{other}", which is not enabled.'),
            plugin=name,
            fix=_("Run: crmkit plugin enable {other}"),
            other=other,
        )
    return PluginDependencyError(
        _('It requires "{other}", which is not installed.'), plugin=name, fix=_("Install it with pip."), other=other
    )


def _wrong_version(name: str, other: str, wanted: str, version: str) -> PluginError | None:
    if not wanted:
        return None
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        if SpecifierSet(wanted).contains(version, prereleases=True):
            return None
    except InvalidSpecifier:
        return PluginDependencyError(
            _('Its requirement "{wanted}" for "{other}" is no version specifier.'),
            plugin=name,
            fix=_('It should look like ">=1.2,<2".'),
            wanted=wanted,
            other=other,
        )
    except InvalidVersion:
        pass
    return PluginDependencyError(
        _('It requires "{other}" {wanted}, and version {version} is installed.'),
        plugin=name,
        wanted=wanted,
        other=other,
        version=version,
    )


def _rival(running: Mapping[str, PluginManifest], name: str) -> str | None:
    if name not in running:
        return None
    return next((other for other in sorted(running[name].conflicts) if other in running), None)


def _refuse_circles(running: dict[str, PluginManifest], refused: dict[str, PluginError]) -> None:
    circles = {name: circle for name in sorted(running) if (circle := _circle(name, running))}
    for name, circle in circles.items():
        del running[name]
        refused[name] = PluginDependencyError(
            _("Its requirements run in a circle: {circle}."), plugin=name, circle=" → ".join(circle)
        )


def _circle(start: str, running: Mapping[str, PluginManifest]) -> Sequence[str] | None:
    """Return the shortest way from a plugin along its requirements back to itself."""
    paths: list[list[str]] = [[start]]
    seen: set[str] = set()
    for path in paths:
        for other in sorted(running[path[-1]].requires):
            if other == start:
                return [*path, start]
            if other in running and other not in seen:
                seen.add(other)
                paths.append([*path, other])
    return None


def _ordered(running: Mapping[str, PluginManifest]) -> tuple[PluginManifest, ...]:
    waiting = dict(sorted(running.items()))
    order: list[PluginManifest] = []
    while waiting:
        ready = [name for name, manifest in waiting.items() if not waiting.keys() & manifest.requires.keys()]
        patient = [name for name in ready if not waiting.keys() & set(waiting[name].after)]
        order.append(waiting.pop((patient or ready)[0]))
    return tuple(order)
