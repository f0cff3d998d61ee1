"""The errors of needs: codes NEE101 to NEE199."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from crmkit import Conflict, texts
from crmkit_needs.catalogue.words import STATES

_ = texts("crmkit_needs")


class NeedMoveRefused(Conflict):
    """A need does not go from its state to another one; says to which it does."""

    code: ClassVar[str] = "NEE101"
    summary = _("The need does not go from its state to that one.")

    def __init__(self, number: int, state: str, wanted: str, allowed: Sequence[str]) -> None:
        super().__init__(
            _('Need {number} does not go from "{state}" to "{wanted}".'),
            fix=_("From there it goes to: {allowed}."),
            number=number,
            state=STATES[state],
            wanted=STATES.get(wanted, wanted),
            allowed=", ".join(allowed) or "–",
        )


class NeedMergeRefused(Conflict):
    """Two needs are not merged, or a merge is not undone; the text says why."""

    code: ClassVar[str] = "NEE102"
    summary = _("The needs cannot be merged, or the merge not undone.")


class NeedElsewhere(Conflict):
    """Something was asked of a need that was merged into another one."""

    code: ClassVar[str] = "NEE103"
    summary = _("The need was merged into another one.")

    def __init__(self, number: int, into: int) -> None:
        super().__init__(_("Need {number} was merged into {into}."), fix=_("Do it there."), number=number, into=into)
