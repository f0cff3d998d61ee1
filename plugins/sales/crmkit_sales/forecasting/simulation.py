"""What a period may bring, tried out many times: each deal is won or not, and closes sooner or later than expected.

Every deal draws from a stream of its own, made of the seed and its id: the same deals give the same figures in any
order, and one more deal leaves what the others drew. Needs numpy (the extra ``crmkit[sales]``). Must not know the
database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from attrs import field, frozen

from crmkit import InvalidInput, Period, Problem, texts
from crmkit_sales.forecasting.deals import WHOLE, Deal, within
from crmkit_sales.forecasting.extras import library

_ = texts("crmkit_sales")

RUNS = 10_000
MOST_RUNS = 1_000_000
FEWEST_SLIPS = 10
"""From fewer closings nothing is learnt about how days slip: then deals close when they are expected to."""
POINTS = 13
"""At how many days of the period its course is told, at most."""


@frozen(kw_only=True)
class Course:
    """What will have been closed by the end of a day, in minor units, as P10, P50 and P90."""

    day: date
    p10: int
    p50: int
    p90: int


@frozen(kw_only=True)
class Outlook:
    """What a simulation found, in minor units of the base currency.

    With a probability of 10, 50 and 90 percent no more than ``p10``, ``p50`` and ``p90`` will be closed in the period,
    ``closed`` of which is already. ``chance`` is that of reaching the quota, None without one. ``deals`` could close in
    it; ``undated`` ones say no day and are left out. ``slips`` is how many closings the slip was learnt from.
    """

    p10: int
    p50: int
    p90: int
    mean: int
    closed: int
    chance: float | None
    runs: int
    seed: int
    deals: int
    undated: int
    slips: int
    course: tuple[Course, ...] = field(default=(), converter=tuple)


def outlook(
    deals: Iterable[Deal],
    period: Period,
    *,
    today: date,
    slips: Sequence[int] = (),
    quota: int | None = None,
    runs: int = RUNS,
    seed: int = 1,
) -> Outlook:
    """Return what a period may bring.

    An open deal is won with its probability (Bernoulli), on the day that it is expected to close plus a number of days
    drawn from ``slips``, by how much closings were late (or early, below 0); never before today. It counts where that
    day lies in the period, whenever it was expected. What was won in the period counts as it is. The same ``seed``
    gives the same figures. Raises InvalidInput for a number of runs out of range, MissingExtra.
    """
    if not 1 <= runs <= MOST_RUNS:
        raise InvalidInput(
            [Problem(InvalidInput.code, _("Between 1 and {most} runs."), field="runs", value=runs, most=MOST_RUNS)]
        )
    numpy = library("numpy")
    known = list(deals)
    days = _days(period)
    ends = numpy.array([day.toordinal() for day in days])
    sums = numpy.zeros((len(days) + 1, runs), dtype=numpy.int64)
    won = [deal for deal in known if deal.kind == "won" and within(deal, period)]
    for deal in won:
        assert deal.close_on is not None
        sums[int(numpy.searchsorted(ends, deal.close_on.toordinal()))] += deal.counted
    dated = [deal for deal in known if deal.is_open and deal.category != "omitted"]
    learnt = numpy.array(slips if len(slips) >= FEWEST_SLIPS else [0], dtype=numpy.int64)
    concerned = sum(_draw(numpy, deal, period, today, learnt, ends, sums, seed) for deal in dated if deal.close_on)
    totals = sums[:-1].cumsum(axis=0)
    course = [Course(day=day, **_percentiles(numpy, totals[place])) for place, day in enumerate(days)]
    last = totals[-1]
    return Outlook(
        **_percentiles(numpy, last),
        mean=round(float(last.mean())),
        closed=sum(deal.counted for deal in won),
        chance=None if quota is None else float((last >= quota).mean()),
        runs=runs,
        seed=seed,
        deals=concerned,
        undated=sum(1 for deal in dated if deal.close_on is None),
        slips=len(slips),
        course=course,
    )


def _draw(numpy: Any, deal: Deal, period: Period, today: date, slips: Any, ends: Any, sums: Any, seed: int) -> bool:
    """Add what a deal brings in every run; says whether it can bring anything in the period at all."""
    assert deal.close_on is not None
    days = numpy.maximum(deal.close_on.toordinal() + slips, today.toordinal())
    inside = (days >= period.first.toordinal()) & (days <= period.last.toordinal())
    if not deal.counted or not deal.probability or not inside.any():
        return False
    runs = sums.shape[1]
    random = numpy.random.default_rng([seed, deal.id.int])
    wins = random.random(runs) < deal.probability / WHOLE
    drawn = random.integers(len(slips), size=runs)
    counts = wins & inside[drawn]
    places = numpy.searchsorted(ends, days)
    # What closes beyond the last day has a row of its own, which is not counted.
    numpy.add.at(sums, (places[drawn[counts]], numpy.flatnonzero(counts)), deal.counted)
    return True


def _percentiles(numpy: Any, totals: Any) -> dict[str, int]:
    found = numpy.quantile(totals, (0.1, 0.5, 0.9), method="inverted_cdf")
    return dict(zip(("p10", "p50", "p90"), (int(each) for each in found), strict=True))


def _days(period: Period) -> list[date]:
    """Return the days at whose end the course is told: at equal distances, the last one of the period among them."""
    length = (period.last - period.first).days + 1
    count = min(POINTS, length)
    return [period.first + timedelta(days=round(length * number / count) - 1) for number in range(1, count + 1)]
