"""What value says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_value")

MANIFEST = PluginManifest(
    name="value",
    title=_("Customer value"),
    summary=_("What customers are worth: contribution, RFM, grades, lifetime value, and what to do for it."),
    api="1.0",
    module="crmkit_value.plugin",
    migrations="crmkit_value.migrations",
    sample="crmkit_value.sample:use",
    requires={"analytics": ""},
    after=["sales", "service"],
    permissions=[
        Permission(
            name="value.score.read",
            title=_("See what customers are worth"),
            default_roles=["manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(
            name="value.score.run",
            title=_("Compute what customers are worth"),
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="value.policy.read",
            title=_("See by what value is computed"),
            default_roles=["manager", "marketer", "analyst"],
        ),
        Permission(
            name="value.policy.manage",
            title=_("Change by what value is computed"),
            description=_("Grades and scores decide what is done for customers."),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="value.margin.read",
            title=_("See margins of categories"),
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="value.service_cost.read",
            title=_("See what contacts cost"),
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="value.acquisition_cost.read",
            title=_("See what winning customers cost"),
            default_roles=["manager", "marketer", "analyst"],
        ),
        Permission(
            name="value.cohort.read",
            title=_("See cohorts under contract"),
            default_roles=["manager", "marketer", "analyst"],
        ),
        Permission(
            name="value.not_offered.read",
            title=_("See which products are not offered"),
            default_roles=["manager", "marketer", "analyst"],
        ),
        Permission(
            name="value.margin.manage",
            title=_("Change margins and costs"),
            description=_("They decide what customers are said to contribute."),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="value.programme.manage",
            title=_("Start programmes for customers of high and low value"),
            description=_("They make tasks every day, and leave some customers alone for comparison."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="value.programme.treat",
            title=_("Do what a programme does for a customer"),
            default_roles=["manager"],
        ),
    ],
    uses=[
        "experiment.expose",
        "experiment.update",
        "rule.admin",
        "value.programme.treat",
        "value.score.run",
        "work.task.create",
    ],
    commands={
        "value": Command(
            "crmkit_value.commands:value", _("What customers are worth: models, scores, grades, and why.")
        ),
    },
    license="Apache-2.0",
)
