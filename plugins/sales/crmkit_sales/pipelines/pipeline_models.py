"""The tables of what opportunities run through: pipelines, their versions and stages, reasons, competitors, and the
counter of short numbers.

Everybody who is signed in reads them; a version that was published is never changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Model, Record, field, json_type, texts
from crmkit_sales.pipelines.stages import CATEGORIES, KINDS, LOST, OPEN_KIND, WON

_ = texts("crmkit_sales")

VERSION_STATES = {"draft": _("Draft"), "published": _("Published"), "retired": _("Retired")}
SOURCES_OF_PROBABILITY = {"stage": _("The stage"), "model": _("The model")}


class Pipeline(Record):
    """A way that sales go, such as new business or renewals. One is the usual one.

    ``probability_from`` says whether the probability of an opportunity without one of its own is its stage's, or what
    the model has learnt.
    """

    __tablename__ = "sales_pipeline"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)
    usual: Mapped[bool] = field(title=_("Usual"), classified="public", default=False)
    probability_from: Mapped[str] = field(
        String(8),
        title=_("Probability from"),
        classified="internal",
        choices=SOURCES_OF_PROBABILITY,
        default="stage",
        editable=False,
    )


class PipelineVersion(Record):
    """The stages of a pipeline as they were laid down at a time. Opportunities stay with the version they began in."""

    __tablename__ = "sales_pipeline_version"
    __access__ = Access.open(resource="sales.pipeline")

    pipeline_id: Mapped[UUID] = field(
        ForeignKey(Pipeline.id, ondelete="CASCADE"), title=_("Pipeline"), classified="public", index=True
    )
    number: Mapped[int] = field(Integer, title=_("Number"), classified="public", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="public", choices=VERSION_STATES, default="draft", editable=False
    )
    published_at: Mapped[datetime | None] = field(title=_("Published at"), classified="public", editable=False)

    __table_args__ = (UniqueConstraint("pipeline_id", "number"),)


class Stage(Record):
    """One stage of a version of a pipeline, by its ``position``.

    ``probability`` is in percent. ``entry`` and ``exit`` are criteria as `crmkit_sales.pipelines.criteria` reads them;
    after ``rot_days`` in the stage without anything happening an opportunity counts as rotting.
    """

    __tablename__ = "sales_stage"
    __access__ = Access.open()

    version_id: Mapped[UUID] = field(
        ForeignKey(PipelineVersion.id, ondelete="CASCADE"), title=_("Version"), classified="public", editable=False
    )
    position: Mapped[int] = field(Integer, title=_("Order"), classified="public", default=0)
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public")
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(String(4), title=_("Kind"), classified="public", choices=KINDS, default=OPEN_KIND)
    probability: Mapped[int] = field(Integer, title=_("Probability (percent)"), classified="public", default=0)
    category: Mapped[str] = field(
        String(10), title=_("Forecast category"), classified="public", choices=CATEGORIES, default="pipeline"
    )
    rot_days: Mapped[int | None] = field(Integer, title=_("Rots after (days)"), classified="public")
    entry: Mapped[list[Any]] = field(json_type(), title=_("To enter"), classified="internal", default=list)
    exit: Mapped[list[Any]] = field(json_type(), title=_("To leave"), classified="internal", default=list)
    reason_required: Mapped[bool] = field(title=_("Asks for a reason"), classified="public", default=False)

    __table_args__ = (Index("uq_sales_stage_version_id_name", "version_id", "name", unique=True),)


class ClosingReason(Record):
    """Why an opportunity was won or lost: one of those to choose from."""

    __tablename__ = "sales_reason"
    __access__ = Access.open()

    kind: Mapped[str] = field(
        String(4), title=_("Kind"), classified="public", choices={WON: KINDS[WON], LOST: KINDS[LOST]}, default=LOST
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class Competitor(Record):
    """Who else wants to sell to the customer."""

    __tablename__ = "sales_competitor"
    __access__ = Access.open()

    name: Mapped[str] = field(String(120), title=_("Name"), classified="internal", unique=True)
    website: Mapped[str | None] = field(String(300), title=_("Website"), classified="internal")
    notes: Mapped[str | None] = field(String(5000), title=_("Notes"), classified="text")
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Counter(Model):
    """The last short number that was given to a kind of record: one row for each, held while a record is added."""

    __tablename__ = "sales_counter"
    __access__ = Access.open(resource="sales.pipeline")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    last: Mapped[int] = field(Integer, classified="internal", default=0)


MODELS: list[type[Any]] = [Pipeline, PipelineVersion, Stage, ClosingReason, Competitor, Counter]
