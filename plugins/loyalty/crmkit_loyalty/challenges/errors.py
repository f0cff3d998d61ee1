"""The errors of challenges: codes LOY521 to LOY539."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_loyalty")


class NotADraftChallenge(Conflict):
    """A challenge that was published is never changed: members have been told what it takes."""

    code: ClassVar[str] = "LOY521"
    summary = _("A challenge that was published is not changed any more.")

    def __init__(self, title: str, state: str) -> None:
        super().__init__(
            _('"{title}" is not a draft: {state}.'),
            fix=_("Retire it, and add another one."),
            title=title,
            state=state,
        )
