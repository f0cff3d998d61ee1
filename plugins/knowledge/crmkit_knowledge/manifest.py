"""What knowledge says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_knowledge")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]
WORKING = ["admin", "manager", "seller", "marketer", "service_agent"]
WRITING = ["admin", "manager", "marketer", "service_agent"]

MANIFEST = PluginManifest(
    name="knowledge",
    title=_("Knowledge"),
    summary=_("What is known for customers and about them: written, reviewed, found, and kept right."),
    api="1.0",
    module="crmkit_knowledge.plugin",
    migrations="crmkit_knowledge.migrations",
    settings="crmkit_knowledge.settings:KnowledgeSettings",
    after=["service", "feedback", "messaging", "work"],
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
            name="knowledge.article.export",
            title=_("Export all articles"),
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
        Permission(name="knowledge.insight.read", title=_("See what is known of customers"), default_roles=EVERYBODY),
        Permission(name="knowledge.insight.create", title=_("Note what is known of customers"), default_roles=WORKING),
        Permission(
            name="knowledge.insight.update",
            title=_("Change what is known of customers"),
            description=_("And say that promises were kept or broken."),
            default_roles=WORKING,
        ),
        Permission(name="knowledge.insight_topic.read", title=_("See topics of insights"), default_roles=EVERYBODY),
        Permission(
            name="knowledge.insight_topic.manage",
            title=_("Change topics of insights"),
            default_roles=["admin", "manager"],
        ),
        Permission(name="knowledge.policy.read", title=_("See verification policies"), default_roles=EVERYBODY),
        Permission(
            name="knowledge.policy.manage",
            title=_("Change verification policies"),
            description=_("They decide when articles are recalled and hidden."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(name="knowledge.synonym.read", title=_("See synonyms"), default_roles=EVERYBODY),
        Permission(
            name="knowledge.synonym.manage",
            title=_("Change synonyms"),
            description=_("They decide what searches find."),
            default_roles=["admin", "manager"],
        ),
        Permission(name="knowledge.tag.read", title=_("See tags of articles"), default_roles=EVERYBODY),
        Permission(
            name="knowledge.tag.manage",
            title=_("Change tags of articles"),
            description=_("And add new ones on the fly."),
            default_roles=["admin", "manager"],
        ),
        Permission(name="knowledge.pattern.read", title=_("See templates of articles"), default_roles=EVERYBODY),
        Permission(
            name="knowledge.pattern.manage",
            title=_("Change templates of articles"),
            default_roles=["admin", "manager"],
        ),
        Permission(name="knowledge.session.create", title=_("Note that somebody asks"), default_roles=["admin"]),
        Permission(name="knowledge.session.update", title=_("Note what came of it"), default_roles=["admin"]),
        Permission(
            name="knowledge.session.read",
            title=_("See how many cases articles spare"),
            default_roles=["admin", "manager", "analyst"],
        ),
        Permission(name="knowledge.gap.read", title=_("See what no article answers"), default_roles=WRITING),
        Permission(name="knowledge.gap_record.read", title=_("See in which records"), default_roles=WRITING),
        Permission(name="knowledge.gap.update", title=_("See to gaps"), default_roles=WRITING),
        Permission(
            name="knowledge.gap.manage", title=_("Look for gaps"), risk="medium", default_roles=["admin", "manager"]
        ),
        Permission(name="knowledge.alike.read", title=_("See articles that are alike"), default_roles=WRITING),
        Permission(name="knowledge.alike.update", title=_("Say that both are wanted"), default_roles=WRITING),
        Permission(name="knowledge.link.read", title=_("See which articles helped"), default_roles=EVERYBODY),
        Permission(name="knowledge.link.create", title=_("Say which articles helped"), default_roles=WORKING),
        Permission(name="knowledge.link.update", title=_("Take links of articles away"), default_roles=WORKING),
        Permission(
            name="knowledge.search.create",
            title=_("Note what is searched"),
            description=_("Without personal data, and without who it was."),
            default_roles=EVERYBODY,
        ),
        Permission(
            name="knowledge.search.read",
            title=_("See what is searched"),
            default_roles=["admin", "manager", "analyst"],
        ),
        Permission(name="knowledge.question.read", title=_("See questions without an answer"), default_roles=EVERYBODY),
        Permission(
            name="knowledge.question.manage",
            title=_("Take and decide questions"),
            default_roles=WRITING,
        ),
        Permission(name="knowledge.vote.create", title=_("Say whether articles help"), default_roles=EVERYBODY),
        Permission(name="knowledge.vote.read", title=_("See whether articles help"), default_roles=EVERYBODY),
        Permission(name="knowledge.vote.manage", title=_("Settle comments on articles"), default_roles=WRITING),
    ],
    uses=["work.notice.create", "work.task.create", "work.task.drop", "work.task.finish"],
    commands={
        "knowledge": Command(
            "crmkit_knowledge.commands:knowledge",
            _("Articles: taking them over, finding them, and how well they are found."),
        )
    },
    license="Apache-2.0",
)
