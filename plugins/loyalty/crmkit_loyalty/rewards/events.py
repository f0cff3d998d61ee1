"""What happens to rewards, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Number = Annotated[int, Input(classified="internal")]


@event("loyalty.reward.redeemed")
class RewardRedeemed:
    """A customer got a reward for points."""

    redemption_id: UUID
    customer_id: UUID
    reward: Plain
    points: Number


@event("loyalty.redemption.moved")
class RedemptionMoved:
    """A redemption went from one state to another."""

    redemption_id: UUID
    customer_id: UUID
    from_state: Plain
    to_state: Plain


@event("loyalty.voucher.used")
class VoucherUsed:
    """A voucher was used."""

    voucher_id: UUID
    customer_id: UUID


EVENTS = [RewardRedeemed, RedemptionMoved, VoucherUsed]
