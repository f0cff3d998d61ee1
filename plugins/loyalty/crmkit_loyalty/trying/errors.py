"""The errors of trying rules: codes LOY621 to LOY629."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_loyalty")


class NoRules(Conflict):
    """A programme has no rules that count, and no draft was named."""

    code: ClassVar[str] = "LOY621"
    summary = _("The programme has no rules that count.")

    def __init__(self, title: str) -> None:
        super().__init__(
            _('"{title}" has no rules that count yet.'),
            fix=_("Publish some, or name the version that is to be tried."),
            title=title,
        )
