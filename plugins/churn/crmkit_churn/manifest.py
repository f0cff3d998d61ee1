"""What churn says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_churn")

READERS = ["manager", "seller", "marketer", "service_agent", "analyst"]

MANIFEST = PluginManifest(
    name="churn",
    title=_("Churn"),
    summary=_("Who is leaving, why, what to do, and whether it helped."),
    api="1.0",
    module="crmkit_churn.plugin",
    migrations="crmkit_churn.migrations",
    sample="crmkit_churn.sample:use",
    requires={"analytics": "", "value": "", "work": ""},
    after=["sales", "service"],
    permissions=[
        Permission(
            name="churn.score.read",
            title=_("See how probable it is that customers leave, and why"),
            default_roles=READERS,
        ),
        Permission(name="churn.score.run", title=_("Have customers scored"), default_roles=["manager", "analyst"]),
        Permission(
            name="churn.definition.read", title=_("See what leaving means"), default_roles=["manager", "analyst"]
        ),
        Permission(
            name="churn.definition.manage",
            title=_("Change what leaving means"),
            description=_("Everything that is counted and predicted follows from it."),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
        Permission(name="churn.departure.read", title=_("See who has left, and why"), default_roles=READERS),
        Permission(
            name="churn.departure.update",
            title=_("Say why customers have left"),
            default_roles=["manager", "seller", "service_agent"],
        ),
        Permission(name="churn.health.read", title=_("See health scores"), default_roles=READERS),
        Permission(
            name="churn.health.manage",
            title=_("Change what makes a customer healthy"),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="churn.health.override",
            title=_("Say how healthy a customer is, for some time"),
            default_roles=["manager", "seller", "service_agent"],
        ),
        Permission(name="churn.warning.read", title=_("See warnings"), default_roles=READERS),
        Permission(
            name="churn.warning.update",
            title=_("Work on warnings"),
            default_roles=["manager", "seller", "service_agent"],
        ),
        Permission(
            name="churn.warning_rule.manage",
            title=_("Change when somebody is warned"),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
        Permission(name="churn.playbook.read", title=_("See playbooks and what came of them"), default_roles=READERS),
        Permission(
            name="churn.playbook.manage",
            title=_("Change playbooks, what they may cost and who is held out"),
            description=_("What customers are offered follows from it."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="churn.playbook.start",
            title=_("Start playbooks for customers"),
            risk="medium",
            default_roles=["manager", "seller", "service_agent"],
        ),
    ],
    uses=[
        "analytics.model_run.request",
        "work.notice.create",
        "work.task.create",
        "work.load.note",
    ],
    commands={"churn": Command("crmkit_churn.commands:churn", _("Who is leaving, why, and what to do."))},
    license="Apache-2.0",
)
