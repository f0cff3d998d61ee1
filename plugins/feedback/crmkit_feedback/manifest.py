"""What feedback says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_feedback")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]
WORKING = ["admin", "manager", "seller", "marketer", "service_agent"]
MAKING = ["admin", "manager", "marketer"]
FIGURES = ["admin", "manager", "marketer", "analyst"]

MANIFEST = PluginManifest(
    name="feedback",
    title=_("Feedback"),
    summary=_("Surveys, what customers say by any way, what is done about it, and how satisfied they are."),
    api="1.0",
    module="crmkit_feedback.plugin",
    migrations="crmkit_feedback.migrations",
    settings="crmkit_feedback.settings:FeedbackSettings",
    sample="crmkit_feedback.sample:use",
    requires={"work": ""},
    after=["messaging", "service", "sales", "value", "churn", "analytics", "lifecycle"],
    extra="feedback",
    permissions=[
        # surveys
        Permission(name="feedback.survey.read", title=_("See surveys"), default_roles=EVERYBODY),
        Permission(
            name="feedback.survey.manage",
            title=_("Write, publish and close surveys"),
            description=_("Customers answer them."),
            risk="medium",
            default_roles=MAKING,
        ),
        # asking
        Permission(name="feedback.distribution.read", title=_("See whom surveys ask"), default_roles=EVERYBODY),
        Permission(
            name="feedback.distribution.manage",
            title=_("Have surveys ask customers"),
            description=_("Customers get messages."),
            risk="medium",
            default_roles=MAKING,
        ),
        Permission(name="feedback.invitation.read", title=_("See who was asked"), default_roles=EVERYBODY),
        Permission(name="feedback.invitation.create", title=_("Ask single customers"), default_roles=WORKING),
        Permission(
            name="feedback.invitation.call", title=_("Call customers and write down answers"), default_roles=WORKING
        ),
        # answering
        Permission(name="feedback.response.read", title=_("See answers of customers"), default_roles=EVERYBODY),
        Permission(
            name="feedback.response.import",
            title=_("Take answers over"),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="feedback.response.collect",
            title=_("Take in answers that came as interactions"),
            default_roles=FIGURES,
        ),
        Permission(
            name="feedback.response.answer",
            title=_("Answer surveys"),
            description=_("Customers have it on the page that they answer on."),
            default_roles=["admin", "manager"],
        ),
        # items
        Permission(name="feedback.feedback.read", title=_("See feedback"), default_roles=EVERYBODY),
        Permission(name="feedback.feedback.create", title=_("Write feedback down"), default_roles=WORKING),
        Permission(name="feedback.feedback.update", title=_("See to feedback"), default_roles=WORKING),
        Permission(
            name="feedback.feedback.import",
            title=_("Take feedback over"),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(name="feedback.feedback.judge", title=_("Say whether it is solved"), description=_("For visitors.")),
        Permission(name="feedback.event.read", title=_("See what happened to feedback"), default_roles=EVERYBODY),
        Permission(name="feedback.loop_policy.read", title=_("See policies of the loop"), default_roles=EVERYBODY),
        Permission(
            name="feedback.loop_policy.manage",
            title=_("Change policies of the loop"),
            description=_("They decide by when and by whom feedback is seen to."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        # classifying
        Permission(name="feedback.theme_model.read", title=_("See models of themes"), default_roles=FIGURES),
        Permission(name="feedback.theme.read", title=_("See themes"), default_roles=EVERYBODY),
        Permission(name="feedback.theme.manage", title=_("Change themes"), risk="medium", default_roles=MAKING),
        Permission(
            name="feedback.model.learn",
            title=_("Have models of themes and of sentiment learnt"),
            default_roles=["admin", "manager", "analyst"],
        ),
        # coding
        Permission(name="feedback.coding.read", title=_("See who coded what"), default_roles=MAKING),
        Permission(name="feedback.coding.create", title=_("Code feedback"), default_roles=EVERYBODY),
        Permission(
            name="feedback.coding.draw",
            title=_("Have feedback coded, and decide where people differ"),
            default_roles=MAKING,
        ),
        # measuring and improving
        Permission(name="feedback.score.read", title=_("See figures of satisfaction"), default_roles=EVERYBODY),
        Permission(name="feedback.improvement.read", title=_("See improvements"), default_roles=EVERYBODY),
        Permission(name="feedback.improvement.create", title=_("Plan improvements"), default_roles=WORKING),
        Permission(name="feedback.improvement.update", title=_("Change improvements"), default_roles=WORKING),
        Permission(name="feedback.annotation.manage", title=_("Write down what happened"), default_roles=FIGURES),
    ],
    uses=[
        "messaging.send",
        "public_link.create",
        "work.assignment.create",
        "work.notice.create",
        "work.task.assign",
        "work.task.create",
        "work.task.finish",
        "work.task.reopen",
    ],
    commands={
        "feedback": Command(
            "crmkit_feedback.commands:feedback", _("Surveys, feedback and how satisfied customers are.")
        ),
    },
    needs=["numpy", "sklearn"],
    license="Apache-2.0",
)
