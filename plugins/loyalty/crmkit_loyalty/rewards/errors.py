"""The errors of rewards: codes LOY401 to LOY499."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts
from crmkit_loyalty.rewards.words import MOVES, STATES, WHY_NOT

_ = texts("crmkit_loyalty")


class NotEligible(Conflict):
    """A member does not get a reward; says why."""

    code: ClassVar[str] = "LOY401"
    summary = _("The member does not get the reward.")

    def __init__(self, title: str, reason: str) -> None:
        super().__init__(
            _('"{title}" cannot be redeemed: {reason}'),
            fix=_("The rewards that can be had are listed."),
            title=title,
            reason=WHY_NOT[reason],
        )
        self.reason = reason


class RedemptionInState(Conflict):
    """A redemption does not go from its state to another one."""

    code: ClassVar[str] = "LOY402"
    summary = _("The redemption does not go from its state to that one.")

    def __init__(self, number: int, state: str, wanted: str) -> None:
        super().__init__(
            _('Redemption {number} does not go from "{state}" to "{wanted}".'),
            fix=_("From there it goes to: {allowed}."),
            number=number,
            state=STATES[state],
            wanted=STATES.get(wanted, wanted),
            allowed=", ".join(MOVES[state]) or "–",
        )


class VoucherNotValid(Conflict):
    """A voucher was used before, is not valid any more, or its time is over."""

    code: ClassVar[str] = "LOY403"
    summary = _("The voucher is not valid.")

    def __init__(self, number: str, why: str) -> None:
        super().__init__(
            _("The voucher {number} is not valid: {why}"), fix=_("Ask for another one."), number=number, why=why
        )
