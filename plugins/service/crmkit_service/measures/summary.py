"""The measures of some days in one row for each group, for the command line and for other programs."""

from __future__ import annotations

from typing import Any

from crmkit import CrmSession, Period, moment_of
from crmkit.engines.statistics.intervals import wilson
from crmkit_service.measures.figures import Tally, middle, ninetieth
from crmkit_service.measures.grouping import MeasureParameters, grouped
from crmkit_service.measures.reading import BY, By
from crmkit_service.measures.reports import hours


def summary_of(session: CrmSession, period: Period, by: By, *, dimension: str = "") -> list[dict[str, Any]]:
    """Return the measures of a period by groups; shares with their 95 per cent intervals, times in hours of work."""
    found = grouped(session, MeasureParameters(period=period, by=by, dimension=dimension), moment_of(session))
    return [{"key": key, "group": title or BY[by], **_row(tally)} for key, title, tally in found.in_order()]


def _row(tally: Tally) -> dict[str, Any]:
    return {
        "opened": tally.opened,
        "solved": tally.solved,
        "open": tally.backlog,
        "answered": tally.answered,
        "first": hours(middle(tally.first_worked)),
        "first_90": hours(ninetieth(tally.first_worked)),
        "next": hours(middle(tally.later_worked)),
        "next_90": hours(ninetieth(tally.later_worked)),
        "time": hours(middle(tally.solving_worked)),
        "time_90": hours(ninetieth(tally.solving_worked)),
        "transfers": round(tally.transfers / tally.solved, 3) if tally.solved else None,
        "ratings": tally.ratings,
        "score": round(tally.score, 3) if tally.score is not None else None,
        **_share("reopened", tally.reopened, tally.solved),
        **_share("fcr", tally.once, tally.settled),
        **_share("one_touch", tally.one_touch, tally.solved),
        **_share("first_owner", tally.first_owner, tally.solved),
        **_share("csat", tally.satisfied, tally.ratings),
    }


def _share(name: str, part: int, whole: int) -> dict[str, Any]:
    if not whole:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    found = wilson(part, whole)
    values = {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    return {key: None if value is None else round(value, 4) for key, value in values.items()}
