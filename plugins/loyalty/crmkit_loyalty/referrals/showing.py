"""What is shown of inviting others on a member's own page. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit_loyalty.programs.models import Member, Program
from crmkit_loyalty.referrals.models import Referral
from crmkit_loyalty.referrals.operations import MOST_TRIES, link_of, policy_of
from crmkit_loyalty.referrals.words import JOINED

_ = texts("crmkit_loyalty")


def referrals_shown(session: CrmSession, program: Program, member: Member) -> Mapping[str, Any]:
    """Return the member's code with its address and what it brings, and whether a code may be entered; nothing in a
    programme without referrals."""
    policy = policy_of(session, program.id)
    if policy is None or not policy.active:
        return {"inviting": None, "may_enter": False}
    mine = session.scalars(
        select(Referral).where(Referral.customer_id == member.customer_id, Referral.program_id == program.id)
    ).all()
    return {
        "inviting": policy,
        "invitation": member.referral,
        "invite_link": link_of(session, program, member.referral),
        "invited_by_joining": policy.event == JOINED,
        "may_enter": len(mine) < MOST_TRIES and all(each.state == "refused" for each in mine),
    }
