"""What happens in challenges, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Number = Annotated[int, Input(classified="internal")]


@event("loyalty.challenge_published")
class ChallengePublished:
    """A challenge was published: what members did before within its days counts, too."""

    challenge_id: UUID
    challenge: Plain


@event("loyalty.challenge_completed")
class ChallengeCompleted:
    """A member completed a challenge, for the period named."""

    completion_id: UUID
    challenge_id: UUID
    member_id: UUID
    customer_id: UUID
    challenge: Plain
    period: Plain
    points: Number


@event("loyalty.badge_given")
class BadgeGiven:
    """A member got a badge."""

    badge_id: UUID
    challenge_id: UUID
    member_id: UUID
    customer_id: UUID
    challenge: Plain


EVENTS = [ChallengePublished, ChallengeCompleted, BadgeGiven]
