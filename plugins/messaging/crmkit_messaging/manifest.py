"""What messaging says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_messaging")

MANIFEST = PluginManifest(
    name="messaging",
    title=_("Messaging"),
    summary=_("Messages to customers and from them: templates, one gate for consent and caps, mail out and in."),
    api="1.0",
    module="crmkit_messaging.plugin",
    requires={"work": ""},
    commands={
        "messaging": Command("crmkit_messaging.commands:messaging", _("Mailboxes, templates, messages out and in.")),
    },
    settings="crmkit_messaging.settings:MessagingSettings",
    migrations="crmkit_messaging.migrations",
    extra="messaging",
    needs=["dns", "mailparser_reply", "markdown_it", "nh3", "yaml"],
    permissions=[
        # mail
        Permission(
            name="messaging.mailbox.manage",
            title=_("Set up mailboxes"),
            description=_("The servers, accounts and passwords by which mail goes out and comes in."),
            risk="high",
            default_roles=["admin"],
        ),
        # composing
        Permission(
            name="messaging.template.read",
            title=_("See message templates"),
            default_roles=["admin", "manager", "marketer", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="messaging.template.manage",
            title=_("Write message templates"),
            description=_("In drafts, of which nothing is sent before they are published."),
            default_roles=["admin", "manager", "marketer", "service_agent"],
        ),
        Permission(
            name="messaging.template.publish",
            title=_("Publish and delete message templates"),
            description=_("What is published is what customers get."),
            risk="medium",
            default_roles=["admin", "manager", "marketer"],
        ),
        # sending
        Permission(
            name="messaging.message.read",
            title=_("See messages"),
            description=_(
                "Messages to customers whom somebody sees; their texts as far as sensitive values are shown."
            ),
            default_roles=["manager", "marketer", "service_agent", "seller"],
        ),
        Permission(
            name="messaging.message.send",
            title=_("Send messages to customers"),
            description=_("Only through the gate: consent, quiet hours, caps and suppression hold."),
            risk="medium",
            default_roles=["manager", "marketer", "service_agent", "seller"],
        ),
        Permission(
            name="messaging.message.manage",
            title=_("Cancel messages and decide on uncertain ones"),
            description=_("What is uncertain may arrive twice when it is sent again."),
            risk="medium",
            default_roles=["manager", "marketer", "service_agent"],
        ),
        Permission(
            name="messaging.policy.manage",
            title=_("Change policies, quiet hours and caps"),
            description=_("They decide which messages may leave, and when."),
            risk="high",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="messaging.suppression.manage",
            title=_("Suppress addresses and lift suppressions"),
            description=_("Who is suppressed gets no messages, whatever was agreed to."),
            risk="medium",
            default_roles=["admin", "manager", "marketer", "service_agent"],
        ),
        # leaving
        # receiving
        Permission(
            name="messaging.mail.read",
            title=_("See received mails"),
            description=_("Those of customers whom somebody sees, and with scope all those of unknown senders."),
            default_roles=["manager", "marketer", "service_agent", "seller"],
        ),
        Permission(
            name="messaging.mail.resolve",
            title=_("Say who sent a mail"),
            description=_("Of mails whose sender is unknown."),
            default_roles=["manager", "service_agent", "seller"],
        ),
        Permission(
            name="messaging.mail.receive",
            title=_("Hand mails in"),
            description=_("What is handed in counts as having come by mail."),
            risk="medium",
            default_roles=["admin"],
        ),
        Permission(
            name="messaging.mailbox.fetch",
            title=_("Have mailboxes read at once"),
            default_roles=["admin", "manager", "service_agent"],
        ),
        Permission(
            name="messaging.bounce.read",
            title=_("See bounces and complaints"),
            default_roles=["manager", "marketer", "service_agent", "seller", "analyst"],
        ),
    ],
    uses=[
        "attachment.create",
        "contact_point.add",
        "customer.create",
        "interaction.create",
        "interaction.update",
        "work.task.create",
    ],
    license="Apache-2.0",
)
