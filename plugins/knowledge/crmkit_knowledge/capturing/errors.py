"""What can be wrong with drafts and links: codes KNO401 to KNO409."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_knowledge")


class SaidAlready(Conflict):
    """A draft was to be made of what an article says already."""

    code: ClassVar[str] = "KNO401"
    summary = _("An article says this already.")

    def __init__(self, number: int, title: str) -> None:
        super().__init__(
            _('Article {number} says this already: "{title}".'),
            fix=_("Link that one, or say that a new one is wanted all the same."),
            number=number,
            title=title,
        )


class WrittenAlready(Conflict):
    """A draft was to be made of a record of which one was made before."""

    code: ClassVar[str] = "KNO402"
    summary = _("An article was written from this record already.")

    def __init__(self, number: int) -> None:
        super().__init__(
            _("Article {number} was written from this record."),
            fix=_("Change that one, or say that a new one is wanted all the same."),
            number=number,
        )
