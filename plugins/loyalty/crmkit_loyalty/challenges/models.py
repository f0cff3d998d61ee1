"""The tables of challenges: challenges, how far members are, what they completed, and their badges."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, CustomerRecord, Record, ScaledDecimal, field, texts
from crmkit_loyalty.challenges.words import BADGE_STATES, BADGES, COMPLETIONS, KINDS, STATES, UNITS, WINDOWS
from crmkit_loyalty.programs.models import Member, PointType, Program

_ = texts("crmkit_loyalty")


class Challenge(Record):
    """Something that members do so often, for so much money, or so many days, weeks or months in a row.

    ``event`` is a kind of interactions, ``condition`` an expression as in rules of points. Of a streak ``unit`` says of
    what, and ``per_unit`` how often within each; with ``again`` it can be done as often as the row is long enough. Days
    are those of the company's zone, ``since`` and ``until`` its first and its last one. ``badge`` is the title of what
    is shown for it, empty for none.
    """

    __tablename__ = "loyalty_challenge"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal", editable=False
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    description: Mapped[str | None] = field(String(2000), title=_("Description"), classified="public")
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=STATES, default="draft", editable=False
    )
    kind: Mapped[str] = field(String(6), title=_("Counts"), classified="internal", choices=KINDS, default="count")
    event: Mapped[str] = field(String(60), title=_("For"), classified="internal", default="purchase")
    condition: Mapped[str] = field(String(2000), title=_("Condition"), classified="internal", default="")
    target: Mapped[Decimal] = field(ScaledDecimal(6), title=_("How much it takes"), classified="public")
    window: Mapped[str] = field(String(7), title=_("Within"), classified="internal", choices=WINDOWS, default="whole")
    unit: Mapped[str] = field(String(5), title=_("In a row"), classified="internal", choices=UNITS, default="day")
    per_unit: Mapped[int] = field(Integer, title=_("Times in each"), classified="internal", default=1)
    again: Mapped[bool] = field(title=_("Can be done again"), classified="internal", default=True)
    since: Mapped[date | None] = field(title=_("From"), classified="public")
    until: Mapped[date | None] = field(title=_("Until"), classified="public")
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal", editable=False
    )
    points: Mapped[int] = field(title=_("Points for it"), classified="public", default=0)
    badge: Mapped[str | None] = field(String(120), title=_("Badge"), classified="public")
    badge_rule: Mapped[str] = field(
        String(9), title=_("The badge"), classified="internal", choices=BADGES, default="take_away"
    )
    published_at: Mapped[datetime | None] = field(title=_("Published at"), classified="internal", editable=False)
    retired_at: Mapped[datetime | None] = field(title=_("Retired at"), classified="internal", editable=False)

    __table_args__ = (Index("uq_loyalty_challenge_name", "program_id", "name", unique=True),)


class ChallengeProgress(CustomerRecord):
    """How far a member is in a challenge: within the running period, or the running row, through a day; after that day
    it begins anew. ``done`` is how often it was completed. It follows from the interactions at any time."""

    __tablename__ = "loyalty_challenge_progress"
    __history__ = False

    challenge_id: Mapped[UUID] = field(
        ForeignKey(Challenge.id, ondelete="CASCADE"), title=_("Challenge"), classified="internal", editable=False
    )
    member_id: Mapped[UUID] = field(
        ForeignKey(Member.id, ondelete="CASCADE"), title=_("Member"), classified="internal", index=True, editable=False
    )
    value: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Reached"), classified="internal", editable=False)
    done: Mapped[int] = field(Integer, title=_("Completed"), classified="internal", default=0, editable=False)
    through: Mapped[date | None] = field(title=_("Through"), classified="internal", editable=False)
    looked_at: Mapped[datetime] = field(classified="internal", editable=False)

    __table_args__ = (Index("uq_loyalty_challenge_progress", "challenge_id", "member_id", unique=True),)


class ChallengeCompletion(CustomerRecord):
    """That a member completed a challenge: in which period, or for the how manieth time. One that was taken back and
    reached again counts anew, as its next ``turn``."""

    __tablename__ = "loyalty_challenge_completion"

    challenge_id: Mapped[UUID] = field(
        ForeignKey(Challenge.id, ondelete="CASCADE"), title=_("Challenge"), classified="internal", editable=False
    )
    member_id: Mapped[UUID] = field(
        ForeignKey(Member.id, ondelete="CASCADE"), title=_("Member"), classified="internal", index=True, editable=False
    )
    period: Mapped[str] = field(String(12), title=_("Period"), classified="internal", editable=False)
    turn: Mapped[int] = field(Integer, classified="internal", default=1, editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=COMPLETIONS, default="given", editable=False
    )
    on_day: Mapped[date] = field(title=_("Day"), classified="internal", editable=False)
    completed_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Taken back at"), classified="internal", editable=False)
    points: Mapped[int] = field(title=_("Points"), classified="internal", default=0, editable=False)

    __table_args__ = (
        Index("uq_loyalty_challenge_completion", "challenge_id", "member_id", "period", "turn", unique=True),
    )


class Badge(CustomerRecord):
    """A badge that a member has, or had."""

    __tablename__ = "loyalty_badge"

    challenge_id: Mapped[UUID] = field(
        ForeignKey(Challenge.id, ondelete="CASCADE"), title=_("Challenge"), classified="internal", editable=False
    )
    member_id: Mapped[UUID] = field(
        ForeignKey(Member.id, ondelete="CASCADE"), title=_("Member"), classified="internal", index=True, editable=False
    )
    title: Mapped[str] = field(String(120), title=_("Badge"), classified="public", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=BADGE_STATES, default="given", editable=False
    )
    given_at: Mapped[datetime] = field(title=_("Given at"), classified="internal", editable=False)
    taken_at: Mapped[datetime | None] = field(title=_("Taken away at"), classified="internal", editable=False)

    __table_args__ = (Index("uq_loyalty_badge", "challenge_id", "member_id", unique=True),)


MODELS: list[type[Any]] = [Challenge, ChallengeProgress, ChallengeCompletion, Badge]
