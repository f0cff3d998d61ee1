"""The tables of feedback: what somebody said, and what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import (
    Access,
    Customer,
    Entry,
    Interaction,
    Model,
    Product,
    Record,
    Team,
    User,
    field,
    json_type,
    kernel_key,
    texts,
)
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.items.words import BANDS, EVENT_KINDS, SENTIMENTS, SOURCES, STATES, VERDICTS

_ = texts("crmkit_feedback")


class Feedback(Record):
    """Something that somebody said about us, by whatever way, and what becomes of it.

    ``number`` is what people call it by. ``item`` is what it is about (a product, a place, a service) in words,
    ``about`` the record that it is about, as ``<resource>:<id>``. ``score`` is as ``metric`` counts, ``band`` follows
    from it. ``loop`` says that somebody has to see to it: then it has a ``due_at``. ``sentiment`` and
    ``sentiment_score`` (-100 to 100) are computed. ``customer_id`` is None where nobody knows who said it, or where the
    survey is anonymous. With ``source`` and ``external_id`` it is kept once.
    """

    __tablename__ = "feedback_feedback"
    __access__ = Access.owned(via="customer_id")

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    source: Mapped[str] = field(String(6), title=_("Source"), classified="internal", choices=SOURCES, editable=False)
    channel: Mapped[str | None] = field(String(40), title=_("Channel"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    response_id: Mapped[UUID | None] = field(
        ForeignKey(SurveyResponse.id, ondelete="SET NULL"),
        title=_("Response"),
        classified="internal",
        unique=True,
        editable=False,
    )
    interaction_id: Mapped[UUID | None] = field(
        kernel_key(Interaction.id, ondelete="SET NULL"),
        title=_("Interaction"),
        classified="internal",
        index=True,
        editable=False,
    )
    item: Mapped[str | None] = field(String(200), title=_("About what"), classified="internal")
    product_id: Mapped[UUID | None] = field(
        kernel_key(Product.id, ondelete="SET NULL"), title=_("Product"), classified="internal", index=True
    )
    touchpoint: Mapped[str | None] = field(String(80), title=_("Touchpoint"), classified="internal")
    about: Mapped[str | None] = field(String(160), title=_("Record"), classified="internal", editable=False)
    verbatim: Mapped[str | None] = field(String(8000), title=_("What was said"), classified="text", searchable=True)
    language: Mapped[str | None] = field(String(12), title=_("Language"), classified="internal", editable=False)
    metric: Mapped[str | None] = field(String(6), title=_("Measure"), classified="internal", editable=False)
    score: Mapped[int | None] = field(Integer, title=_("Score"), classified="internal", editable=False)
    band: Mapped[str | None] = field(String(8), title=_("Band"), classified="internal", choices=BANDS, editable=False)
    sentiment: Mapped[str | None] = field(
        String(8), title=_("Sentiment"), classified="internal", choices=SENTIMENTS, editable=False
    )
    sentiment_score: Mapped[int | None] = field(
        Integer, title=_("Sentiment (-100 to 100)"), classified="internal", editable=False
    )
    judged: Mapped[bool] = field(
        title=_("Was looked at for themes"), classified="internal", default=False, editable=False
    )
    received_at: Mapped[datetime] = field(title=_("Received at"), classified="internal", editable=False)
    loop: Mapped[bool] = field(title=_("To be seen to"), classified="internal", default=False, editable=False)
    state: Mapped[str] = field(
        String(18), title=_("State"), classified="internal", choices=STATES, default="new", editable=False
    )
    state_since: Mapped[datetime] = field(title=_("In this state since"), classified="internal", editable=False)
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    opened_at: Mapped[datetime | None] = field(title=_("To be seen to since"), classified="internal", editable=False)
    task_id: Mapped[UUID | None] = field(title=_("Task"), classified="internal", editable=False)
    due_at: Mapped[datetime | None] = field(title=_("Due at"), classified="internal", editable=False)
    contacted_at: Mapped[datetime | None] = field(title=_("Contacted at"), classified="internal", editable=False)
    touched_at: Mapped[datetime | None] = field(
        title=_("Contacted since it was opened last"), classified="internal", editable=False
    )
    escalated_at: Mapped[datetime | None] = field(title=_("Escalated at"), classified="internal", editable=False)
    resolved_at: Mapped[datetime | None] = field(title=_("Resolved at"), classified="internal", editable=False)
    resolution: Mapped[str | None] = field(String(2000), title=_("What was done"), classified="text")
    cause: Mapped[str | None] = field(String(200), title=_("Cause"), classified="internal")
    verdict: Mapped[str | None] = field(
        String(10), title=_("Customer's verdict"), classified="internal", choices=VERDICTS, editable=False
    )
    verified_at: Mapped[datetime | None] = field(title=_("Verified at"), classified="internal", editable=False)
    reopened: Mapped[int] = field(
        Integer, title=_("Times opened again"), classified="internal", default=0, editable=False
    )
    attributes: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Attributes"), classified="internal", default=dict, editable=False
    )
    external_source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_feedback_feedback_loop", "loop", "state", "due_at"),
        Index("ix_feedback_feedback_judged", "judged", "received_at"),
        Index("ix_feedback_feedback_received", "received_at", "id"),
        Index("ix_feedback_feedback_customer", "customer_id", "received_at"),
        Index("uq_feedback_feedback_external", "external_source", "external_id", unique=True),
    )

    def text_is_open(self, session: Any) -> bool:
        """Say that what was said is kept in plain: people search it, and themes are found in it."""
        return True

    @classmethod
    def text_row_is_open(cls, session: Any, row: Mapping[str, Any]) -> bool:
        """Say that what was said is kept in plain: people search it, and themes are found in it."""
        return True


class FeedbackEvent(Entry):
    """Something that happened to feedback; ``at`` is of the business's clock."""

    __tablename__ = "feedback_event"
    __access__ = Access.via("feedback_id", resource="feedback.feedback")

    feedback_id: Mapped[UUID] = field(
        ForeignKey(Feedback.id, ondelete="CASCADE"), title=_("Feedback"), classified="internal", index=True
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    kind: Mapped[str] = field(String(10), title=_("What"), classified="internal", choices=EVENT_KINDS)
    before: Mapped[str | None] = field(String(200), title=_("Before"), classified="internal")
    after: Mapped[str | None] = field(String(200), title=_("After"), classified="internal")
    note: Mapped[str | None] = field(String(2000), title=_("Note"), classified="sensitive")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True
    )


