"""What the plugin says about itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Permission, PluginManifest

_ = texts("crmkit_warranty")

MANIFEST = PluginManifest(
    name="warranty",
    title=_("Warranties"),
    summary=_("Warranties with serial numbers, claims on them, and a reminder before they end."),
    api="1.0",
    module="crmkit_warranty.plugin",
    permissions=(
        Permission(
            name="warranty.warranty.read",
            title=_("See warranties"),
            default_roles=("manager", "seller", "service_agent", "analyst"),
        ),
        Permission(
            name="warranty.claim.read",
            title=_("See claims"),
            default_roles=("manager", "seller", "service_agent", "analyst"),
        ),
        Permission(name="warranty.terms.create", title=_("Add terms of warranty"), default_roles=("manager", "admin")),
        Permission(
            name="warranty.warranty.create",
            title=_("Register a warranty"),
            default_roles=("manager", "seller", "service_agent"),
        ),
        Permission(
            name="warranty.warranty.extend",
            title=_("Extend a warranty"),
            description=_("Lengthens what the company is liable for."),
            risk="medium",
            default_roles=("manager",),
        ),
        Permission(
            name="warranty.warranty.claim",
            title=_("Open a claim"),
            default_roles=("manager", "seller", "service_agent"),
        ),
        Permission(
            name="warranty.warranty.settle", title=_("Settle a claim"), risk="medium", default_roles=("manager",)
        ),
        Permission(
            name="warranty.warranty.close", title=_("Close a warranty"), risk="medium", default_roles=("manager",)
        ),
        Permission(
            name="warranty.warranty.remind",
            title=_("Note a reminder"),
            default_roles=("manager", "service_agent"),
        ),
    ),
    uses=("interaction.create", "warranty.warranty.close"),
    commands={"warranty": "crmkit_warranty.commands:warranty"},
    settings="crmkit_warranty.settings:WarrantySettings",
    migrations="crmkit_warranty.migrations",
    homepage="https://example.com/crmkit-warranty",
    license="Apache-2.0",
    security_contact="security@example.com",
)
