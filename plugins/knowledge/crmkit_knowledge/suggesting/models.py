"""The table of visits with an intent to ask for help. It holds nobody's name and no word of what was asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, json_type, texts
from crmkit_knowledge.suggesting.words import ARMS

_ = texts("crmkit_knowledge")


class HelpSession(Record):
    """A visit of somebody who was about to ask for help: which arm it fell into, which articles were opened, and
    whether a case came of it.

    ``key`` is a fingerprint that leads to nobody. Instants are of the business's clock. ``articles`` are the ids of
    those that were opened. ``answered`` says that the visitor said so. ``request_ref`` is what was sent,
    ``case_ref`` the case that it became, both as ``<resource>:<id>``.
    """

    __tablename__ = "knowledge_session"
    __access__ = Access.open()
    __history__ = False

    key: Mapped[str] = field(String(64), title=_("Key"), classified="internal", editable=False)
    started_at: Mapped[datetime] = field(title=_("Began"), classified="internal", index=True, editable=False)
    arm: Mapped[str] = field(String(7), title=_("Arm"), classified="internal", choices=ARMS, editable=False)
    suggested: Mapped[list[Any]] = field(
        json_type(), title=_("Suggested"), classified="internal", default=list, editable=False
    )
    articles: Mapped[list[Any]] = field(
        json_type(), title=_("Articles opened"), classified="internal", default=list, editable=False
    )
    answered: Mapped[bool] = field(title=_("Answered"), classified="internal", default=False, editable=False)
    sent_at: Mapped[datetime | None] = field(title=_("Sent at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    request_ref: Mapped[str | None] = field(
        String(160), title=_("What was sent"), classified="internal", index=True, editable=False
    )
    case_ref: Mapped[str | None] = field(String(160), title=_("Case"), classified="internal", editable=False)

    __table_args__ = (Index("ix_knowledge_session_key", "key", "started_at"),)


MODELS: list[type[Any]] = [HelpSession]


def owner_key(session: Any, text: str) -> str:
    """Return the fingerprint of whatever tells visitors apart, by the installation's keys."""
    found: str = session.crm.vault.fingerprint(f"knowledge.session\0{text}")
    return found