class LoopPolicy(Record):
    """What is done about which feedback: the first active one that fits, by ``position``, holds.

    It fits feedback of one of its ``bands``, ``sources`` and ``touchpoints`` and about its ``theme`` (nothing named:
    any), by a customer for whom ``condition`` holds. ``hours`` are those of work within which the customer is to be
    contacted; without them it only says who gets it, and opens no loop. ``queue`` (by name) gives it out, ``team_id``
    gets what no queue and no owner of a customer takes.
    """

    __tablename__ = "feedback_loop_policy"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    position: Mapped[int] = field(Integer, title=_("Position"), classified="public", default=100)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)
    bands: Mapped[list[Any]] = field(json_type(), title=_("Bands"), classified="public", default=list)
    sources: Mapped[list[Any]] = field(json_type(), title=_("Sources"), classified="public", default=list)
    touchpoints: Mapped[list[Any]] = field(json_type(), title=_("Touchpoints"), classified="public", default=list)
    theme: Mapped[str | None] = field(String(60), title=_("Theme"), classified="public")
    condition: Mapped[str | None] = field(String(1000), title=_("Which customers"), classified="internal")
    hours: Mapped[int | None] = field(Integer, title=_("Working hours"), classified="public")
    queue: Mapped[str | None] = field(String(60), title=_("Queue"), classified="public")
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="public", index=True
    )


class FeedbackCounter(Model):
    """The last number that was given to feedback: one row, held while feedback is taken in."""

    __tablename__ = "feedback_counter"
    __access__ = Access.open(resource="feedback.feedback")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    last: Mapped[int] = field(Integer, classified="internal", default=0)


MODELS: list[type[Any]] = [Feedback, FeedbackEvent, LoopPolicy, FeedbackCounter]
