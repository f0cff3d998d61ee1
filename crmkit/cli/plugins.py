"""The commands that plugins bring: listed from manifests of enabled plugins, imported only when one is run.

Must not import a plugin's code to list its commands, nor the database layer.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Container, Mapping
from pathlib import Path

import click

from crmkit.cli.lazy import Lazy
from crmkit.errors import PluginImportError
from crmkit.hooks.discovery import Found, discover
from crmkit.hooks.origin import origin, wording
from crmkit.i18n import texts, translate
from crmkit.lifecycle.views import views_of
from crmkit.mirror import read_mirror

_ = texts("crmkit")

_NAME = re.compile(r"[a-z][a-z0-9-]*")


def enabled_names(home: Path | None) -> tuple[str, ...]:
    """Return the plugins that are enabled in an installation, from the file beside its settings; none without one."""
    mirror = read_mirror(home)
    return tuple(
        name for name, plugin in mirror.plugins.items() if plugin.state == "enabled" and name not in mirror.disable
    )


def plugin_commands(home: Path | None, *, taken: Container[str]) -> Mapping[str, Lazy]:
    """Return the commands of the enabled plugins by name. A name that is taken, by the kernel or by a plugin before,
    is listed as ``plugin-command``."""
    names = enabled_names(home)
    commands: dict[str, Lazy] = {}
    if not names:
        return commands
    for found in discover(names):
        if found.manifest is None:
            continue
        for name, target in sorted(found.manifest.commands.items()):
            if not _NAME.fullmatch(name):
                continue
            free = name if name not in taken and name not in commands else f"{found.name}-{name}"
            commands[free] = Lazy(target, found.manifest.title, found.name)
    return commands


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
    return found


def _translate_help(command: click.Command, language: str) -> None:
    if command.help is not None:
        command.help = translate(command.help, language)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _translate_help(inner, language)


def listing(home: Path | None, language: str) -> list[dict[str, object]]:
    """Return each plugin that is installed, or that the installation remembers, as `PluginView` describes it."""
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


def found_plugin(name: str) -> Found:
    """Return what discovery finds of one plugin: its manifest, or the error for one that is not installed."""
    (found,) = discover([name])
    return found
