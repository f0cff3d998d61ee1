"""What loyalty says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_loyalty")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]
WORKING = ["admin", "manager", "seller", "marketer", "service_agent"]
MAKING = ["admin", "manager", "marketer"]

MANIFEST = PluginManifest(
    name="loyalty",
    title=_("Loyalty"),
    summary=_("Points, tiers and rewards, on a ledger that adds up, and what they bring."),
    api="1.0",
    module="crmkit_loyalty.plugin",
    migrations="crmkit_loyalty.migrations",
    sample="crmkit_loyalty.sample:use",
    after=["messaging", "sales", "service", "value"],
    extra="loyalty",
    permissions=[
        Permission(name="loyalty.program.read", title=_("See loyalty programmes"), default_roles=EVERYBODY),
        Permission(
            name="loyalty.program.manage",
            title=_("Change loyalty programmes"),
            description=_("What points are given for, when they expire, and what they buy."),
            risk="medium",
            default_roles=["admin", "manager", "marketer"],
        ),
        Permission(name="loyalty.point_type.read", title=_("See kinds of points"), default_roles=EVERYBODY),
        Permission(name="loyalty.rule_set.read", title=_("See versions of rules"), default_roles=EVERYBODY),
        Permission(name="loyalty.earn_rule.read", title=_("See what points are given for"), default_roles=EVERYBODY),
        Permission(name="loyalty.tier.read", title=_("See tiers"), default_roles=EVERYBODY),
        Permission(name="loyalty.member_tier.read", title=_("See who has which tier"), default_roles=EVERYBODY),
        Permission(name="loyalty.tier_change.read", title=_("See how tiers changed"), default_roles=EVERYBODY),
        Permission(
            name="loyalty.tier.grant", title=_("Give tiers by hand"), risk="medium", default_roles=["admin", "manager"]
        ),
        Permission(name="loyalty.reward.read", title=_("See rewards"), default_roles=EVERYBODY),
        Permission(name="loyalty.redemption.read", title=_("See who redeemed what"), default_roles=EVERYBODY),
        Permission(
            name="loyalty.redemption.create",
            title=_("Redeem rewards for customers"),
            risk="medium",
            default_roles=WORKING,
        ),
        Permission(name="loyalty.redemption.update", title=_("Send rewards and take them back"), default_roles=WORKING),
        Permission(name="loyalty.voucher.read", title=_("See vouchers"), default_roles=EVERYBODY),
        Permission(name="loyalty.voucher.use", title=_("Use vouchers"), risk="medium", default_roles=WORKING),
        Permission(name="loyalty.promotion.read", title=_("See promotions"), default_roles=EVERYBODY),
        Permission(
            name="loyalty.promotion.use", title=_("Use promotions for orders"), risk="medium", default_roles=WORKING
        ),
        Permission(name="loyalty.promotion_use.read", title=_("See what used promotions"), default_roles=EVERYBODY),
        Permission(name="loyalty.account.read", title=_("See accounts of points"), default_roles=EVERYBODY),
        Permission(name="loyalty.member.read", title=_("See who takes part"), default_roles=EVERYBODY),
        Permission(name="loyalty.member.create", title=_("Have customers join"), default_roles=WORKING),
        Permission(
            name="loyalty.member.update",
            title=_("Change how customers take part"),
            description=_("Share and block accounts, have customers leave."),
            default_roles=WORKING,
        ),
        Permission(name="loyalty.transaction.read", title=_("See movements of points"), default_roles=EVERYBODY),
        Permission(name="loyalty.hold.read", title=_("See reservations of points"), default_roles=EVERYBODY),
        Permission(name="loyalty.grant.read", title=_("See points from files"), default_roles=EVERYBODY),
        Permission(
            name="loyalty.points.spend",
            title=_("Spend points for customers"),
            risk="medium",
            default_roles=WORKING,
        ),
        Permission(
            name="loyalty.points.adjust",
            title=_("Change points by hand"),
            description=_("They are worth money."),
            risk="high",
            default_roles=["admin", "manager"],
        ),
        Permission(name="loyalty.referral.read", title=_("See who invited whom"), default_roles=EVERYBODY),
        Permission(name="loyalty.referral.create", title=_("Enter codes to invite by"), default_roles=WORKING),
        Permission(
            name="loyalty.referral.update",
            title=_("Cancel referrals"),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(name="loyalty.referral_policy.read", title=_("See what inviting brings"), default_roles=EVERYBODY),
        Permission(name="loyalty.challenge.read", title=_("See challenges"), default_roles=EVERYBODY),
        Permission(name="loyalty.challenge.manage", title=_("Change challenges"), risk="medium", default_roles=MAKING),
        Permission(
            name="loyalty.challenge_completion.read", title=_("See who completed challenges"), default_roles=EVERYBODY
        ),
        Permission(
            name="loyalty.challenge_progress.read",
            title=_("See how far members are in challenges"),
            default_roles=EVERYBODY,
        ),
        Permission(name="loyalty.badge.read", title=_("See badges"), default_roles=EVERYBODY),
        Permission(name="loyalty.notice.read", title=_("See what members were told"), default_roles=EVERYBODY),
        Permission(name="loyalty.notice_policy.read", title=_("See what members are told of"), default_roles=EVERYBODY),
        Permission(
            name="loyalty.liability.read",
            title=_("See what points will cost"),
            default_roles=["admin", "manager", "analyst"],
        ),
        Permission(
            name="loyalty.liability.close",
            title=_("Close the points for a day"),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="loyalty.effect.read",
            title=_("See what programmes bring"),
            default_roles=["admin", "manager", "marketer", "analyst"],
        ),
        Permission(name="loyalty.ledger.run", title=_("Have points released and expire"), default_roles=["admin"]),
    ],
    uses=["public_link.create", "messaging.send"],
    commands={
        "loyalty": Command(
            "crmkit_loyalty.commands:loyalty", _("Points, tiers and rewards, and the books that they are kept in.")
        )
    },
    license="Apache-2.0",
)
