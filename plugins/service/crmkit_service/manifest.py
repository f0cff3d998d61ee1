"""What service says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_service")

MANIFEST = PluginManifest(
    name="service",
    title=_("Service"),
    summary=_("Cases, service levels, the inbox of agents, and what service costs and achieves."),
    api="1.0",
    module="crmkit_service.plugin",
    settings="crmkit_service.settings:ServiceSettings",
    migrations="crmkit_service.migrations",
    requires={"work": ""},
    after=["messaging", "sales"],
    sample="crmkit_service.sample:use",
    permissions=[
        # cases
        Permission(
            name="service.case.read",
            title=_("See cases, and what was said in them"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.case.create", title=_("Open cases"), default_roles=["manager", "service_agent", "seller"]
        ),
        Permission(name="service.case.update", title=_("Work on cases"), default_roles=["manager", "service_agent"]),
        Permission(
            name="service.case.receive",
            title=_("Add what customers wrote to cases"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(name="service.case.reply", title=_("Answer in cases"), default_roles=["manager", "service_agent"]),
        Permission(
            name="service.case.note",
            title=_("Add internal notes to cases"),
            default_roles=["manager", "service_agent", "seller"],
        ),
        Permission(
            name="service.case.merge",
            title=_("Merge, split and link cases"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.case.import",
            title=_("Take in cases of other systems, with their past"),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="service.case_type.read",
            title=_("See types of case"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.case_type.manage",
            title=_("Change types of case"),
            description=_("They decide which states there are, and when a case is opened again."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="service.complaint.update",
            title=_("Note how complaints are handled"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.complaint.grant",
            title=_("Grant redress to customers who complained"),
            description=_("May cost money."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="service.after_sale.read",
            title=_("See what was done after sales"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.after_sale.create",
            title=_("Record what is done after sales"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.after_sale.update",
            title=_("Change what is done after sales"),
            default_roles=["manager", "service_agent"],
        ),
        # sla
        Permission(
            name="service.sla_policy.read",
            title=_("See service levels"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.sla_policy.manage",
            title=_("Lay down service levels, escalation ladders and who is on call"),
            description=_("They decide by when cases are due, and who is told when they are not met."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="service.sla_ladder.read",
            title=_("See escalation ladders of cases"),
            default_roles=["manager", "service_agent", "analyst"],
        ),
        Permission(
            name="service.clock.read",
            title=_("See the clocks of cases"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.escalation.read",
            title=_("See what escalated"),
            default_roles=["manager", "service_agent", "analyst"],
        ),
        Permission(
            name="service.rota.read",
            title=_("See who is on call"),
            default_roles=["manager", "service_agent", "analyst"],
        ),
        Permission(
            name="service.rota_shift.read",
            title=_("See turns on call"),
            default_roles=["manager", "service_agent", "analyst"],
        ),
        # channels
        Permission(name="service.form.answer", title=_("Fill in forms"), description=_("For visitors.")),
        Permission(name="service.intake.create", title=_("Leave requests"), description=_("For visitors.")),
        Permission(
            name="service.deflection.create",
            title=_("Note what was shown before a form was sent"),
            description=_("For visitors."),
        ),
        Permission(
            name="service.deflection.read",
            title=_("See what spared cases"),
            default_roles=["manager", "service_agent", "analyst"],
        ),
        Permission(name="service.case.visit", title=_("Write on the page of a case"), description=_("For visitors.")),
        Permission(
            name="service.case.rate",
            title=_("Rate how a case was solved"),
            description=_("For visitors; and for who notes what a customer has said."),
            default_roles=["manager"],
        ),
        Permission(
            name="service.channel.read",
            title=_("See where cases come in"),
            default_roles=["admin", "manager", "service_agent"],
        ),
        Permission(
            name="service.channel.manage",
            title=_("Set up where cases come in"),
            description=_("Whoever has the address of a form can fill it in."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="service.intake.read",
            title=_("See what came in, and what became of it"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.intake.update",
            title=_("Put into a case what was set aside"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.request.capture",
            title=_("Take in requests of other systems"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.rating.read",
            title=_("See how satisfied customers are"),
            default_roles=["manager", "service_agent", "analyst"],
        ),
        Permission(
            name="service.handling.read",
            title=_("See what time was spent on cases"),
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="service.cost.read",
            title=_("See what an hour of handling costs"),
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="service.cost.manage",
            title=_("Set what an hour of handling costs"),
            risk="medium",
            default_roles=["manager"],
        ),
        # desk
        Permission(
            name="service.saved_reply.read",
            title=_("See saved replies"),
            default_roles=["manager", "service_agent", "analyst"],
        ),
        Permission(
            name="service.saved_reply.create",
            title=_("Add saved replies for oneself"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.saved_reply.update",
            title=_("Change one's own saved replies"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.saved_reply.delete",
            title=_("Remove one's own saved replies"),
            default_roles=["manager", "service_agent"],
        ),
        Permission(
            name="service.saved_reply.manage",
            title=_("Change saved replies of teams and of everybody"),
            default_roles=["manager"],
        ),
        Permission(
            name="service.macro.read", title=_("See macros"), default_roles=["manager", "service_agent", "analyst"]
        ),
        Permission(
            name="service.macro.create", title=_("Add macros for oneself"), default_roles=["manager", "service_agent"]
        ),
        Permission(
            name="service.macro.update", title=_("Change one's own macros"), default_roles=["manager", "service_agent"]
        ),
        Permission(
            name="service.macro.delete", title=_("Remove one's own macros"), default_roles=["manager", "service_agent"]
        ),
        Permission(
            name="service.macro.manage",
            title=_("Change macros of teams and of everybody"),
            description=_("A macro runs with the rights of whoever presses it."),
            default_roles=["manager"],
        ),
        Permission(
            name="service.view.read",
            title=_("See kept views of the inbox"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.view.create",
            title=_("Keep views of the inbox"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.view.delete",
            title=_("Remove one's own views of the inbox"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.view.manage",
            title=_("Change views of teams and of everybody"),
            default_roles=["manager"],
        ),
        # intents
        Permission(
            name="service.intent.read",
            title=_("See intents"),
            default_roles=["manager", "service_agent", "seller", "analyst"],
        ),
        Permission(
            name="service.intent.manage",
            title=_("Change intents, learn models and choose which suggests"),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="service.intent_model.read",
            title=_("See models of intents and how good they are"),
            default_roles=["manager", "analyst"],
        ),
        # measures
        Permission(
            name="service.measure.read",
            title=_("See what service achieves, and how many people it takes"),
            default_roles=["manager", "service_agent", "analyst"],
        ),
    ],
    uses=[
        # cases
        "customer.assign",
        "interaction.record",
        "work.approval.request",
        "work.load.note",
        "work.notice.create",
        # sla
        "service.case.move",
        "service.case.set_priority",
        "service.sla.follow",
        # channels
        "attachment.create",
        "consent.create",
        "customer.create",
        "customer.update",
        "messaging.send",
        "public_link.create",
        # desk
        "service.case.note",
        "service.case.update",
        "service.intent.manage",
        "work.assignment.create",
        # measures
    ],
    commands={
        "service": Command("crmkit_service.commands:service", _("Cases, service levels, and what service achieves.")),
    },
    license="Apache-2.0",
)
"""The lines of each room stand under its name."""
