"""What experience says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_experience")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]
WORKING = ["admin", "manager", "seller", "marketer", "service_agent"]
LOOKING = ["admin", "manager", "marketer", "analyst"]
DESIGNING = ["admin", "manager", "marketer"]

MANIFEST = PluginManifest(
    name="experience",
    title=_("Experience"),
    summary=_(
        "How it is to be our customer: what help costs, how well staff do, what was promised, what made it better."
    ),
    api="1.0",
    module="crmkit_experience.plugin",
    migrations="crmkit_experience.migrations",
    settings="crmkit_experience.settings:ExperienceSettings",
    after=["journey", "service", "feedback", "messaging", "work", "knowledge"],
    extra="experience",
    permissions=[
        Permission(name="experience.promise.read", title=_("See promises"), default_roles=EVERYBODY),
        Permission(name="experience.promise.create", title=_("Note promises"), default_roles=WORKING),
        Permission(name="experience.promise.update", title=_("Say what became of promises"), default_roles=WORKING),
        Permission(
            name="experience.promise_suggestion.read",
            title=_("See texts that read like promises"),
            default_roles=WORKING,
        ),
        Permission(name="experience.scorecard.read", title=_("See scorecards"), default_roles=EVERYBODY),
        Permission(
            name="experience.scorecard.manage",
            title=_("Write and publish scorecards"),
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="experience.review.read",
            title=_("See reviews"),
            description=_("One's own and those one is to do; all of them whoever leads."),
            default_roles=EVERYBODY,
        ),
        Permission(
            name="experience.review.manage",
            title=_("Draw conversations to review"),
            default_roles=["admin", "manager"],
        ),
        Permission(name="experience.review.score", title=_("Review conversations"), default_roles=WORKING),
        Permission(name="experience.review.dispute", title=_("Dispute one's own reviews"), default_roles=WORKING),
        Permission(
            name="experience.review.settle", title=_("Decide about disputes"), default_roles=["admin", "manager"]
        ),
        Permission(name="experience.calibration.read", title=_("See calibrations"), default_roles=EVERYBODY),
        Permission(
            name="experience.calibration.manage",
            title=_("Open and compare calibrations"),
            default_roles=["admin", "manager"],
        ),
        Permission(name="experience.effort.read", title=_("See what effort customers had"), default_roles=EVERYBODY),
        Permission(name="experience.effort.manage", title=_("Compute effort anew"), default_roles=["admin", "manager"]),
        Permission(
            name="experience.friction.read", title=_("See where it is hard for customers"), default_roles=LOOKING
        ),
        Permission(
            name="experience.friction.manage",
            title=_("Look anew where it is hard for customers"),
            default_roles=["admin", "manager"],
        ),
        Permission(name="experience.action.read", title=_("See what was done about it"), default_roles=LOOKING),
        Permission(name="experience.action.create", title=_("Plan improvements"), default_roles=DESIGNING),
        Permission(name="experience.action.update", title=_("Carry improvements out"), default_roles=DESIGNING),
    ],
    uses=["work.notice.create", "work.task.create", "work.task.drop", "work.task.finish"],
    commands={
        "experience": Command(
            "crmkit_experience.commands:experience",
            _("Experience: reviews, effort, promises, friction, and what was improved."),
        )
    },
    license="Apache-2.0",
)
