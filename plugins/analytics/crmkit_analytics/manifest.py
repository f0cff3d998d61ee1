"""What analytics says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_analytics")

MANIFEST = PluginManifest(
    name="analytics",
    title=_("Analytics"),
    summary=_("Behaviour, funnels, cohorts, survival, baskets, alerts and clusters, with what they rest on."),
    api="1.0",
    module="crmkit_analytics.plugin",
    migrations="crmkit_analytics.migrations",
    requires={"work": ""},
    after=["sales", "service"],
    settings="crmkit_analytics.settings:AnalyticsSettings",
    permissions=[
        Permission(
            name="analytics.report.read",
            title=_("See analyses of customers"),
            default_roles=["manager", "marketer", "analyst"],
        ),
        Permission(
            name="analytics.definition.read",
            title=_("See how funnels and figures are defined"),
            default_roles=["manager", "marketer", "analyst"],
        ),
        Permission(
            name="analytics.definition.manage",
            title=_("Define funnels and figures"),
            description=_("Everybody reads them by these definitions."),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="analytics.alert.read",
            title=_("See which figures are unusual"),
            default_roles=["manager", "marketer", "analyst"],
        ),
        Permission(
            name="analytics.alert.watch",
            title=_("Be told of unusual figures"),
            default_roles=["manager", "marketer", "analyst"],
        ),
        Permission(
            name="analytics.alert.acknowledge",
            title=_("Acknowledge alerts"),
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="analytics.alert.find",
            title=_("Look for unusual figures"),
            description=_("A worker does so each night."),
            default_roles=["analyst"],
        ),
        Permission(
            name="analytics.model_run.read",
            title=_("See which models were fitted, and how good they are"),
            default_roles=["manager", "analyst", "marketer"],
        ),
        Permission(
            name="analytics.model_run.request",
            title=_("Fit models"),
            description=_("A fit reads all customers, whoever asks for it; what it keeps is about none of them."),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="analytics.model_run.adopt",
            title=_("Adopt models, retire them and roll back"),
            description=_("They decide what is said of customers."),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
    ],
    uses=["dimension.save", "work.notice.create"],
    commands={
        "analytics": Command(
            "crmkit_analytics.commands:analytics",
            _("What customers do: activity, funnels, cohorts, survival, baskets, alerts, models."),
        ),
    },
    sample="crmkit_analytics.sample:use",
    license="Apache-2.0",
)
