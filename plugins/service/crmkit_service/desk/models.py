"""The tables of the desk: saved replies, macros, views, who is at which case, drafts, and what answers were made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Entry, Id, Model, Record, Team, User, field, json_type, kernel_key, texts
from crmkit_service.cases.models import Case

_ = texts("crmkit_service")

SCOPES = {"global": _("Everybody"), "team": _("My team"), "personal": _("Me alone")}
"""Who has a saved reply, a macro or a view."""
DOINGS = {"viewing": _("Looks at it"), "writing": _("Writes an answer")}
"""What somebody does with a case."""
DRAFT_KINDS = {"reply": _("Answer"), "note": _("Internal note")}
"""What a draft becomes."""
USED_FROM = {"saved_reply": _("Saved reply"), "answer": _("Earlier answer"), "macro": _("Macro")}
"""What a suggestion came from that somebody used."""


class SavedReply(Record):
    """A text that agents answer with again and again. ``body`` may have fields, such as ``{{ customer.name }}``.

    ``scope`` says who has it: everybody, the team, or its owner alone. ``language`` is one of the customers' languages,
    empty for every one.
    """

    __tablename__ = "service_saved_reply"
    __access__ = Access.open()

    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", searchable=True)
    body: Mapped[str] = field(String(10_000), title=_("Text"), classified="internal")
    scope: Mapped[str] = field(
        String(8), title=_("For whom"), classified="internal", choices=SCOPES, default="personal", editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Owner"), classified="internal", index=True, editable=False
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("Team"), classified="internal", index=True, editable=False
    )
    language: Mapped[str] = field(String(12), title=_("Language"), classified="internal", default="")
    intent: Mapped[str | None] = field(String(80), title=_("For the intent"), classified="internal")
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Macro(Record):
    """Several steps that one button takes on a case: what is said, and what is changed.

    ``steps`` is a list of `crmkit_service.desk.macros.Step` as plain values: data, never code.
    """

    __tablename__ = "service_macro"
    __access__ = Access.open()

    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", searchable=True)
    scope: Mapped[str] = field(
        String(8), title=_("For whom"), classified="internal", choices=SCOPES, default="personal", editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Owner"), classified="internal", index=True, editable=False
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("Team"), classified="internal", index=True, editable=False
    )
    steps: Mapped[list[Any]] = field(json_type(), title=_("Steps"), classified="internal", default=list)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class InboxView(Record):
    """A way to look at the inbox that somebody keeps: the filters under a title."""

    __tablename__ = "service_view"
    __access__ = Access.open()

    title: Mapped[str] = field(String(100), title=_("Title"), classified="internal")
    scope: Mapped[str] = field(
        String(8), title=_("For whom"), classified="internal", choices=SCOPES, default="personal", editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Owner"), classified="internal", index=True, editable=False
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("Team"), classified="internal", index=True, editable=False
    )
    filters: Mapped[dict[str, Any]] = field(json_type(), title=_("Filters"), classified="internal", default=dict)


class CasePresence(Model):
    """That somebody has a case open, and whether an answer is being written there, until the lease ends.

    Instants are of the system's clock (UTC): this is about browsers, not about the business.
    """

    __tablename__ = "service_presence"
    __access__ = Access.via("case_id", resource="service.case")

    case_id: Mapped[UUID] = field(ForeignKey(Case.id, ondelete="CASCADE"), classified="internal", primary_key=True)
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )
    doing: Mapped[str] = field(String(8), title=_("Does"), classified="internal", choices=DOINGS, default="viewing")
    since: Mapped[datetime] = field(title=_("Since"), classified="internal")
    until: Mapped[datetime] = field(title=_("Until"), classified="internal", index=True)


class ReplyDraft(Record):
    """What somebody has written for a case and not sent. One for each person and case.

    ``seen_id`` is the last message of the case that its writer had before them. ``held`` says that it was to be sent,
    and was not, because something had come meanwhile.
    """

    __tablename__ = "service_draft"
    __access__ = Access.via("case_id", resource="service.case")
    __history__ = False

    case_id: Mapped[UUID] = field(ForeignKey(Case.id, ondelete="CASCADE"), classified="internal", editable=False)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("By"), classified="internal", index=True, editable=False
    )
    kind: Mapped[str] = field(
        String(5), title=_("Kind"), classified="internal", choices=DRAFT_KINDS, default="reply", editable=False
    )
    body: Mapped[str | None] = field(String, title=_("Text"), classified="text", editable=False)
    seen_id: Mapped[UUID | None] = field(Id, classified="internal", editable=False)
    held: Mapped[bool] = field(title=_("Held back"), classified="internal", default=False, editable=False)
    then_state: Mapped[str | None] = field(String(20), title=_("And then"), classified="internal", editable=False)

    __table_args__ = (Index("uq_service_draft_of", "case_id", "user_id", unique=True),)


class SuggestionUse(Entry):
    """That an answer was made of something suggested: a saved reply, an earlier answer or a macro. ``at`` is of the
    business's clock."""

    __tablename__ = "service_suggestion_use"
    __access__ = Access.via("case_id", resource="service.case")

    case_id: Mapped[UUID] = field(ForeignKey(Case.id, ondelete="CASCADE"), classified="internal", index=True)
    customer_id: Mapped[UUID] = field(kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True)
    user_id: Mapped[UUID | None] = field(Id, title=_("By"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    used_from: Mapped[str] = field(String(12), title=_("Taken from"), classified="internal", choices=USED_FROM)
    source_id: Mapped[UUID] = field(Id, classified="internal")

    __table_args__ = (Index("ix_service_suggestion_use_of", "used_from", "source_id"),)


MODELS: list[type[Any]] = [SavedReply, Macro, InboxView, CasePresence, ReplyDraft, SuggestionUse]
