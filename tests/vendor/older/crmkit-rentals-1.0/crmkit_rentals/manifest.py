"""What the plugin says about itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Permission, PluginManifest

_ = texts("crmkit_rentals")

MANIFEST = PluginManifest(
    name="rentals",
    title=_("Rentals"),
    api="1.0",
    module="crmkit_rentals.plugin",
    permissions=(
        Permission(
            name="rentals.item.read",
            title=_("See items"),
            default_roles=("manager", "seller", "service_agent", "analyst"),
        ),
        Permission(
            name="rentals.item.create",
            title=_("Add an item"),
            default_roles=("manager", "seller", "service_agent"),
        ),
        Permission(
            name="rentals.item.update",
            title=_("Finish an item"),
            default_roles=("manager", "seller", "service_agent"),
        ),
    ),
    commands={"rentals": "crmkit_rentals.commands:group"},
    settings="crmkit_rentals.settings:PluginSettings",
    migrations="crmkit_rentals.migrations",
    security_contact="security@example.com",
)
