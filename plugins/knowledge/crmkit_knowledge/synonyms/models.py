"""The table of words that say the same. They are nobody's personal data."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, json_type, texts

_ = texts("crmkit_knowledge")


class SynonymGroup(Record):
    """Terms that say the same, words or several words. With ``of`` it is one way: whoever searches for one of these
    finds ``terms``, and not the other way round."""

    __tablename__ = "knowledge_synonym"
    __access__ = Access.open(resource="knowledge.synonym")

    terms: Mapped[list[Any]] = field(json_type(), title=_("Terms"), classified="public", default=list)
    of: Mapped[list[Any]] = field(json_type(), title=_("When one searches for"), classified="public", default=list)
