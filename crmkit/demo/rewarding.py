"""What the demonstration company gives its customers for coming back: a programme with points, tiers and rewards, by
whose rules its real purchases earn and its refunds take back.

Does what the plugin loyalty has operations for, and nothing where that is not enabled. The programme and what is
redeemed are made up; who redeems follows from the customers' ids, so that it is the same in every demonstration.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from crmkit.core.interactions.figures import best_customers
from crmkit.core.store.actor import Actor
from crmkit.demo.calling import call, call_quietly
from crmkit.engines.statistics.hashing import share_of
from crmkit.i18n import texts

if TYPE_CHECKING:
    from uuid import UUID

    from crmkit.cli.invocation import Invocation

_ = texts("crmkit")

PROGRAM = "lantern_club"
HELD_OUT = 10
"""Percent of the customers who do not take part, so that it can be seen what the programme brings."""
PENDING_DAYS, MONTHS = 14, 2
SINCE = date(2011, 9, 1)
"""The first day on which purchases earn."""
ASKED, SHARE = 600, 0.4
"""How many of the best customers are looked at, and how many of these redeem something."""
RULES: tuple[dict[str, Any], ...] = (
    {"name": "pound", "title": _("One point for each pound"), "points": "amount", "position": 10},
    {
        "name": "christmas",
        "title": _("Twice the points for Christmas before November"),
        "points": "amount",
        "scope": "line",
        "condition": 'category == "christmas" and month <= 10',
        "position": 20,
    },
    {
        "name": "large_order",
        "title": _("A hundred points for a large order, twice a month at most"),
        "points": "100",
        "condition": "order_amount >= 500",
        "cap_period": 200,
        "cap_days": 30,
        "position": 30,
    },
)
TIERS: tuple[tuple[str, Any, int, int, int], ...] = (
    ("wick", _("Wick"), 0, 0, 0),
    ("candle", _("Candle"), 1, 1_000, 800),
    ("lantern", _("Lantern"), 2, 5_000, 4_000),
)
"""Name, title, level, and the pounds of twelve months that reach and that keep it."""
REWARDS: tuple[dict[str, Any], ...] = (
    {"name": "voucher_5", "title": _("Voucher over five pounds"), "points": 500, "cost": 5},
    {"name": "voucher_20", "title": _("Voucher over twenty pounds"), "points": 1_800, "cost": 20, "level": 1},
    {"name": "lantern_box", "title": _("A box of lanterns"), "points": 3_000, "cost": 24, "kind": "goods", "stock": 40},
)


def begin(cli: Invocation) -> None:
    """Begin the programme, before the first purchase comes in. Nothing is begun twice."""
    crm, actor = cli.crm, Actor.system("demonstration")
    if "loyalty.program.create" not in crm.registry.operations or _is_begun(cli):
        return
    program = {"name": PROGRAM, "title": cli.text(_("Lantern Club")), "enrolment": "automatic"}
    with crm.transaction(actor) as session:
        made = session.run("loyalty.program.create", program)
        session.run("loyalty.program.update", {"holdout": HELD_OUT}, target=made)
        points = {
            "program": PROGRAM,
            "name": "points",
            "title": cli.text(_("Sparks")),
            "expiry": "rolling",
            "expiry_months": MONTHS,
            "expiry_rounding": "month",
            "pending_days": PENDING_DAYS,
        }
        session.run("loyalty.point_type.create", points)
        draft = session.run("loyalty.rule_set.draft", {"program": PROGRAM})
        for rule in RULES:
            session.run("loyalty.earn_rule.create", _rule(cli, rule), target=draft)
        session.run("loyalty.rule_set.publish", target=draft)
        session.run("loyalty.tier_policy.set", {"program": PROGRAM, "window": "rolling", "grace_days": 30})
        spent = {"program": PROGRAM, "name": "spent", "title": cli.text(_("Spent")), "source": "spend"}
        session.run("loyalty.tier_metric.create", spent)
        for name, title, level, reach, keep in TIERS:
            wanted = {"reach": {"spent": reach}, "keep": {"spent": keep}} if level else {}
            tier = {"program": PROGRAM, "name": name, "title": cli.text(title), "level": level, **wanted}
            session.run("loyalty.tier.create", tier)
        for reward in REWARDS:
            offered = {"program": PROGRAM, **reward, "title": cli.text(reward["title"])}
            session.run("loyalty.reward.create", offered)


def reward(cli: Invocation) -> None:
    """Have the purchases earn that came in, points released and expired that are due, and some customers redeem."""
    crm = cli.crm
    if "loyalty.program.create" not in crm.registry.operations or _count(cli, "loyalty.redemption"):
        return
    with cli.output.progress(_("Points for the purchases")) as advance:
        advance(0, 1)
        crm.worker().run_until_idle()
        advance(1, 1)
    for command in ("release", "expire"):
        call_quietly("loyalty", command)
    _redeem(cli)


def show(cli: Invocation) -> None:
    """Show what the programme owes, and whether its books are right."""
    if "loyalty.program.create" in cli.crm.registry.operations:
        call(cli, "loyalty", "liability")
        call(cli, "loyalty", "verify")


def _rule(cli: Invocation, rule: dict[str, Any]) -> dict[str, Any]:
    return {**rule, "title": cli.text(rule["title"]), "since": SINCE}


def _redeem(cli: Invocation) -> None:
    actor = Actor.system("demonstration")
    with cli.crm.session(actor) as session:
        currency = cli.crm.config.get(session).base_currency
        people = [each.customer_id for each in best_customers(session, currency=currency, limit=ASKED)]
    wanted = [_wish(each) for each in people if share_of("demonstration: redeems", each) < SHARE]
    # Who has too few points, or was held out, gets nothing: that is the plugin's to say.
    cli.crm.run_many(actor, "loyalty.redemption.create", wanted)
    cli.crm.worker().run_until_idle()


def _wish(customer_id: UUID) -> dict[str, Any]:
    place = int(share_of("demonstration: reward", customer_id) * len(REWARDS))
    return {"customer_id": customer_id, "reward": REWARDS[place]["name"], "key": f"demonstration {customer_id}"}


def _is_begun(cli: Invocation) -> bool:
    return bool(_count(cli, "loyalty.program"))


def _count(cli: Invocation, resource: str) -> int:
    from sqlalchemy import func, select

    model: Any = cli.crm.registry.resources[resource].model
    with cli.crm.session(Actor.system("demonstration")) as session:
        return int(session.scalar(select(func.count(model.id))) or 0)
