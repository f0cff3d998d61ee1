"""The errors of earning: codes LOY301 to LOY399."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_loyalty")


class NotADraft(Conflict):
    """A version of rules that was published is never changed."""

    code: ClassVar[str] = "LOY301"
    summary = _("A version that was published is not changed any more.")

    def __init__(self, number: int, state: str) -> None:
        super().__init__(
            _("Version {number} is not a draft: {state}."),
            fix=_("Begin a new version; it has the rules that count now."),
            number=number,
            state=state,
        )
