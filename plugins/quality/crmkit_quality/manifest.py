"""What quality says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_quality")

MANIFEST = PluginManifest(
    name="quality",
    title=_("Data quality"),
    summary=_("Duplicates, field rules, scores, cleaning, staleness and contracts with sources."),
    api="1.0",
    module="crmkit_quality.plugin",
    commands={
        "customer duplicates": Command(
            "crmkit_quality.duplicates.commands:duplicates", _("List pairs of customers that are probably one.")
        ),
        "quality": Command(
            "crmkit_quality.commands:quality", _("Check, score, profile and clean what is known of customers.")
        ),
    },
    settings="crmkit_quality.settings:QualitySettings",
    migrations="crmkit_quality.migrations",
    extra="quality",
    needs=["numpy", "pypinyin", "rapidfuzz"],
    permissions=[
        # duplicates
        Permission(
            name="quality.pair.read",
            title=_("See possible duplicates"),
            description=_("Pairs of customers both of whom somebody sees; also asked when a customer is added."),
            default_roles=["manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(
            name="quality.pair.review",
            title=_("Say that customers are no duplicates"),
            default_roles=["manager", "seller", "service_agent"],
        ),
        Permission(
            name="quality.pair.merge",
            title=_("Merge possible duplicates"),
            description=_("Needs the right to merge customers as well. A merge can be undone."),
            risk="medium",
            default_roles=["manager"],
        ),
        Permission(
            name="quality.duplicates.search", title=_("Search for duplicates"), default_roles=["admin", "manager"]
        ),
        Permission(
            name="quality.duplicates.merge_automatic",
            title=_("Merge all duplicates that are clear"),
            description=_("Merges many customers at once without anybody looking at each."),
            risk="high",
            default_roles=["manager"],
        ),
        Permission(
            name="quality.index.rebuild", title=_("Build the index of duplicates anew"), default_roles=["admin"]
        ),
        # field rules, scores, verifications
        Permission(
            name="quality.rule.create",
            title=_("Add field rules"),
            description=_("What is asked of customers' data decides over their scores."),
            default_roles=["admin", "manager"],
        ),
        Permission(name="quality.rule.update", title=_("Change field rules"), default_roles=["admin", "manager"]),
        Permission(name="quality.rule.delete", title=_("Remove field rules"), default_roles=["admin", "manager"]),
        Permission(
            name="quality.violation.read",
            title=_("See for whom field rules do not hold"),
            default_roles=["manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(
            name="quality.score.read",
            title=_("See scores of data quality"),
            default_roles=["manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(
            name="quality.figure.read",
            title=_("See the course of data quality"),
            default_roles=["manager", "seller", "marketer", "analyst"],
        ),
        Permission(
            name="quality.check.run", title=_("Have all data checked"), default_roles=["admin", "manager", "analyst"]
        ),
        Permission(
            name="quality.verification.read",
            title=_("See verifications"),
            default_roles=["manager", "seller", "service_agent", "analyst"],
        ),
        Permission(
            name="quality.verification.create",
            title=_("Ask for verifications"),
            default_roles=["manager", "seller", "service_agent"],
        ),
        Permission(
            name="quality.verification.update",
            title=_("Carry out verifications"),
            default_roles=["manager", "seller", "service_agent"],
        ),
        # cleaning
        Permission(
            name="quality.cleaning.read", title=_("See cleanings"), default_roles=["admin", "manager", "analyst"]
        ),
        Permission(
            name="quality.cleaning.create",
            title=_("Clean customers in bulk and take that back"),
            description=_("Many customers are changed at once."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="quality.cleaning_change.read",
            title=_("See what was cleaned"),
            default_roles=["admin", "manager", "analyst"],
        ),
        # contracts with sources
        Permission(
            name="quality.contract.read",
            title=_("See contracts with sources"),
            default_roles=["admin", "manager", "analyst"],
        ),
        Permission(name="quality.contract.create", title=_("Agree with sources"), default_roles=["admin", "manager"]),
        Permission(
            name="quality.contract.update",
            title=_("Change contracts with sources and stop sources"),
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="quality.contract.delete", title=_("End contracts with sources"), default_roles=["admin", "manager"]
        ),
        Permission(
            name="quality.contract.release",
            title=_("Release sources that are stopped"),
            description=_("What broke the contract can come again."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="quality.breach.read",
            title=_("See breaches of contracts"),
            default_roles=["admin", "manager", "analyst"],
        ),
        # survivorship
        Permission(
            name="quality.source.manage",
            title=_("Rate sources"),
            description=_("Trust decides whose value stays, in merges, imports and what other systems fill in."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="quality.survivorship.manage",
            title=_("Make rules of survivorship"),
            description=_("They decide whose value stays when records are merged, and what imports leave alone."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="quality.customer.enrich",
            title=_("Fill in what other systems know"),
            description=_("Needs the right to change customers as well."),
            default_roles=["manager"],
        ),
    ],
    uses=["customer.merge", "customer.read", "customer.update"],
    license="Apache-2.0",
)
