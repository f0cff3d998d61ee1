"""The report on referrals: what became of the codes that were entered in a period."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Period, Report, texts
from crmkit.engines.statistics.intervals import wilson
from crmkit_loyalty.referrals.models import Referral
from crmkit_loyalty.referrals.words import STATES

_ = texts("crmkit_loyalty")


def referral_rows(session: CrmSession, parameters: Period, moment: object) -> list[dict[str, Any]]:
    """Return by month what became of the codes that were entered in a period. The share is of those that were not
    refused at once, with its interval of 95% (Wilson)."""
    zone = ZoneInfo(session.business().zone)
    first = datetime.combine(parameters.first, time(), zone)
    after = datetime.combine(parameters.last + timedelta(days=1), time(), zone)
    query = select(Referral.entered_at, Referral.state, Referral.referrer_points, Referral.referred_points).where(
        Referral.entered_at >= first, Referral.entered_at < after
    )
    months: dict[str, Counter[str]] = {}
    for entered_at, state, one, other in session.execute(query):
        found = months.setdefault(f"{entered_at.astimezone(zone):%Y-%m}", Counter())
        found[state] += 1
        found["points"] += one + other if state in ("qualified", "rewarded") else 0
    rows: list[dict[str, Any]] = []
    for month, found in sorted(months.items()):
        whole = sum(found[state] for state in STATES)
        asked = whole - found["refused"] - found["entered"]
        share = wilson(found["qualified"] + found["rewarded"], asked) if asked else None
        rows.append(
            {
                "month": month,
                "whole": whole,
                **{state: found[state] for state in STATES},
                "points": found["points"],
                "share": None if share is None else share.value,
                "low": None if share is None else share.low,
                "high": None if share is None else share.high,
            }
        )
    return rows


REPORTS = [
    Report(
        name="loyalty.referrals",
        title=_("Referrals"),
        rows=referral_rows,
        parameters=Period,
        columns=[
            Column(name="month", title=_("Month")),
            Column(name="whole", title=_("Codes entered"), kind="integer", total=True),
            *(Column(name=name, title=title, kind="integer", total=True) for name, title in STATES.items()),
            Column(name="points", title=_("Points"), kind="integer", total=True),
            Column(name="share", title=_("Share that qualified"), kind="share", doc=_("Of those not refused.")),
            Column(name="low", title=_("At least"), kind="share"),
            Column(name="high", title=_("At most"), kind="share"),
        ],
        charts=[Chart.stack("month", "rewarded", "qualified", "open", "cancelled", "refused")],
        temporal=False,
        doc=_("What became of the codes that were entered in the period, and what share qualified, with its interval."),
    )
]
