"""The tables of scoring: Kano's questions in surveys, answers that were written down, and formulas of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, User, field, json_type, kernel_key, texts
from crmkit_needs.catalogue.models import Need
from crmkit_needs.scoring.kano import ANSWERS

_ = texts("crmkit_needs")


class KanoLink(Record):
    """That two questions of a survey are Kano's pair for a need: how one likes it when it is there, and when it is not.

    ``survey`` is the name of a survey of the plugin ``feedback``; a question is named by its key, one row of a matrix
    by ``key.row``. ``reading`` says for both questions, in the order functional and dysfunctional, how an answer is a
    number from 1 (like) to 5 (dislike): ``{"options": [keys in that order]}``, or ``{"low": the lowest number,
    "high_likes": whether the highest one stands for liking it}``.
    """

    __tablename__ = "needs_kano_link"
    __access__ = Access.via("need_id", resource="needs.need")

    need_id: Mapped[UUID] = field(
        ForeignKey(Need.id, ondelete="CASCADE"), title=_("Need"), classified="internal", index=True, editable=False
    )
    survey: Mapped[str] = field(String(60), title=_("Survey"), classified="internal", editable=False)
    functional: Mapped[str] = field(String(81), title=_("Question when it is there"), classified="internal")
    dysfunctional: Mapped[str] = field(String(81), title=_("Question when it is not there"), classified="internal")
    reading: Mapped[list[Mapping[str, Any]]] = field(
        json_type(), title=_("How answers are read"), classified="internal", default=list, editable=False
    )

    __table_args__ = (UniqueConstraint("need_id", "survey", "functional", "dysfunctional"),)


class KanoAnswer(Record):
    """What a customer said of a need when they were asked by no survey; what was said last counts."""

    __tablename__ = "needs_kano_answer"
    __access__ = Access.via("customer_id", resource="needs.evidence")
    __history__ = False

    need_id: Mapped[UUID] = field(
        ForeignKey(Need.id, ondelete="CASCADE"), title=_("Need"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    functional: Mapped[int] = field(
        Integer, title=_("When it is there"), classified="internal", choices=ANSWERS, editable=False
    )
    dysfunctional: Mapped[int] = field(
        Integer, title=_("When it is not there"), classified="internal", choices=ANSWERS, editable=False
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True, editable=False
    )

    __table_args__ = (Index("ix_needs_kano_answer_customer", "customer_id", "need_id", "at"),)


class ScoreModel(Record):
    """A formula of the company's own: ``gains`` and ``costs`` are weights by the names of numbers."""

    __tablename__ = "needs_model"
    __access__ = Access.open(resource="needs.need")

    name: Mapped[str] = field(String(40), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    gains: Mapped[dict[str, str]] = field(
        json_type(), title=_("What speaks for it"), classified="public", default=dict, editable=False
    )
    costs: Mapped[dict[str, str]] = field(
        json_type(), title=_("What it is divided by"), classified="public", default=dict, editable=False
    )
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


MODELS: list[type[Any]] = [KanoLink, KanoAnswer, ScoreModel]
