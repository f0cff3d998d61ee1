"""The tables of model runs: what was fitted, when, on what, how good it is; and apart from it, what it scores with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Id, Model, Record, field, json_type, texts

_ = texts("crmkit_analytics")

STATES = {
    "queued": _("Queued"),
    "running": _("Running"),
    "done": _("Done"),
    "refused": _("Refused"),
    "failed": _("Failed"),
    "adopted": _("Adopted"),
    "retired": _("Retired"),
}
"""The states of a run, with titles: done is a candidate, refused is no better than its base line."""


class ModelRun(Record):
    """One fit of a model: which data it was given, what it found, and whether it counts.

    Data is of the days from ``data_from`` to ``data_until``, both included, as ``known_at`` had it; ``as_of`` is the
    end of the last one. ``asked`` are the parameters that were asked for, ``parameters`` those that were found.
    ``progress`` is 0 to 100. ``beat_at`` is when it last told something.
    """

    __tablename__ = "analytics_model_run"
    __access__ = Access.open(resource="analytics.model_run")
    __history__ = False

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    model: Mapped[str] = field(String(80), title=_("Model"), classified="internal", editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default="queued", editable=False
    )
    data_from: Mapped[date | None] = field(title=_("Data from"), classified="internal", editable=False)
    data_until: Mapped[date] = field(title=_("Data until"), classified="internal", editable=False)
    as_of: Mapped[datetime] = field(title=_("As of"), classified="internal", editable=False)
    known_at: Mapped[datetime] = field(title=_("As known at"), classified="internal", editable=False)
    asked: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    parameters: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    figures: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    baseline: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    judged_by: Mapped[str | None] = field(String(80), title=_("Judged by"), classified="internal", editable=False)
    notes: Mapped[list[Any]] = field(json_type(), classified="internal", default=list, editable=False)
    rows: Mapped[int | None] = field(title=_("Rows"), classified="internal", editable=False)
    code_version: Mapped[str] = field(String(120), title=_("Code"), classified="internal", editable=False)
    seed: Mapped[int] = field(title=_("Seed"), classified="internal", editable=False)
    requested_by: Mapped[str | None] = field(String(80), title=_("Asked for by"), classified="internal", editable=False)
    started_at: Mapped[datetime | None] = field(title=_("Started at"), classified="internal", editable=False)
    finished_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    beat_at: Mapped[datetime | None] = field(classified="internal", editable=False)
    tries: Mapped[int] = field(Integer, classified="internal", default=0, editable=False)
    progress: Mapped[int] = field(Integer, title=_("Progress"), classified="internal", default=0, editable=False)
    progress_word: Mapped[str | None] = field(String(200), classified="internal", editable=False)
    reason: Mapped[str | None] = field(String(1000), title=_("Reason"), classified="internal", editable=False)
    adopted_at: Mapped[datetime | None] = field(title=_("Adopted at"), classified="internal", editable=False)
    adopted_by: Mapped[str | None] = field(String(80), title=_("Adopted by"), classified="internal", editable=False)
    retired_at: Mapped[datetime | None] = field(title=_("Retired at"), classified="internal", editable=False)

    __table_args__ = (Index("ix_analytics_model_run_model", "model", "state"),)


class ModelArtifact(Model):
    """What a run scores with, as JSON; it may be large, so that it is read only when it is needed."""

    __tablename__ = "analytics_model_artifact"
    __access__ = Access.open(resource="analytics.model_run")

    run_id: Mapped[UUID] = field(
        Id, ForeignKey(ModelRun.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    content: Mapped[Any] = field(json_type(), classified="internal")


MODELS: list[type[Any]] = [ModelRun, ModelArtifact]
