"""The mirror: what the database says about plugins, in a small file beside the settings.

With it plugins can be listed, and one can be switched off, without opening the database or importing a plugin. The
database is the truth; the mirror is written after every change of state. Must not import a database layer.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, evolve, field, frozen

from crmkit.errors import HomeError, LifecycleError
from crmkit.i18n import texts

_ = texts("crmkit")
_log = logging.getLogger("crmkit.plugins")

FILE = "plugins.json"


@frozen(kw_only=True)
class MirroredPlugin:
    """What is remembered of one plugin. ``state`` is as recorded in the database, or "broken" with its reason."""

    state: str
    version: str = "0"
    title: str = ""
    distribution: str | None = None
    requires: tuple[str, ...] = field(default=(), converter=tuple)
    reason: str | None = None


@frozen(kw_only=True)
class Mirror:
    """The plugins by name, and those that were asked to be disabled at the next opening."""

    plugins: Mapping[str, MirroredPlugin] = field(factory=dict[str, MirroredPlugin])
    disable: tuple[str, ...] = field(default=(), converter=tuple)


def read_mirror(home: Path | None) -> Mirror:
    """Return the mirror of an installation; an empty one where there is none, or it cannot be read."""
    if home is None:
        return Mirror()
    try:
        content = json.loads((home / FILE).read_text("utf-8"))
        return Mirror(
            plugins={name: _plugin(values) for name, values in content["plugins"].items()},
            disable=tuple(str(name) for name in content.get("disable", ())),
        )
    except FileNotFoundError:
        return Mirror()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s cannot be read: %s", home / FILE, type(error).__name__)
        return Mirror()


def write_mirror(home: Path | None, mirror: Mirror) -> None:
    """Write the mirror whole or not at all; without a home there is none. Raises HomeError when that fails."""
    if home is None:
        return
    content = {
        "format": 1,
        "plugins": {name: asdict(plugin) for name, plugin in sorted(mirror.plugins.items())},
        "disable": sorted(mirror.disable),
    }
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=home, prefix=".plugins-", suffix=".json")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, home / FILE)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise HomeError(_("{path} cannot be written: {reason}."), path=home / FILE, reason=error) from error


def request_disable(home: Path, name: str, *, cascade: bool = False) -> tuple[str, ...]:
    """Ask for a plugin to be disabled at the next opening, with neither its code nor the database, and return the
    names that are marked, dependents first.

    Raises LifecycleError when the mirror does not know the plugin as enabled, or when others that are enabled require
    it and ``cascade`` is false; HomeError when the mirror cannot be written.
    """
    mirror = read_mirror(home)
    running = {
        other: plugin.requires
        for other, plugin in mirror.plugins.items()
        if plugin.state in ("enabled", "broken") and (other not in mirror.disable or other == name)
    }
    if name not in running:
        raise LifecycleError(_("It is not enabled."), plugin=name, fix=_("crmkit plugin list shows what is."))
    order = dependents(name, running)
    if len(order) > 1 and not cascade:
        raise needed_by(name, order[:-1])
    marked = tuple(sorted({*mirror.disable, *order}))
    write_mirror(home, evolve(mirror, disable=marked))
    return order


def dependents(name: str, requires: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the plugins that need a plugin, at one or more removes, each before those that it requires, and the plugin
    itself last. ``requires`` says what each plugin that counts requires."""
    order: list[str] = []

    def visit(current: str) -> None:
        if current in order or current in path:
            return
        path.append(current)
        for other in sorted(requires):
            if current in requires[other]:
                visit(other)
        path.pop()
        order.append(current)

    path: list[str] = []
    visit(name)
    return tuple(order)


def needed_by(name: str, others: tuple[str, ...]) -> LifecycleError:
    """Return the error for disabling a plugin that others require."""
    return LifecycleError(
        _("It is required by {others}."),
        plugin=name,
        fix=_("Disable them too, with --cascade."),
        others=", ".join(others),
    )


def _plugin(values: Mapping[str, Any]) -> MirroredPlugin:
    known = {"state", "version", "title", "distribution", "requires", "reason"}
    return MirroredPlugin(**{name: value for name, value in values.items() if name in known})
