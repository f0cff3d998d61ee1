"""The tables of topics: runs, what was found, and which texts each topic is made of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Interaction, Model, Record, User, field, json_type, kernel_key, texts
from crmkit_needs.catalogue.models import Need

_ = texts("crmkit_needs")

RUNS = {
    "waiting": _("Waiting"),
    "running": _("Running"),
    "done": _("Done"),
    "empty": _("Too few texts"),
    "failed": _("Failed"),
}
TOPICS = {"new": _("New"), "ignored": _("Ignored"), "need": _("Became a need")}


class TopicRun(Record):
    """A search for topics in texts of a period, as it was asked for. ``since`` is its first day, ``until`` its last
    one, ``kinds`` the kinds of interactions that were read; ``wanted`` says how many topics, where somebody said it.

    How much was read is not kept: it would count what a reader may not see.
    """

    __tablename__ = "needs_topic_run"
    __access__ = Access.open()
    __history__ = False

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=RUNS, default="waiting", editable=False
    )
    since: Mapped[date] = field(title=_("From"), classified="internal", editable=False)
    until: Mapped[date] = field(title=_("Until"), classified="internal", editable=False)
    kinds: Mapped[list[Any]] = field(json_type(), title=_("Kinds"), classified="internal", editable=False, default=list)
    wanted: Mapped[int | None] = field(Integer, title=_("Topics wanted"), classified="internal", editable=False)
    asked_at: Mapped[datetime] = field(title=_("Asked for at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    error: Mapped[str | None] = field(String(300), title=_("Error"), classified="internal", editable=False)
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True, editable=False
    )


class Topic(Record):
    """Something that customers say again and again: the terms that tell it from others, and what became of it.

    Every term was said by at least three customers. How many texts and customers it has is counted from its texts, of
    those that the reader may see.
    """

    __tablename__ = "needs_topic"
    __access__ = Access.open()
    __history__ = False

    run_id: Mapped[UUID] = field(
        ForeignKey(TopicRun.id, ondelete="CASCADE"), title=_("Run"), classified="internal", index=True, editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", editable=False)
    terms: Mapped[list[Any]] = field(json_type(), title=_("Terms"), classified="internal", default=list, editable=False)
    state: Mapped[str] = field(
        String(7), title=_("State"), classified="internal", choices=TOPICS, default="new", editable=False
    )
    need_id: Mapped[UUID | None] = field(
        ForeignKey(Need.id, ondelete="SET NULL"), title=_("Need"), classified="internal", index=True, editable=False
    )


class TopicText(Model):
    """That a text belongs to a topic; who may see the interaction may see it. ``nearness``, from -1 to 1, says how well
    it stands for the topic; one of the period ``before`` is there to compare with."""

    __tablename__ = "needs_topic_text"
    __access__ = Access.via("interaction_id", Interaction, resource="interaction")

    topic_id: Mapped[UUID] = field(
        ForeignKey(Topic.id, ondelete="CASCADE"), title=_("Topic"), classified="internal", primary_key=True
    )
    interaction_id: Mapped[UUID] = field(
        kernel_key(Interaction.id, ondelete="CASCADE"), title=_("Interaction"), classified="internal", primary_key=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    nearness: Mapped[float] = field(Float, title=_("How near"), classified="internal", default=0.0)
    before: Mapped[bool] = field(title=_("Of the period before"), classified="internal", default=False)

    __table_args__ = (Index("ix_needs_topic_text_interaction", "interaction_id"),)


MODELS: list[type[Any]] = [TopicRun, Topic, TopicText]
