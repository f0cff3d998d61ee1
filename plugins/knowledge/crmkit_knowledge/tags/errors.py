"""The errors of tags."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_knowledge")


class TagInUse(Conflict):
    """A tag that articles have was to be deleted."""

    code: ClassVar[str] = "KNO111"
    summary = _("Articles have this tag.")

    def __init__(self, name: str, uses: int) -> None:
        super().__init__(
            _('{uses} articles have the tag "{name}".'), fix=_("Merge it into another one."), name=name, uses=uses
        )
