"""The page of a programme: its kinds of points, the versions of its rules, its tiers and its rewards, with the buttons
by which they are added and changed.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from crmkit import CrmSession, Page, texts
from crmkit_loyalty.desk.common import HOME, MEMBER, PROGRAMME, TONES, found, may
from crmkit_loyalty.desk.figures import members_of, open_redemptions, outstanding, tier_counts
from crmkit_loyalty.desk.overview import SOON
from crmkit_loyalty.earning.models import EarnRule, RuleSet
from crmkit_loyalty.earning.words import MODES, SCOPES, SET_STATES
from crmkit_loyalty.programs.finding import types_of
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.programs.words import CLAWBACKS, ENROLMENTS, EXPIRIES, ROUNDINGS
from crmkit_loyalty.rewards.models import Redemption, Reward
from crmkit_loyalty.rewards.words import KINDS
from crmkit_loyalty.tiers.operations import metrics_of, policy_of
from crmkit_loyalty.tiers.words import DOWNGRADES, LANDINGS, SOURCES, WINDOWS

_ = texts("crmkit_loyalty")

SHOWN = 200


def programme_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return everything that the page of a programme shows. Raises NotFound."""
    program = found(session, Program, query.get("id", ""))
    kinds = types_of(session, program.id)
    versions = session.scalars(
        select(RuleSet).where(RuleSet.program_id == program.id).order_by(RuleSet.number.desc())
    ).all()
    shown = [each for each in versions if each.state != "retired"]
    policy = policy_of(session, program)
    soon = session.gate.clock.business_now() + SOON
    return {
        "program": program,
        "here": f"{PROGRAMME}?id={program.id}",
        "home": HOME,
        "member_path": MEMBER,
        "members": members_of(session, program),
        "waiting": open_redemptions(session, program),
        "kinds": kinds,
        "titles": {each.id: each.title for each in kinds},
        "points": {each.kind.id: each for each in outstanding(session, kinds, soon)},
        "versions": [(each, _rules(session, each)) for each in shown],
        "retired": [each for each in versions if each.state == "retired"],
        "draft": next((each for each in versions if each.state == "draft"), None),
        "policy": {
            "window": policy.window or "calendar_year",
            "months": policy.months or 12,
            "downgrade": policy.downgrade or "period_end",
            "grace_days": policy.grace_days or 0,
            "landing": policy.landing or "recompute",
        },
        "metrics": metrics_of(session, program),
        "metric_titles": {each.name: each.title for each in metrics_of(session, program)},
        "tiers": tier_counts(session, program),
        "rewards": _rewards(session, program),
        "today": session.today(),
        "may_manage": may(session, "loyalty.program", "manage"),
        "may_join": may(session, "loyalty.member", "create"),
        "enrolments": ENROLMENTS,
        "clawbacks": CLAWBACKS,
        "expiries": EXPIRIES,
        "roundings": ROUNDINGS,
        "set_states": SET_STATES,
        "scopes": SCOPES,
        "modes": MODES,
        "windows": WINDOWS,
        "downgrades": DOWNGRADES,
        "landings": LANDINGS,
        "sources": SOURCES,
        "reward_kinds": KINDS,
        "tones": TONES,
    }


def _rules(session: CrmSession, version: RuleSet) -> Sequence[EarnRule]:
    query = select(EarnRule).where(EarnRule.set_id == version.id)
    return session.scalars(query.order_by(EarnRule.position, EarnRule.name).limit(SHOWN)).all()


def _rewards(session: CrmSession, program: Program) -> list[tuple[Reward, int]]:
    """Return the rewards of a programme, the cheapest first, each with how many were redeemed within a year."""
    since = session.gate.clock.business_now() - timedelta(days=365)
    query = (
        select(Redemption.reward_id, func.sum(Redemption.quantity))
        .where(Redemption.state != "cancelled", Redemption.redeemed_at > since)
        .group_by(Redemption.reward_id)
    )
    counts = {reward_id: int(number) for reward_id, number in session.execute(query)}
    rewards = select(Reward).where(Reward.program_id == program.id)
    ordered = rewards.order_by(Reward.active.desc(), Reward.points, Reward.name).limit(SHOWN)
    return [(each, counts.get(each.id, 0)) for each in session.scalars(ordered)]


PAGES = [
    Page(
        name="loyalty.programme",
        title=_("Loyalty programme"),
        path="/programme",
        template="loyalty/desk/programme.html",
        context=programme_page,
        permission="loyalty.program.read",
        menu=False,
    )
]
