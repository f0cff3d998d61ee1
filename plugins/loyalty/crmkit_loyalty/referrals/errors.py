"""The errors of referrals: codes LOY501 to LOY519."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_loyalty")


class NoReferrals(Conflict):
    """A programme has no referrals, or has them no more."""

    code: ClassVar[str] = "LOY501"
    summary = _("The programme has no referrals.")

    def __init__(self, title: str) -> None:
        super().__init__(
            _('In "{title}" nobody invites others.'), fix=_("Say first what inviting others brings."), title=title
        )


class AlreadyReferred(Conflict):
    """A customer was invited by somebody else before, or has tried too many codes."""

    code: ClassVar[str] = "LOY502"
    summary = _("A code was entered before.")

    def __init__(self) -> None:
        super().__init__(_("A code was entered before."), fix=_("Only one code can be entered."))


class ReferralEnded(Conflict):
    """A referral that was refused or cancelled is not cancelled again."""

    code: ClassVar[str] = "LOY503"
    summary = _("The referral has ended.")

    def __init__(self, state: str) -> None:
        super().__init__(_("The referral has ended: {state}."), fix=_("Nothing is left to be done."), state=state)
