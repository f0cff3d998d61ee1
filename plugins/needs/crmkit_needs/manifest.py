"""What needs says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_needs")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]
WORKING = ["admin", "manager", "seller", "marketer", "service_agent"]
MAKING = ["admin", "manager", "marketer"]

MANIFEST = PluginManifest(
    name="needs",
    title=_("Needs"),
    summary=_("What customers need, who says so, what it is worth, and what becomes of it."),
    api="1.0",
    module="crmkit_needs.plugin",
    migrations="crmkit_needs.migrations",
    settings="crmkit_needs.settings:NeedsSettings",
    sample="crmkit_needs.sample:use",
    requires={"work": ""},
    after=["messaging", "service", "sales", "value", "churn", "feedback"],
    extra="needs",
    permissions=[
        Permission(name="needs.area.read", title=_("See product areas"), default_roles=EVERYBODY),
        Permission(name="needs.area.manage", title=_("Change product areas"), default_roles=MAKING),
        Permission(name="needs.need.read", title=_("See needs"), default_roles=EVERYBODY),
        Permission(name="needs.need.create", title=_("Write needs down"), default_roles=WORKING),
        Permission(
            name="needs.need.update",
            title=_("Decide on needs"),
            description=_("Customers are told what becomes of them."),
            default_roles=MAKING,
        ),
        Permission(
            name="needs.need.merge", title=_("Merge needs that are the same"), risk="medium", default_roles=MAKING
        ),
        Permission(
            name="needs.need.import", title=_("Take needs over"), risk="medium", default_roles=["admin", "manager"]
        ),
        Permission(name="needs.evidence.read", title=_("See who needs what"), default_roles=EVERYBODY),
        Permission(name="needs.evidence.create", title=_("Write down who needs what"), default_roles=WORKING),
        Permission(name="needs.evidence.update", title=_("Change who needs what"), default_roles=WORKING),
        Permission(name="needs.board.read", title=_("See how the public board is set up"), default_roles=EVERYBODY),
        Permission(name="needs.board.vote", title=_("Vote on the public board"), default_roles=WORKING),
        Permission(name="needs.board.suggest", title=_("Suggest something"), description=_("For visitors.")),
        Permission(
            name="needs.board.manage",
            title=_("Change the public board"),
            description=_("Anybody may read it."),
            risk="medium",
            default_roles=MAKING,
        ),
        Permission(
            name="needs.model.manage", title=_("Change how needs are scored"), risk="medium", default_roles=MAKING
        ),
        Permission(name="needs.topic_run.read", title=_("See searches for topics"), default_roles=[*MAKING, "analyst"]),
        Permission(name="needs.topic.read", title=_("See topics"), default_roles=[*MAKING, "analyst"]),
        Permission(
            name="needs.topic.mine",
            title=_("Look for topics"),
            description=_("In texts of the customers whom they may see."),
            risk="medium",
            default_roles=[*MAKING, "analyst"],
        ),
        Permission(name="needs.topic.update", title=_("Decide on topics"), default_roles=MAKING),
    ],
    uses=[
        "feedback.invitation.create",
        "messaging.send",
        "public_link.create",
        "work.assignment.create",
        "work.notice.create",
        "work.task.assign",
        "work.task.create",
        "work.task.drop",
        "work.task.finish",
        "work.task.reopen",
        "work.task.update",
    ],
    commands={"needs": Command("crmkit_needs.commands:needs", _("What customers need, and what it is worth."))},
    license="Apache-2.0",
)
