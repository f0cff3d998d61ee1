"""What is deprecated, in one place: every warning, the error that it becomes one major version later, and the messages.

Nothing is, where `DEPRECATIONS` is empty, and then nothing is looked at. `docs/deprecation.md` has the policy. Must not
know plugins, hooks or contributions: whoever does tells what a plugin uses.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import attrs
from attrs import frozen

from crmkit.i18n import texts, translate

_ = texts("crmkit")

Kind = Literal["name", "hook", "argument", "field", "manifest"]


class CrmkitRemovedIn2Warning(DeprecationWarning):
    """Something is used that crmkit 2.0 refuses, unless a filter names this class, and that 2.1 does not have."""

    major = 2


@frozen(kw_only=True)
class Deprecation:
    """One thing that goes.

    ``kind`` and ``what`` say which: a ``name`` of the package crmkit (``Old``), a ``hook`` (``crmkit_old``), an
    ``argument`` of a hook (``crmkit_search.text``), a ``field`` of a contribution (``Report.old``) or of the
    ``manifest`` (``old``). ``since`` is the version of crmkit that deprecated it, ``replacement`` what to use instead,
    ``help`` where that is explained. Of a name ``target`` is where it still is, as ``package.module:name``.
    """

    kind: Kind
    what: str
    since: str
    replacement: str
    help: str
    target: str = ""
    category: type[CrmkitRemovedIn2Warning] = CrmkitRemovedIn2Warning


DEPRECATIONS: Sequence[Deprecation] = ()
"""Everything that is deprecated now."""

KINDS = {
    "name": _("the name crmkit.{what}"),
    "hook": _("the hook {what}"),
    "argument": _("the argument {what}"),
    "field": _("the field {what}"),
    "manifest": _('"{what}" of the manifest'),
}


def message_of(found: Deprecation, plugin: str) -> str:
    """Return what is told of a use: who uses what, since when that is deprecated, when it goes, and what to do."""
    return translate(
        _(
            "{plugin} uses {what}, which is deprecated since crmkit {since} and goes with {gone}. {replacement} "
            "See {help}."
        ),
        "en",
        plugin=plugin,
        what=translate(KINDS[found.kind], "en", what=found.what),
        since=found.since,
        gone=f"{found.category.major}.0",
        replacement=found.replacement,
        help=found.help,
    )


def tell(found: Deprecation, plugin: str, *, stacklevel: int = 2) -> None:
    """Warn of a use. From the major version on that the category names, the warning is raised instead, unless a filter
    names the category: who needs more time says so."""
    import crmkit

    message = message_of(found, plugin)
    reached = int(crmkit.__version__.partition(".")[0]) >= found.category.major
    if reached and not any(each[2] is found.category for each in warnings.filters):
        raise found.category(message)
    warnings.warn(message, found.category, stacklevel=stacklevel + 1)


def former(name: str) -> Any:
    """Return what a deprecated name of crmkit stands for, and warn whoever asks. Raises AttributeError for a name that
    is not one, and the warning itself where it has become an error."""
    for found in DEPRECATIONS:
        if found.kind == "name" and found.what == name:
            tell(found, _asking(), stacklevel=3)
            module, _colon, attribute = found.target.partition(":")
            return getattr(importlib.import_module(module), attribute)
    raise AttributeError(f"module 'crmkit' has no attribute {name!r}")


def _asking() -> str:
    """Return the package that asks crmkit for a name: what stands behind this module, crmkit itself and the import."""
    frame = sys._getframe(1)
    while True:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in ("crmkit", "importlib") or frame.f_back is None:
            return package
        frame = frame.f_back


def check_hooks(plugin: str, implemented: Sequence[tuple[str, Iterable[str]]]) -> None:
    """Tell of the deprecated hooks, and arguments of hooks, among those that a plugin implements, each with the
    arguments that it takes. Raises the warning itself where it has become an error."""
    if not DEPRECATIONS:
        return
    used = {("hook", hook) for hook, _arguments in implemented}
    used |= {("argument", f"{hook}.{name}") for hook, arguments in implemented for name in arguments}
    _tell_of(plugin, used)


def check_values(plugin: str, values: Iterable[object]) -> None:
    """Tell of the deprecated fields that are filled in what a plugin declares: contributions, or its manifest. Raises
    the warning itself where it has become an error."""
    if not DEPRECATIONS:
        return
    used: set[tuple[str, str]] = set()
    for value in values:
        name = type(value).__name__
        for attribute in attrs.fields(type(value)) if attrs.has(type(value)) else ():
            if getattr(value, attribute.name) != _default(attribute):
                used.add(
                    ("manifest", attribute.name) if name == "PluginManifest" else ("field", f"{name}.{attribute.name}")
                )
    _tell_of(plugin, used)


def _default(attribute: attrs.Attribute[Any]) -> Any:
    default = attribute.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return default.factory()
    return default


def _tell_of(plugin: str, used: set[tuple[str, str]]) -> None:
    for found in DEPRECATIONS:
        if (found.kind, found.what) in used:
            tell(found, f'Plugin "{plugin}"', stacklevel=4)
