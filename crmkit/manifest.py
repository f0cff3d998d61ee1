"""What a plugin says about itself before any of its code is imported.

Must not import anything of crmkit but errors and texts: a manifest is read by commands that start in milliseconds and
by admins who have not decided yet whether to trust the plugin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from attrs import Attribute, field, frozen
from attrs.converters import optional

from crmkit.errors import ManifestError
from crmkit.i18n import texts

_ = texts("crmkit")

HOOK_API = (1, 0)
"""The hook API of this kernel as (major, minor); versioned apart from the package."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
_API = re.compile(r"(\d+)\.(\d+)")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*)?")

Risk = Literal["low", "medium", "high"]


def _matches(pattern: re.Pattern[str], example: str) -> Any:
    def check(instance: object, attribute: Attribute[str], value: object) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ManifestError(
                _('"{value}" is not a valid {attribute}.'),
                fix=_("It should look like {example}."),
                plugin=getattr(instance, "name", None),
                value=value,
                attribute=attribute.name,
                example=example,
            )

    return check


@frozen(kw_only=True)
class Permission:
    """A permission that a plugin introduces, shown to the admin before the plugin is enabled.

    ``name`` is ``<plugin>.<resource>.<verb>``; ``risk`` says what harm careless use can do; ``default_roles`` are the
    shipped roles that get it at enabling.
    """

    name: str = field(validator=_matches(re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+"), "warranty.claim"))
    title: str
    description: str = ""
    risk: Risk = "low"
    default_roles: tuple[str, ...] = field(default=(), converter=tuple)


@frozen
class Command:
    """A command that a plugin brings: where its click command is, as ``package.module:name``, and its help in one line,
    which lists show without importing it."""

    target: str
    help: str = ""


def _commands(given: Mapping[str, str | Command]) -> Mapping[str, Command]:
    return {name: each if isinstance(each, Command) else Command(each) for name, each in given.items()}


@frozen(kw_only=True)
class PluginManifest:
    """Static facts about a plugin.

    ``name`` equals the entry point's name and is the prefix of the plugin's tables, permissions, operations, settings,
    templates and events. ``api`` is the hook API needed: the same major, at least that minor; there is no upper bound.
    ``module`` is the dotted path of the hook module, imported only when the plugin is enabled. ``requires`` maps
    plugins to version specifiers ("" for any), ``after`` only orders, ``conflicts`` excludes. ``settings`` is the
    dotted path (``package.module:Class``) of an attrs class, ``migrations`` the package of the alembic revisions,
    ``extra`` the extra of the distribution that the plugin needs and ``needs`` the import names that prove it is
    there. ``uses`` lists permissions, of others above all, that the plugin exercises on its own behalf. ``sample`` is
    the dotted path (``package.module:function``) of what uses the plugin for one customer (``use(crm, customer_id)``):
    ``crmkit plugin check`` tries the plugin with what that makes, in place of rows that are made up.

    Raises ManifestError when a value is not allowed.
    """

    name: str = field(validator=_matches(NAME, "warranty"))
    title: str
    summary: str = ""
    version: str = "0"
    api: str = field(default="1.0", validator=_matches(_API, "1.0"))
    module: str = field(validator=_matches(_DOTTED, "crmkit_warranty.plugin"))
    requires: Mapping[str, str] = field(factory=dict)
    after: tuple[str, ...] = field(default=(), converter=tuple)
    conflicts: tuple[str, ...] = field(default=(), converter=tuple)
    permissions: tuple[Permission, ...] = field(default=(), converter=tuple)
    uses: tuple[str, ...] = field(default=(), converter=tuple)
    commands: Mapping[str, Command] = field(factory=dict, converter=_commands)
    """Command name → its `Command`, or its target alone; a name of two words joins a group of the kernel's."""
    settings: str | None = field(
        default=None, validator=lambda i, a, v: None if v is None else _matches(_DOTTED, "p.m:C")(i, a, v)
    )
    migrations: str | None = field(
        default=None, validator=lambda i, a, v: None if v is None else _matches(_DOTTED, "p.migrations")(i, a, v)
    )
    sample: str | None = field(
        default=None, validator=lambda i, a, v: None if v is None else _matches(_DOTTED, "p.sample:use")(i, a, v)
    )
    extra: str | None = None
    needs: tuple[str, ...] = field(default=(), converter=tuple)
    homepage: str | None = None
    license: str | None = None
    security_contact: str | None = field(default=None, converter=optional(str))

    def __attrs_post_init__(self) -> None:
        for permission in self.permissions:
            if not permission.name.startswith(f"{self.name}."):
                raise ManifestError(
                    _('Permission "{permission}" must begin with "{prefix}".'),
                    plugin=self.name,
                    permission=permission.name,
                    prefix=f"{self.name}.",
                )
        for other in (*self.requires, *self.after, *self.conflicts):
            if not NAME.fullmatch(other) or other == self.name:
                raise ManifestError(_('"{other}" is not the name of another plugin.'), plugin=self.name, other=other)

    @property
    def package(self) -> str:
        """Return the import package that the hook module lives in."""
        return self.module.rpartition(".")[0] or self.module

    def api_fits(self, offered: tuple[int, int] = HOOK_API) -> bool:
        """Say whether a kernel with hook API ``offered`` can run this plugin."""
        match = _API.fullmatch(self.api)
        assert match is not None
        major, minor = int(match[1]), int(match[2])
        return major == offered[0] and minor <= offered[1]
