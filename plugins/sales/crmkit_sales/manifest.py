"""What sales says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Permission, PluginManifest

_ = texts("crmkit_sales")

MANIFEST = PluginManifest(
    name="sales",
    title=_("Sales"),
    summary=_("Opportunities on their way through the stages of a sale."),
    api="1.0",
    module="crmkit_sales.plugin",
    migrations="crmkit_sales.migrations",
    permissions=[
        Permission(
            name="sales.opportunity.read",
            title=_("See opportunities"),
            default_roles=["manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(name="sales.opportunity.create", title=_("Add opportunities"), default_roles=["manager", "seller"]),
        Permission(
            name="sales.opportunity.update",
            title=_("Change opportunities and move them between stages"),
            default_roles=["manager", "seller"],
        ),
        Permission(
            name="sales.opportunity.close",
            title=_("Win, lose and reopen opportunities"),
            description=_("What was won counts in forecasts and commissions."),
            risk="medium",
            default_roles=["manager", "seller"],
        ),
    ],
    uses=["customer.convert"],
    license="Apache-2.0",
)
