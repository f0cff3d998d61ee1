"""The tables of care: onboarding templates with their items, lists of customers, and the calendar of reviews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, CustomerRecord, Id, Record, Team, User, field, json_type, kernel_key, texts
from crmkit_lifecycle.caring.words import DONE_BY, ITEM_STATES, LIST_STATES, REVIEW_STATES, REVIEWS, WHO

_ = texts("crmkit_lifecycle")


class ListTemplate(Record):
    """What is done with who comes to a stage, item by item. ``model`` and ``stage`` are names; empty: by hand alone."""

    __tablename__ = "lifecycle_template"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    model: Mapped[str] = field(String(60), title=_("Model"), classified="public", default="")
    stage: Mapped[str] = field(String(60), title=_("Stage"), classified="public", default="")
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class TemplateItem(Record):
    """One thing to be done: within ``due_days`` working days, by whom; ``done_when`` is a condition over facts under
    which it counts as done, such as a feature that is used. ``required`` items have to be done before the list is."""

    __tablename__ = "lifecycle_template_item"
    __access__ = Access.open(resource="lifecycle.template")

    template_id: Mapped[UUID] = field(
        ForeignKey(ListTemplate.id, ondelete="CASCADE"), title=_("Template"), classified="public", index=True
    )
    position: Mapped[int] = field(Integer, title=_("Order"), classified="public")
    title: Mapped[str] = field(String(300), title=_("Title"), classified="public")
    due_days: Mapped[int] = field(Integer, title=_("Within working days"), classified="public", default=5)
    who: Mapped[str] = field(String(10), title=_("Who"), classified="public", choices=WHO, default="owner")
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="public", index=True
    )
    done_when: Mapped[str] = field(String(2000), title=_("Done when"), classified="internal", default="")
    required: Mapped[bool] = field(title=_("Required"), classified="public", default=True)


class Checklist(CustomerRecord):
    """A customer's list. All instants are of the business's clock (UTC)."""

    __tablename__ = "lifecycle_checklist"

    template_id: Mapped[UUID] = field(
        ForeignKey(ListTemplate.id, ondelete="RESTRICT"), title=_("Template"), classified="internal", index=True
    )
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=LIST_STATES, default="open", editable=False
    )
    began_at: Mapped[datetime] = field(title=_("Began at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)


class ChecklistItem(Record):
    """One thing to be done with a customer: until when (UTC), by whom, and how it came to be done."""

    __tablename__ = "lifecycle_checklist_item"
    __access__ = Access.via("checklist_id", resource="lifecycle.checklist")

    checklist_id: Mapped[UUID] = field(
        ForeignKey(Checklist.id, ondelete="CASCADE"), title=_("List"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    position: Mapped[int] = field(Integer, title=_("Order"), classified="internal")
    title: Mapped[str] = field(String(300), title=_("Title"), classified="internal")
    due_at: Mapped[datetime] = field(title=_("Until"), classified="internal")
    done_when: Mapped[str] = field(String(2000), title=_("Done when"), classified="internal", default="")
    required: Mapped[bool] = field(title=_("Required"), classified="internal", default=True)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=ITEM_STATES, default="open", editable=False
    )
    done_at: Mapped[datetime | None] = field(title=_("Done at"), classified="internal", editable=False)
    done_by: Mapped[str | None] = field(
        String(8), title=_("Done by"), classified="internal", choices=DONE_BY, editable=False
    )
    evidence: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Evidence"), classified="internal", default=dict, editable=False
    )
    task_id: Mapped[UUID | None] = field(Id, title=_("Task"), classified="internal", index=True, editable=False)


class Review(CustomerRecord):
    """A day on which somebody looks at a customer: a renewal, a quarterly review, a check-in.

    With ``every_months`` the next one is planned when it is done. ``told_at`` is when its owner was told of it.
    """

    __tablename__ = "lifecycle_review"

    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="internal", choices=REVIEWS)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    due_on: Mapped[date] = field(title=_("On"), classified="internal", index=True)
    every_months: Mapped[int | None] = field(Integer, title=_("Every (months)"), classified="internal")
    lead_days: Mapped[int] = field(Integer, title=_("Told so many days before"), classified="internal", default=14)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=REVIEW_STATES, default="planned", editable=False
    )
    done_on: Mapped[date | None] = field(title=_("Done on"), classified="internal", editable=False)
    told_at: Mapped[datetime | None] = field(classified="internal", editable=False)
    result: Mapped[str | None] = field(String(2000), title=_("Result"), classified="sensitive", editable=False)
    handled_by: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("By"), classified="internal", index=True, editable=False
    )

    __table_args__ = (Index("ix_lifecycle_review_state", "state", "due_on"),)


MODELS: list[type[Any]] = [ListTemplate, TemplateItem, Checklist, ChecklistItem, Review]
