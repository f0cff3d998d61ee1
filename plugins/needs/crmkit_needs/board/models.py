"""The tables of the board: how it is set up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, texts

_ = texts("crmkit_needs")
COUNTINGS = {"person": _("Each person once"), "company": _("Each company once")}


class BoardPolicy(Record):
    """How the public board is set up: one row, without which there is none.

    ``active`` says whether anybody may read it, ``counting`` whether persons or companies are counted, ``most_votes``
    how many open needs a customer may vote for at once, ``purpose`` for which purpose of consent news are sent.
    """

    __tablename__ = "needs_board"
    __access__ = Access.open(resource="needs.board")

    name: Mapped[str] = field(String(20), classified="public", unique=True, editable=False)
    active: Mapped[bool] = field(title=_("Anybody may read it"), classified="public", default=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public", default="")
    counting: Mapped[str] = field(
        String(7), title=_("Counted"), classified="public", choices=COUNTINGS, default="company"
    )
    most_votes: Mapped[int] = field(Integer, title=_("Most votes of a customer"), classified="public", default=10)
    suggestions: Mapped[bool] = field(title=_("Takes suggestions"), classified="public", default=True)
    purpose: Mapped[str] = field(String(60), title=_("Purpose of news"), classified="public", default="service")
    link_id: Mapped[UUID | None] = field(title=_("Address"), classified="internal", editable=False)


MODELS: list[type[Any]] = [BoardPolicy]
