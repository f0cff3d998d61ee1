"""What lifecycle says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_lifecycle")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]
WORKING = ["admin", "manager", "seller", "marketer", "service_agent"]

MANIFEST = PluginManifest(
    name="lifecycle",
    title=_("Lifecycle"),
    summary=_("Lifecycle models, stages and passages, onboarding, conversion and win-back."),
    api="1.0",
    module="crmkit_lifecycle.plugin",
    migrations="crmkit_lifecycle.migrations",
    requires={"work": ""},
    after=["sales", "churn", "value"],
    extra="lifecycle",
    permissions=[
        Permission(
            name="lifecycle.model.manage",
            title=_("Change lifecycle models"),
            description=_("They decide who counts as how far, and whom stages hand customers to."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="lifecycle.passage.read",
            title=_("See how far customers have come"),
            description=_("Of customers who can be seen."),
            default_roles=EVERYBODY,
        ),
        Permission(
            name="lifecycle.passage.move",
            title=_("Move customers to stages"),
            description=_("Back, ahead and against the criteria with a reason."),
            default_roles=WORKING,
        ),
        Permission(
            name="lifecycle.passage.answer", title=_("Accept and decline whom stages hand over"), default_roles=WORKING
        ),
        Permission(
            name="lifecycle.passage.run",
            title=_("Have all customers looked at"),
            default_roles=["admin", "manager", "analyst"],
        ),
        Permission(
            name="lifecycle.passage.replay",
            title=_("Compute lifecycles for the past"),
            risk="medium",
            default_roles=["admin"],
        ),
        Permission(
            name="lifecycle.winback.read",
            title=_("See what is tried to keep customers and to win them back"),
            default_roles=EVERYBODY,
        ),
        Permission(
            name="lifecycle.winback.manage",
            title=_("Change plans to keep and to win back, and how activity is judged"),
            risk="medium",
            default_roles=["admin", "manager", "marketer"],
        ),
        Permission(name="lifecycle.winback.stop", title=_("Stop attempts to keep or win back"), default_roles=WORKING),
        Permission(
            name="lifecycle.winback.run",
            title=_("Have plans carried out"),
            default_roles=["admin", "manager", "marketer"],
        ),
        Permission(
            name="lifecycle.template.manage",
            title=_("Change onboarding lists"),
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="lifecycle.checklist.read", title=_("See the onboarding of customers"), default_roles=EVERYBODY
        ),
        Permission(name="lifecycle.checklist.create", title=_("Begin onboarding lists"), default_roles=WORKING),
        Permission(name="lifecycle.checklist.update", title=_("Tick what is done"), default_roles=WORKING),
        Permission(name="lifecycle.review.read", title=_("See renewals and reviews"), default_roles=EVERYBODY),
        Permission(name="lifecycle.review.create", title=_("Plan renewals and reviews"), default_roles=WORKING),
        Permission(name="lifecycle.review.update", title=_("Hold and cancel reviews"), default_roles=WORKING),
        Permission(
            name="lifecycle.cost.manage",
            title=_("Write down what sources cost"),
            default_roles=["admin", "manager", "marketer"],
        ),
    ],
    uses=[
        "work.handoff.create",
        "work.handoff.update",
        "work.notice.create",
        "work.task.create",
    ],
    commands={
        "lifecycle": Command(
            "crmkit_lifecycle.commands:lifecycle",
            _("Stages of customers, what is ahead of them, onboarding, and winning back."),
        ),
    },
    sample="crmkit_lifecycle.sample:use",
    needs=["numpy"],
    license="Apache-2.0",
)
