"""What knowledge says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_knowledge")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]
WRITING = ["admin", "manager", "marketer", "service_agent"]

MANIFEST = PluginManifest(
    name="knowledge",
    title=_("Knowledge"),
    summary=_("What is known for customers and about them: written, reviewed, found, and kept right."),
    api="1.0",
    module="crmkit_knowledge.plugin",
    migrations="crmkit_knowledge.migrations",
    after=["service", "feedback", "messaging"],
    extra="knowledge",
    permissions=[
        Permission(name="knowledge.space.read", title=_("See spaces"), default_roles=EVERYBODY),
        Permission(
            name="knowledge.space.manage",
            title=_("Change spaces and categories"),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(name="knowledge.category.read", title=_("See categories"), default_roles=EVERYBODY),
        Permission(name="knowledge.article.read", title=_("Read articles and their drafts"), default_roles=EVERYBODY),
        Permission(name="knowledge.article.create", title=_("Write articles"), default_roles=WRITING),
        Permission(name="knowledge.article.update", title=_("Change articles"), default_roles=WRITING),
        Permission(
            name="knowledge.article.import",
            title=_("Take articles over"),
            description=_("They are published at once."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="knowledge.article.approve",
            title=_("Approve articles"),
            description=_("And say that they are still right."),
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="knowledge.article.release",
            title=_("Publish and archive articles"),
            description=_("Anybody may read what is published for everybody."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
    ],
    commands={
        "knowledge": Command(
            "crmkit_knowledge.commands:knowledge",
            _("Articles: taking them over, finding them, and how well they are found."),
        )
    },
    license="Apache-2.0",
)
