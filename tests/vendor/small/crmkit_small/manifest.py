"""What the plugin says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Permission, PluginManifest

_ = texts("crmkit_small")

MANIFEST = PluginManifest(
    name="small",
    title=_("Items"),
    api="1.0",
    module="crmkit_small.plugin",
    migrations="crmkit_small.migrations",
    commands={"small": "crmkit_small.commands:group"},
    permissions=[
        Permission(name="small.item.read", title=_("See items"), default_roles=["manager"]),
        Permission(name="small.item.create", title=_("Add items"), default_roles=["manager"]),
        Permission(name="small.item.update", title=_("Finish items"), default_roles=["manager"]),
    ],
)
