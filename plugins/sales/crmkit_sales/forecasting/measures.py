"""The figures of a forecast, as formulas: categories that build on each other, weighted sums, attainment, coverage, win
rate, velocity, accuracy. Must not know the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from attrs import frozen

from crmkit import Period, texts
from crmkit_sales.forecasting.deals import Deal, within

_ = texts("crmkit_sales")

CATEGORIES: Mapping[str, str] = {
    "closed": _("Closed"),
    "commit": _("Commit"),
    "best_case": _("Best case"),
    "pipeline": _("Pipeline"),
}
"""The categories that count, from the surest to the least sure, with their titles; what is omitted is in none."""

MEASURES: Mapping[str, str] = {**CATEGORIES, "weighted": _("Weighted")}
"""The figures of a forecast that can be taken for what will be closed."""


@frozen(kw_only=True)
class Forecast:
    """What a period will bring, in minor units of the base currency.

    Categories are cumulative: ``commit`` holds what is closed as well, ``best_case`` both, ``pipeline`` all that is
    not omitted. ``weighted`` is what is closed and each open deal times its probability. ``open_minor`` is what is open
    and not omitted, ``open_count`` and ``won_count`` count deals.
    """

    closed: int = 0
    commit: int = 0
    best_case: int = 0
    pipeline: int = 0
    weighted: int = 0
    open_minor: int = 0
    open_count: int = 0
    won_count: int = 0

    def figure(self, name: str) -> int:
        """Return the figure of one of `MEASURES`."""
        found: int = getattr(self, name)
        return found


def forecast(deals: Iterable[Deal], period: Period) -> Forecast:
    """Return what a period will bring by the deals that close in it. What is lost or omitted counts nowhere."""
    sums: dict[str, int] = defaultdict(int)
    weighted = open_count = won_count = 0
    for deal in deals:
        if not within(deal, period):
            continue
        if deal.kind == "won":
            sums["closed"] += deal.counted
            won_count += 1
        elif deal.is_open and deal.category != "omitted":
            # What is said to be closed and is not can be no surer than committed.
            sums[deal.category if deal.category in ("best_case", "pipeline") else "commit"] += deal.counted
            weighted += deal.weighted
            open_count += 1
    closed = sums["closed"]
    commit = closed + sums["commit"]
    best_case = commit + sums["best_case"]
    pipeline = best_case + sums["pipeline"]
    return Forecast(
        closed=closed,
        commit=commit,
        best_case=best_case,
        pipeline=pipeline,
        weighted=closed + weighted,
        open_minor=pipeline - closed,
        open_count=open_count,
        won_count=won_count,
    )


def by_month(deals: Iterable[Deal]) -> dict[date, int]:
    """Return the weighted sums of open and won deals by the first day of the month in which they close."""
    sums: dict[date, int] = defaultdict(int)
    for deal in deals:
        if deal.close_on is None or deal.kind in ("lost", "removed") or (deal.is_open and deal.category == "omitted"):
            continue
        sums[deal.close_on.replace(day=1)] += deal.counted if deal.kind == "won" else deal.weighted
    return dict(sorted(sums.items()))


def attainment(closed: int, quota: int) -> float | None:
    """Return closed ÷ quota, or None without a quota."""
    return closed / quota if quota > 0 else None


def coverage(open_minor: int, quota: int, closed: int) -> float | None:
    """Return the open pipeline ÷ (quota − closed), or None once the quota is reached."""
    return open_minor / (quota - closed) if quota > closed else None


def win_rate(won: int, lost: int) -> float | None:
    """Return won ÷ (won + lost), or None where nothing was closed."""
    return won / (won + lost) if won + lost else None


def velocity(open_count: int, rate: float | None, average_deal: float, cycle_days: float) -> float | None:
    """Return what is won a day, in minor units: open deals × win rate × average deal ÷ average cycle in days.

    None where there is no win rate, or no time passes between opening and winning.
    """
    return open_count * rate * average_deal / cycle_days if rate is not None and cycle_days > 0 else None


@frozen(kw_only=True)
class Accuracy:
    """How right forecasts were: ``wape`` is Σ|A − F| ÷ ΣA, ``bias`` Σ(F − A) ÷ ΣA (above 0: too high). Both are None
    where nothing was closed. ``n`` counts the pairs."""

    wape: float | None
    bias: float | None
    n: int


def accuracy(pairs: Sequence[tuple[int, int]]) -> Accuracy:
    """Return the accuracy of forecasts, given pairs of what was forecast and what it came to."""
    actual = sum(found for _said, found in pairs)
    if actual <= 0:
        return Accuracy(wape=None, bias=None, n=len(pairs))
    return Accuracy(
        wape=sum(abs(found - said) for said, found in pairs) / actual,
        bias=sum(said - found for said, found in pairs) / actual,
        n=len(pairs),
    )
