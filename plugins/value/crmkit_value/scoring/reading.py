"""Which scoring counts at a moment. Must not change anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from crmkit import CrmSession, moment_of
from crmkit_value.scoring.models import Scoring


def latest(
    session: CrmSession, kind: str, as_of: date | datetime | None = None, known_at: date | datetime | None = None
) -> Scoring | None:
    """Return the last scoring of a kind that was complete, as of a moment, by what was known at another one."""
    moment = moment_of(session, as_of, known_at)
    query = select(Scoring).where(Scoring.kind == kind, Scoring.state == "done")
    query = query.where(Scoring.as_of <= moment.as_of, Scoring.recorded_at <= moment.known_at)
    return session.scalars(query.order_by(Scoring.as_of.desc(), Scoring.recorded_at.desc()).limit(1)).first()


def before(session: CrmSession, of: Scoring) -> Scoring | None:
    """Return the scoring of the same kind on the last day before another one."""
    query = select(Scoring).where(Scoring.kind == of.kind, Scoring.state == "done", Scoring.day < of.day)
    return session.scalars(query.order_by(Scoring.as_of.desc(), Scoring.recorded_at.desc()).limit(1)).first()


def all_of(session: CrmSession, kind: str, limit: int = 60) -> Sequence[Scoring]:
    """Return the scorings of a kind that are complete, the newest first."""
    query = select(Scoring).where(Scoring.kind == kind, Scoring.state == "done")
    return list(session.scalars(query.order_by(Scoring.as_of.desc(), Scoring.recorded_at.desc()).limit(limit)))
