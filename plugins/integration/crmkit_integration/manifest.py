"""What integration says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_integration")

MANIFEST = PluginManifest(
    name="integration",
    title=_("Integration"),
    summary=_("Other systems: web-hooks out and in, and two-way synchronisation."),
    api="1.0",
    module="crmkit_integration.plugin",
    commands={
        "integration": Command("crmkit_integration.commands:integration", _("Web-hooks out and in, synchronisation.")),
    },
    settings="crmkit_integration.settings:IntegrationSettings",
    migrations="crmkit_integration.migrations",
    extra="integration",
    needs=["httpcore2"],
    permissions=[
        # webhooks
        Permission(
            name="integration.endpoint.read", title=_("See web-hooks and how they fare"), default_roles=["admin"]
        ),
        Permission(
            name="integration.endpoint.create",
            title=_("Set up web-hooks"),
            description=_("Another system is told what their owner may know."),
            risk="high",
            default_roles=["admin"],
        ),
        Permission(
            name="integration.endpoint.update",
            title=_("Change web-hooks, deliver again, make new secrets"),
            risk="high",
            default_roles=["admin"],
        ),
        Permission(
            name="integration.endpoint.delete",
            title=_("Remove web-hooks"),
            description=_("With what waits for them."),
            risk="medium",
            default_roles=["admin"],
        ),
        Permission(
            name="integration.endpoint.reach_private",
            title=_("Have web-hooks sent into the own network"),
            description=_("The server then calls machines that are not public."),
            risk="high",
            default_roles=["admin"],
        ),
        Permission(name="integration.delivery.read", title=_("See the log of deliveries"), default_roles=["admin"]),
        Permission(name="integration.attempt.read", title=_("See the attempts at deliveries"), default_roles=["admin"]),
        # receiving
        Permission(name="integration.source.read", title=_("See sources of web-hooks"), default_roles=["admin"]),
        Permission(name="integration.mapping.read", title=_("See what web-hooks do here"), default_roles=["admin"]),
        Permission(
            name="integration.source.manage",
            title=_("Set up sources of web-hooks"),
            description=_("What other systems send is done in the name of a user."),
            risk="high",
            default_roles=["admin"],
        ),
        Permission(
            name="integration.received.read", title=_("See web-hooks that came"), default_roles=["admin", "manager"]
        ),
        Permission(
            name="integration.received.update",
            title=_("Work on web-hooks in quarantine"),
            description=_("Mending one and trying again is for whom its source acts as, and for who gives rights."),
            risk="medium",
            default_roles=["admin"],
        ),
        # syncing
        Permission(name="integration.sync.read", title=_("See synchronisations"), default_roles=["admin"]),
        Permission(name="integration.sync_run.read", title=_("See runs of synchronisations"), default_roles=["admin"]),
        Permission(
            name="integration.sync.manage",
            title=_("Set up synchronisations"),
            description=_("Customers are sent to another system, and changed by it."),
            risk="high",
            default_roles=["admin"],
        ),
        Permission(
            name="integration.sync.run", title=_("Run synchronisations"), risk="medium", default_roles=["admin"]
        ),
        Permission(
            name="integration.conflict.read",
            title=_("See conflicts of synchronisations"),
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="integration.conflict.resolve",
            title=_("Settle conflicts of synchronisations"),
            description=_("Whose value holds, ours or theirs."),
            default_roles=["admin", "manager"],
        ),
    ],
    license="Apache-2.0",
)
