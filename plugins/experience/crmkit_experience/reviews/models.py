"""The tables of reviews: scorecards and their versions, what was drawn, calibrations, and the reviews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, CustomerRecord, Entry, Id, Record, User, field, json_type, kernel_key, texts
from crmkit_experience.reviews.words import CALIBRATIONS, METHODS, STATES, VERDICTS, WAITING

_ = texts("crmkit_experience")


class Scorecard(Record):
    """What conversations are judged by. ``draft`` is being written; what is in use is the version ``number``, 0 before
    the first. Whoever has the role ``lead_role`` sees all reviews by it, everybody else their own."""

    __tablename__ = "experience_scorecard"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    draft: Mapped[dict[str, Any]] = field(json_type(), title=_("Draft"), classified="internal", default=dict)
    number: Mapped[int] = field(Integer, title=_("Version in use"), classified="internal", default=0, editable=False)
    lead_role: Mapped[str] = field(
        String(60), title=_("Role that sees all reviews"), classified="internal", default="manager"
    )
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class ScorecardVersion(Entry):
    """A scorecard as it was published: it is never changed again. ``number`` counts from 1."""

    __tablename__ = "experience_scorecard_version"
    __access__ = Access.via("scorecard_id", resource="experience.scorecard")

    scorecard_id: Mapped[UUID] = field(
        ForeignKey(Scorecard.id, ondelete="CASCADE"), title=_("Scorecard"), classified="internal"
    )
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal")
    content: Mapped[dict[str, Any]] = field(json_type(), title=_("Content"), classified="internal")
    published_at: Mapped[datetime] = field(title=_("Published at"), classified="internal")

    __table_args__ = (UniqueConstraint("scorecard_id", "number"),)


class Draw(Entry):
    """What was drawn to be reviewed: how, by which seed, from how many conversations of which days, and how many."""

    __tablename__ = "experience_review_draw"
    __access__ = Access.open(resource="experience.review")

    scorecard_id: Mapped[UUID] = field(
        ForeignKey(Scorecard.id, ondelete="CASCADE"), title=_("Scorecard"), classified="internal", index=True
    )
    method: Mapped[str] = field(String(12), title=_("How"), classified="internal", choices=METHODS)
    unit: Mapped[str] = field(String(12), title=_("What"), classified="internal")
    seed: Mapped[int] = field(Integer, title=_("Seed"), classified="internal")
    first: Mapped[date] = field(title=_("From"), classified="internal")
    last: Mapped[date] = field(title=_("To"), classified="internal")
    among: Mapped[int] = field(Integer, title=_("Out of"), classified="internal")
    drawn: Mapped[int] = field(Integer, title=_("Drawn"), classified="internal")
    nobody: Mapped[int] = field(Integer, title=_("Without a reviewer"), classified="internal", default=0)
    drawn_at: Mapped[datetime] = field(title=_("Drawn at"), classified="internal")


class Calibration(Record):
    """The same conversations for several raters, each of whom sees their own review alone until all are done."""

    __tablename__ = "experience_calibration"
    __access__ = Access.open()

    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    scorecard_id: Mapped[UUID] = field(
        ForeignKey(Scorecard.id, ondelete="CASCADE"),
        title=_("Scorecard"),
        classified="internal",
        index=True,
        editable=False,
    )
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=CALIBRATIONS, default="open", editable=False
    )
    opened_at: Mapped[datetime] = field(title=_("Begun at"), classified="internal", editable=False)
    closed_at: Mapped[datetime | None] = field(title=_("Compared at"), classified="internal", editable=False)


class Review(CustomerRecord):
    """One conversation, judged by one person. The owner is whose conversation it was: who is judged.

    ``ref`` is ``interaction:<id>`` or ``service.case:<id>``, ``happened_at`` when it was over (UTC). ``scores`` are by
    category, null for what does not apply; ``shares`` what each reaches of its scale; ``score`` what it all comes to
    (0 to 100), None until it is done or where nothing applies. A dispute that was accepted leaves ``first_scores`` and
    ``first_score`` as they were. ``blind`` while a calibration is under way; reviews of one count in no person's score.
    """

    __tablename__ = "experience_review"

    ref: Mapped[str] = field(String(160), title=_("Conversation"), classified="internal", index=True, editable=False)
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal", editable=False)
    happened_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    scorecard_id: Mapped[UUID] = field(
        ForeignKey(Scorecard.id, ondelete="CASCADE"),
        title=_("Scorecard"),
        classified="internal",
        index=True,
        editable=False,
    )
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    lead_role: Mapped[str] = field(String(60), classified="internal", default="manager", editable=False)
    reviewer_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Reviewer"),
        classified="internal",
        index=True,
        editable=False,
    )
    method: Mapped[str] = field(String(12), title=_("Drawn"), classified="internal", choices=METHODS, editable=False)
    risks: Mapped[list[str]] = field(json_type(), classified="internal", default=list, editable=False)
    draw_id: Mapped[UUID | None] = field(Id, classified="internal", editable=False)
    calibration_id: Mapped[UUID | None] = field(
        ForeignKey(Calibration.id, ondelete="CASCADE"),
        title=_("Calibration"),
        classified="internal",
        index=True,
        editable=False,
    )
    blind: Mapped[bool] = field(title=_("Blind"), classified="internal", default=False, editable=False)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=STATES, default=WAITING, editable=False
    )
    scores: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Scores"), classified="internal", default=dict, editable=False
    )
    shares: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    score: Mapped[float | None] = field(title=_("Score"), classified="internal", editable=False)
    failed: Mapped[bool] = field(title=_("Critical failure"), classified="internal", default=False, editable=False)
    comment: Mapped[str | None] = field(String(4000), title=_("Comment"), classified="text", editable=False)
    done_at: Mapped[datetime | None] = field(title=_("Done at"), classified="internal", editable=False)
    done_on: Mapped[date | None] = field(title=_("Done on"), classified="internal", editable=False)
    first_scores: Mapped[dict[str, Any] | None] = field(json_type(), classified="internal", editable=False)
    first_score: Mapped[float | None] = field(
        title=_("Score before the dispute"), classified="internal", editable=False
    )
    disputed_at: Mapped[datetime | None] = field(title=_("Disputed at"), classified="internal", editable=False)
    dispute: Mapped[str | None] = field(String(4000), title=_("Why it is disputed"), classified="text", editable=False)
    verdict: Mapped[str | None] = field(
        String(8), title=_("Verdict"), classified="internal", choices=VERDICTS, editable=False
    )
    settled_at: Mapped[datetime | None] = field(title=_("Settled at"), classified="internal", editable=False)
    settled_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Settled by"),
        classified="internal",
        index=True,
        editable=False,
    )
    answer: Mapped[str | None] = field(
        String(4000), title=_("Why it was decided so"), classified="text", editable=False
    )

    __table_args__ = (
        Index("ix_experience_review_state", "state", "reviewer_id"),
        Index("ix_experience_review_done", "done_on", "scorecard_id"),
        Index("uq_experience_review_who", "ref", "scorecard_id", "reviewer_id", "calibration_id", unique=True),
    )


MODELS: list[type[Any]] = [Scorecard, ScorecardVersion, Draw, Calibration, Review]
