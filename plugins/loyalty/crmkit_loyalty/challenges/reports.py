"""The report on challenges: how many members took part in each, and what share of them completed it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crmkit import Chart, Column, CrmSession, Period, Report, texts
from crmkit.engines.statistics.intervals import wilson
from crmkit_loyalty.challenges.models import Challenge, ChallengeCompletion, ChallengeProgress

_ = texts("crmkit_loyalty")


def challenge_rows(session: CrmSession, parameters: Period, moment: object) -> list[dict[str, Any]]:
    """Return for each challenge that was published who did something for it, and what was completed on days of the
    period. The share is of members of whom something was known, with its interval of 95% (Wilson)."""
    zone = ZoneInfo(session.business().zone)
    after = datetime.combine(parameters.last + timedelta(days=1), time(), zone)
    rows: list[dict[str, Any]] = []
    query = select(Challenge).where(Challenge.state != "draft", Challenge.published_at < after)
    for each in session.scalars(query.order_by(Challenge.published_at, Challenge.id)):
        taking = session.scalars(
            select(func.count()).select_from(ChallengeProgress).where(ChallengeProgress.challenge_id == each.id)
        ).one()
        completions, members, points = session.execute(
            select(
                func.count(),
                func.count(func.distinct(ChallengeCompletion.member_id)),
                func.coalesce(func.sum(ChallengeCompletion.points), 0),
            ).where(
                ChallengeCompletion.challenge_id == each.id,
                ChallengeCompletion.state == "given",
                ChallengeCompletion.on_day >= parameters.first,
                ChallengeCompletion.on_day <= parameters.last,
            )
        ).one()
        share = wilson(members, taking) if taking else None
        rows.append(
            {
                "key": each.name,
                "challenge": each.title,
                "taking": taking,
                "members": members,
                "completions": completions,
                "points": int(points),
                "share": None if share is None else share.value,
                "low": None if share is None else share.low,
                "high": None if share is None else share.high,
            }
        )
    return rows


REPORTS = [
    Report(
        name="loyalty.challenges",
        title=_("Challenges"),
        rows=challenge_rows,
        parameters=Period,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="challenge", title=_("Challenge")),
            Column(name="taking", title=_("Members in it"), kind="integer"),
            Column(name="members", title=_("Who completed it"), kind="integer"),
            Column(name="completions", title=_("Completed"), kind="integer", total=True),
            Column(name="points", title=_("Points"), kind="integer", total=True),
            Column(name="share", title=_("Share who completed it"), kind="share"),
            Column(name="low", title=_("At least"), kind="share"),
            Column(name="high", title=_("At most"), kind="share"),
        ],
        charts=[Chart.bars("challenge", "completions")],
        temporal=False,
        doc=_("What members completed in the period, and what share of those in it did, with its interval."),
    )
]
