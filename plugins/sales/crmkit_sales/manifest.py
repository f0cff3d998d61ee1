"""What sales says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_sales")

MANIFEST = PluginManifest(
    name="sales",
    title=_("Sales"),
    summary=_("Leads, opportunities, quotes, orders, contracts and forecasts."),
    api="1.0",
    module="crmkit_sales.plugin",
    settings="crmkit_sales.settings:SalesSettings",
    migrations="crmkit_sales.migrations",
    sample="crmkit_sales.sample:use",
    requires={"work": ""},
    after=["messaging"],
    permissions=[
        # pipelines
        Permission(
            name="sales.opportunity.read",
            title=_("See opportunities"),
            default_roles=["manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(name="sales.opportunity.create", title=_("Add opportunities"), default_roles=["manager", "seller"]),
        Permission(
            name="sales.opportunity.update",
            title=_("Change opportunities and move them between stages"),
            default_roles=["manager", "seller"],
        ),
        Permission(
            name="sales.opportunity.close",
            title=_("Win, lose and reopen opportunities"),
            description=_("What was won counts in forecasts and commissions."),
            risk="medium",
            default_roles=["manager", "seller"],
        ),
        Permission(name="sales.opportunity.delete", title=_("Remove opportunities"), default_roles=["manager"]),
        Permission(
            name="sales.pipeline.manage",
            title=_("Lay down pipelines, stages and reasons, and bring opportunities along"),
            description=_("Stages say what counts in forecasts."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="sales.competitor.create", title=_("Add competitors"), default_roles=["manager", "seller", "marketer"]
        ),
        Permission(
            name="sales.competitor.update",
            title=_("Change competitors"),
            default_roles=["manager", "seller", "marketer"],
        ),
        # leads
        Permission(
            name="sales.lead.read", title=_("See leads"), default_roles=["manager", "seller", "marketer", "analyst"]
        ),
        Permission(name="sales.lead.create", title=_("Add leads"), default_roles=["manager", "seller", "marketer"]),
        Permission(
            name="sales.lead.update",
            title=_("Work on leads, qualify and close them"),
            default_roles=["manager", "seller", "marketer"],
        ),
        Permission(
            name="sales.lead.offer",
            title=_("Offer leads to sales"),
            description=_("Who accepts a lead gets its customer, or a share in it."),
            risk="medium",
            default_roles=["manager", "marketer"],
        ),
        Permission(name="sales.lead.answer", title=_("Accept and reject leads"), default_roles=["manager", "seller"]),
        Permission(name="sales.lead.convert", title=_("Make leads opportunities"), default_roles=["manager", "seller"]),
        Permission(
            name="sales.lead.capture",
            title=_("Take in leads from elsewhere"),
            description=_("For other systems: they learn of no customer by it."),
            risk="medium",
            default_roles=["manager", "marketer"],
        ),
        Permission(
            name="sales.lead_source.read",
            title=_("See sources of leads"),
            default_roles=["manager", "seller", "marketer", "analyst"],
        ),
        Permission(
            name="sales.lead_source.manage",
            title=_("Change sources of leads and what they cost"),
            default_roles=["manager", "marketer"],
        ),
        Permission(name="sales.form.read", title=_("See forms"), default_roles=["manager", "marketer", "analyst"]),
        Permission(
            name="sales.form.manage",
            title=_("Change forms, and make their addresses"),
            description=_("Whoever has the address of a form can fill it in."),
            risk="medium",
            default_roles=["manager", "marketer"],
        ),
        Permission(name="sales.form.answer", title=_("Fill in forms"), description=_("For visitors.")),
        Permission(
            name="sales.inquiry.read", title=_("See inquiries"), default_roles=["manager", "marketer", "analyst"]
        ),
        Permission(name="sales.inquiry.create", title=_("Leave inquiries"), description=_("For visitors.")),
        Permission(name="sales.inquiry.update", title=_("Settle inquiries"), default_roles=["manager", "marketer"]),
        # scoring
        Permission(
            name="sales.score.read", title=_("See scores"), default_roles=["manager", "seller", "marketer", "analyst"]
        ),
        Permission(name="sales.score.run", title=_("Compute scores"), default_roles=["manager", "marketer"]),
        Permission(
            name="sales.score_model.read",
            title=_("See what gives points"),
            default_roles=["manager", "seller", "marketer", "analyst"],
        ),
        Permission(
            name="sales.score_model.manage",
            title=_("Change what gives points"),
            description=_("Scores decide which leads sales is offered."),
            risk="medium",
            default_roles=["manager", "marketer"],
        ),
        # pool
        Permission(
            name="sales.pool.read", title=_("See pools and their terms"), default_roles=["manager", "seller", "analyst"]
        ),
        Permission(name="sales.pool.create", title=_("Add pools"), default_roles=["manager"]),
        Permission(
            name="sales.pool.update",
            title=_("Change the terms of pools"),
            description=_("They decide who loses customers, and when."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(name="sales.pool.delete", title=_("Delete pools"), risk="medium", default_roles=["manager"]),
        Permission(
            name="sales.holding.read", title=_("See who is in pools"), default_roles=["manager", "seller", "analyst"]
        ),
        Permission(
            name="sales.holding.claim", title=_("Claim customers from pools"), default_roles=["manager", "seller"]
        ),
        Permission(
            name="sales.holding.release", title=_("Give customers back to pools"), default_roles=["manager", "seller"]
        ),
        Permission(
            name="sales.holding.assign",
            title=_("Assign, protect and lock customers in pools"),
            risk="medium",
            default_roles=["manager"],
        ),
        # prices
        Permission(
            name="sales.price_list.manage",
            title=_("Change price lists and prices"),
            description=_("They decide what customers pay."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="sales.cost.read",
            title=_("See what products cost the company"),
            description=_("And so the margins of quotes."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="sales.cost.manage",
            title=_("Say what products cost the company"),
            description=_("Approvals by margin follow from it."),
            risk="medium",
            default_roles=["manager"],
        ),
        # quotes
        Permission(
            name="sales.quote.read",
            title=_("See quotes"),
            default_roles=["manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(name="sales.quote.create", title=_("Add quotes"), default_roles=["manager", "seller"]),
        Permission(name="sales.quote.update", title=_("Change quotes"), default_roles=["manager", "seller"]),
        Permission(
            name="sales.quote.send",
            title=_("Send quotes to customers"),
            description=_("What is sent can be accepted."),
            risk="medium",
            default_roles=["manager", "seller"],
        ),
        Permission(
            name="sales.quote.answer",
            title=_("Note that customers accept or decline quotes"),
            default_roles=["manager", "seller"],
        ),
        Permission(
            name="sales.quote_policy.manage",
            title=_("Change which quotes have to be approved"),
            risk="medium",
            default_roles=["manager"],
        ),
        # orders
        Permission(
            name="sales.order.read",
            title=_("See orders"),
            default_roles=["manager", "seller", "service_agent", "analyst"],
        ),
        Permission(name="sales.order.create", title=_("Add orders"), default_roles=["manager", "seller"]),
        Permission(
            name="sales.order.update",
            title=_("Work on orders"),
            description=_("Change drafts, submit and hold orders, note that they were paid or shipped."),
            default_roles=["manager", "seller"],
        ),
        Permission(
            name="sales.order.cancel",
            title=_("Cancel orders"),
            description=_("Takes their purchases back."),
            risk="medium",
            default_roles=["manager", "seller"],
        ),
        Permission(
            name="sales.order.refund",
            title=_("Take goods back"),
            description=_("Records refunds."),
            risk="medium",
            default_roles=["manager", "seller", "service_agent"],
        ),
        Permission(
            name="sales.order.override",
            title=_("Let orders go on although a condition is not met"),
            description=_("Such as one above the credit limit."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="sales.order_rule.manage",
            title=_("Change the rules for orders"),
            description=_("They decide when orders go on, and what is checked then."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="sales.credit_limit.read",
            title=_("See credit limits"),
            default_roles=["manager", "seller", "analyst"],
        ),
        Permission(
            name="sales.credit_limit.manage",
            title=_("Set credit limits"),
            risk="medium",
            default_roles=["manager"],
        ),
        # contracts
        Permission(
            name="sales.contract.read",
            title=_("See contracts"),
            default_roles=["manager", "seller", "service_agent", "analyst"],
        ),
        Permission(name="sales.contract.create", title=_("Add contracts"), default_roles=["manager", "seller"]),
        Permission(
            name="sales.contract.update",
            title=_("Change contracts and let them hold"),
            default_roles=["manager", "seller"],
        ),
        Permission(
            name="sales.contract.close",
            title=_("Renew contracts, note notice, end them"),
            risk="medium",
            default_roles=["manager", "seller"],
        ),
        # offers
        Permission(
            name="sales.offer.read",
            title=_("See what to offer next"),
            default_roles=["manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(
            name="sales.offer.answer",
            title=_("Note answers to offers"),
            default_roles=["manager", "seller", "service_agent"],
        ),
        Permission(
            name="sales.offer.manage",
            title=_("Change how offers are found"),
            risk="medium",
            default_roles=["manager", "marketer"],
        ),
        # forecasting
        Permission(
            name="sales.forecast.read",
            title=_("See forecasts"),
            default_roles=["manager", "seller", "analyst"],
        ),
        Permission(
            name="sales.forecast.snapshot",
            title=_("Keep forecasts as they stand"),
            default_roles=["manager", "analyst"],
        ),
        Permission(
            name="sales.forecast.adjust",
            title=_("Adjust forecasts"),
            description=_("What the deals come to is kept beside it."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(name="sales.quota.read", title=_("See quotas"), default_roles=["manager", "seller", "analyst"]),
        Permission(name="sales.quota.create", title=_("Set quotas"), risk="medium", default_roles=["manager"]),
        Permission(name="sales.quota.update", title=_("Change quotas"), risk="medium", default_roles=["manager"]),
        Permission(name="sales.quota.delete", title=_("Remove quotas"), risk="medium", default_roles=["manager"]),
        Permission(name="sales.budget_rate.manage", title=_("Set budget rates"), default_roles=["manager", "analyst"]),
        Permission(
            name="sales.win_model.manage",
            title=_("Learn win probabilities and adopt them"),
            description=_("They decide what open opportunities count for in forecasts."),
            risk="medium",
            default_roles=["manager", "analyst"],
        ),
    ],
    uses=[
        "attachment.create",
        "customer.assign",
        "customer.convert",
        "interaction.create",
        "interaction.reverse",
        "public_link.create",
        "work.assignment.create",
        "work.load.note",
        "work.notice.create",
        "work.task.create",
    ],
    commands={
        "sales": Command(
            "crmkit_sales.commands:sales", _("Leads, pipelines, quotes, orders, contracts and forecasts.")
        ),
    },
    license="Apache-2.0",
)
