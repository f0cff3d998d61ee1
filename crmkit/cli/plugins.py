"""The commands that plugins bring: listed from manifests of enabled plugins, imported only when one is run.

Must not import a plugin's code to list its commands, nor the database layer.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmkit.cli.lazy import Lazy, add_common
from crmkit.cli.output import Column
from crmkit.errors import PluginImportError
from crmkit.hooks.discovery import Found, discover
from crmkit.hooks.origin import origin, wording
from crmkit.i18n import texts, translate
from crmkit.lifecycle.views import PluginView, views_of
from crmkit.manifest import Command, Permission
from crmkit.mirror import read_mirror

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

_ = texts("crmkit")

_NAME = re.compile(r"([a-z][a-z0-9-]* )?[a-z][a-z0-9-]*")


def enabled_names(home: Path | None) -> tuple[str, ...]:
    """Return the plugins that are enabled in an installation, from the file beside its settings; none without one."""
    mirror = read_mirror(home)
    return tuple(
        name for name, plugin in mirror.plugins.items() if plugin.state == "enabled" and name not in mirror.disable
    )


class PluginCommands:
    """The commands that plugins bring to an installation.

    ``home`` returns its folder when it is asked for; ``groups`` are the names of the kernel's commands, which cannot be
    taken over, and which commands of plugins may join. ``enabled`` returns the enabled plugins where these are known
    already; by default the file beside the settings says which they are.
    """

    def __init__(
        self,
        home: Callable[[], Path | None],
        groups: Container[str],
        enabled: Callable[[], Sequence[Found]] | None = None,
    ) -> None:
        self._home = home
        self._groups = groups
        self._enabled = enabled or self._mirrored

    @cached_property
    def commands(self) -> Mapping[str, Lazy]:
        """Return the commands of the enabled plugins by name; one that joins a group is named with it, as ``customer
        duplicates``. A name that is taken, by the kernel or by a plugin before, is listed as ``plugin-command``."""
        commands: dict[str, Lazy] = {}
        for found in self._enabled():
            for name, given in sorted(_commands_of(found, self._groups).items()):
                group, separator, own = name.rpartition(" ")
                free = name not in self._groups and name not in commands
                title = found.manifest.title if found.manifest is not None else ""
                entry = Lazy(given.target, given.help or title, found.name)
                commands[name if free else f"{group}{separator}{found.name}-{own}"] = entry
        return commands

    def _mirrored(self) -> Sequence[Found]:
        names = enabled_names(self._home())
        return discover(names) if names else ()

    def alone(self) -> Mapping[str, Lazy]:
        """Return the commands that stand on their own."""
        return {name: entry for name, entry in self.commands.items() if " " not in name}

    def joining(self, group: str | None) -> Mapping[str, Lazy]:
        """Return the commands that join a group of the kernel's, by their names within it."""
        start = f"{group} "
        return {name.removeprefix(start): entry for name, entry in self.commands.items() if name.startswith(start)}

    def load(self, name: str, entry: Lazy, language: str) -> click.Command:
        """Import a command, with its help in a language. Raises PluginImportError, whatever its code raised."""
        return load_command(name, entry, language)

    def bringing(self, name: str) -> str | None:
        """Return the plugin that would bring a command, ``command`` or ``group command``, if it were enabled."""
        enabled = enabled_names(self._home())
        others = (found for found in discover() if found.name not in enabled)
        return next((found.name for found in others if name in _commands_of(found, self._groups)), None)


def _commands_of(found: Found, groups: Container[str]) -> Mapping[str, Command]:
    """Return the commands of a plugin that can be named: on their own, or within a group that there is."""
    if found.manifest is None:
        return {}
    return {
        name: given
        for name, given in found.manifest.commands.items()
        if _NAME.fullmatch(name) and (" " not in name or name.partition(" ")[0] in groups)
    }


def load_command(name: str, entry: Lazy, language: str) -> click.Command:
    """Import a plugin's command, with its help in a language. Raises PluginImportError, whatever its code raised."""
    module, _separator, attribute = entry.target.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (Exception, SystemExit) as error:
        raise PluginImportError(
            _('Its command "{command}" cannot be loaded: {kind} at {place}: {reason}'),
            plugin=entry.plugin,
            command=name,
            kind=type(error).__name__,
            place=origin(error, None),
            reason=wording(error) or _("no reason given"),
        ) from error
    if not isinstance(found, click.Command):
        raise PluginImportError(
            _('Its command "{command}" is no click command: {target}.'),
            plugin=entry.plugin,
            command=name,
            target=entry.target,
        )
    _translate_help(found, language)
    add_common(found)
    return found


def _translate_help(command: click.Command, language: str) -> None:
    if command.help is not None:
        command.help = translate(command.help, language)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _translate_help(inner, language)


def listing(home: Path | None, language: str, views: Sequence[PluginView] | None = None) -> list[dict[str, object]]:
    """Return each plugin that is installed, or that the installation remembers, as `PluginView` describes it; ``views``
    are those where they are known already."""
    if views is None:
        mirror = read_mirror(home)
        views = views_of(discover(), mirror.plugins, disabling=mirror.disable, language=language)
    return [
        {
            "name": view.name,
            "title": view.title,
            "state": view.state,
            "version": view.version,
            "summary": view.summary,
            "reason": view.reason,
            "distribution": view.distribution,
            "requires": view.requires,
            "needs": view.needs,
            "disabling": view.disabling,
        }
        for view in views
    ]


def show_permissions(cli: Invocation, permissions: Sequence[Permission]) -> None:
    """Print permissions with their risk and the roles that they are given to."""
    columns = (
        Column("name", _("Permission")),
        Column("title", _("Title")),
        Column("risk", _("Risk")),
        Column("default_roles", _("Given to")),
    )
    rows = [
        {"name": each.name, "title": each.title, "risk": each.risk, "default_roles": each.default_roles}
        for each in permissions
    ]
    cli.output.table(columns, rows)


def found_plugin(name: str) -> Found:
    """Return what discovery finds of one plugin: its manifest, or the error for one that is not installed."""
    (found,) = discover([name])
    return found
