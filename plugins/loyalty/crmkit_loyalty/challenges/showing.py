"""What is shown of a member's challenges and badges, on their own page and on that of staff. Must change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit_loyalty.challenges.models import Badge, Challenge, ChallengeProgress
from crmkit_loyalty.challenges.words import KINDS, UNITS, WINDOWS
from crmkit_loyalty.programs.models import Member

_ = texts("crmkit_loyalty")


@frozen(kw_only=True)
class Standing:
    """How far a member is in a challenge: so much of the target, of a row that can be done again of the next time, and
    how often it was done."""

    challenge: Challenge
    value: Decimal
    shown: Decimal
    done: int


def challenges_shown(session: CrmSession, member: Member) -> Mapping[str, Any]:
    """Return what is shown of the challenges that run and of the badges of a member, as far as the reader sees them."""
    today = session.today()
    query = select(Challenge).where(Challenge.program_id == member.program_id, Challenge.state == "published")
    challenges = [
        each
        for each in session.scalars(query.order_by(Challenge.until.is_(None), Challenge.until, Challenge.title))
        if (each.since is None or each.since <= today) and (each.until is None or each.until >= today)
    ]
    rows = {
        each.challenge_id: each
        for each in session.scalars(select(ChallengeProgress).where(ChallengeProgress.member_id == member.id))
    }
    badges = select(Badge).where(Badge.member_id == member.id, Badge.state == "given")
    return {
        "challenges": [_standing(each, rows.get(each.id), today) for each in challenges],
        "badges": session.scalars(badges.order_by(Badge.given_at, Badge.id)).all(),
        "challenge_kinds": KINDS,
        "challenge_windows": WINDOWS,
        "challenge_units": UNITS,
    }


def _standing(challenge: Challenge, row: ChallengeProgress | None, today: Any) -> Standing:
    value = Decimal(0)
    if row is not None and (row.through is None or row.through >= today):
        value = row.value
    shown = min(value, challenge.target)
    if challenge.kind == "streak" and challenge.again and value:
        shown = value % challenge.target or challenge.target
    return Standing(challenge=challenge, value=value, shown=shown, done=0 if row is None else row.done)
