"""Survival and control limits, held to what was published."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from crmkit.engines.statistics.control import p_chart, robust_z, u_chart, xmr_chart
from crmkit.engines.statistics.survival import kaplan_meier, log_rank
from crmkit.errors import InvalidInput

# Freireich et al. (1963): weeks of remission under 6-MP and under placebo; a negative number is one still in remission.
SIX_MP = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TELCO = Path(__file__).parents[2] / "data" / "churn-telco" / "tenure.csv"

Group = tuple[Sequence[float], Sequence[bool]]


def group(values: Sequence[int]) -> Group:
    """Return durations and whether the remission ended."""
    return [abs(value) for value in values], [value > 0 for value in values]


def telco() -> dict[str, Group]:
    """Return months and churn of 7,043 telephone customers by contract."""
    found: dict[str, tuple[list[float], list[bool]]] = {}
    with TELCO.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            months, churned = found.setdefault(row["contract"], ([], []))
            months.extend([float(row["months"])] * int(row["customers"]))
            churned.extend([row["churned"] == "1"] * int(row["customers"]))
    return dict(found)


def test_freireich_by_kaplan_and_meier() -> None:
    """Survival and standard errors under 6-MP are those of the textbooks (Kleinbaum & Klein, table 2.1)."""
    expected = [
        (6, 21, 0.857, 0.076),
        (7, 17, 0.807, 0.087),
        (10, 15, 0.753, 0.096),
        (13, 12, 0.690, 0.107),
        (16, 11, 0.627, 0.114),
        (22, 7, 0.538, 0.128),
        (23, 6, 0.448, 0.135),
    ]
    curve = kaplan_meier(*group(SIX_MP))
    found = [(point.time, point.at_risk, round(point.survival, 3), round(point.error, 3)) for point in curve.points]
    assert expected == found
    assert (23, 8) == (curve.median, kaplan_meier(*group(PLACEBO)).median)


def test_freireich_by_log_rank() -> None:
    """6-MP against placebo: 16.79 with 1 degree (Kleinbaum & Klein, section 2.4), p 4.17e-05."""
    found = log_rank(group(SIX_MP), group(PLACEBO))
    assert (16.79, 1, 4.17) == (round(found.statistic, 2), found.degrees, round(found.p_value * 1e5, 2))


def test_log_log_limits_are_scipys() -> None:
    """The limits of 6-MP are those of another implementation on the log-log scale."""
    from scipy.stats import CensoredData, ecdf

    weeks, ended = group(SIX_MP)
    data = CensoredData(
        uncensored=[week for week, end in zip(weeks, ended, strict=True) if end],
        right=[week for week, end in zip(weeks, ended, strict=True) if not end],
    )
    limits = ecdf(data).sf.confidence_interval(0.95, method="log-log")
    for point in kaplan_meier(weeks, ended).points:
        assert point.low is not None
        assert point.high is not None
        assert abs(point.low - float(limits.low.evaluate(point.time))) < 1e-9
        assert abs(point.high - float(limits.high.evaluate(point.time))) < 1e-9


def test_where_nobody_is_left_there_are_no_limits() -> None:
    """The last of the placebo group ends at 23 weeks: survival 0, without limits."""
    last = kaplan_meier(*group(PLACEBO)).points[-1]
    assert (23, 0.0, None, None) == (last.time, last.survival, last.low, last.high)


def test_the_tenure_of_telephone_customers() -> None:
    """The curve of 7,043 customers is scipy's at every month in which somebody left; so is the test of contracts."""
    from scipy.stats import CensoredData, ecdf, logrank

    groups = telco()
    months = [month for each, _ended in groups.values() for month in each]
    churned = [end for _each, ended in groups.values() for end in ended]
    assert (7043, 1869) == (len(churned), sum(churned))
    data = {
        name: CensoredData(
            uncensored=[month for month, end in zip(*each, strict=True) if end],
            right=[month for month, end in zip(*each, strict=True) if not end],
        )
        for name, each in {"all": (months, churned), **groups}.items()
    }
    curve, expected = kaplan_meier(months, churned), ecdf(data["all"]).sf
    assert all(abs(point.survival - float(expected.evaluate(point.time))) < 1e-9 for point in curve.points)
    one, two = groups["One year"], groups["Two year"]
    other = logrank(data["One year"], data["Two year"])
    assert round(float(other.statistic) ** 2, 6) == round(log_rank(one, two).statistic, 6)
    assert log_rank(*groups.values()).degrees == 2
    assert log_rank(*groups.values()).p_value < 1e-100


def test_groups_that_survive_alike() -> None:
    """A group compared with itself, twice over, shows nothing."""
    same = group(SIX_MP)
    assert [1.0, 1.0] == [round(log_rank(same, same).p_value, 9), round(log_rank(same, same, same).p_value, 9)]


def test_what_cannot_be_compared_is_refused() -> None:
    """Durations without an end, a single group, and groups in which nothing happened are refused."""
    for call in (
        lambda: kaplan_meier([1, 2], [True]),
        lambda: log_rank(group(SIX_MP)),
        lambda: log_rank(([1, 2], [False, False]), ([1, 2], [False, False])),
    ):
        with pytest.raises(InvalidInput):
            call()


# Montgomery, example 7.1: cans out of 50 that were not well formed.
CANS = [
    *(12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22),
    *(8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6),
]


def test_montgomerys_cans() -> None:
    """The chart of shares: centre 0.2313, limits 0.0524 and 0.4102, samples 15 and 23 outside."""
    chart = p_chart(CANS, [50] * 30)
    low, high = chart.points[0].low, chart.points[0].high
    assert (0.2313, 0.0524, 0.4102, (14, 22)) == (
        round(chart.centre, 4),
        round(low, 4),
        round(high, 4),
        chart.signals,
    )


def test_the_wafers_of_nist() -> None:
    """The counts of 25 wafers (NIST handbook, 6.3.3.1): centre 16, limits 4 and 28, wafers 3 and 24 touch or pass."""
    counts = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13]
    chart = u_chart(counts, [1] * 25)
    assert (16.0, 4.0, 28.0, (23,)) == (chart.centre, chart.points[0].low, chart.points[0].high, chart.signals)


def test_the_flow_rates_of_nist() -> None:
    """The chart of single values (NIST handbook, 6.3.2.2): 45.8159, 50.81 and 55.8041."""
    chart = xmr_chart([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    point = chart.points[0]
    assert (45.816, 50.81, 55.804) == (round(point.low, 3), round(chart.centre, 2), round(point.high, 3))


def test_samples_of_nothing_are_left_out_of_a_chart() -> None:
    """An empty sample has no point; a chart of nothing else is refused."""
    assert 2 == len(p_chart([1, 0, 2], [10, 0, 10]).points)
    with pytest.raises(InvalidInput):
        p_chart([0], [0])


def test_robust_distances() -> None:
    """0.6745 (x - 3) / 1 for 1 to 4 and 90: the outlier is far out and does not hide itself."""
    assert [-1.349, -0.6745, 0.0, 0.6745, 58.6815] == [round(z, 6) for z in robust_z([1, 2, 3, 4, 90])]


def test_a_median_deviation_of_nothing() -> None:
    """Where most values are equal the mean deviation scales; where all are, no value is far."""
    assert [0.0, 0.0, 0.0, 3.19] == [round(z, 2) for z in robust_z([5, 5, 5, 9])]
    assert ([0.0, 0.0], []) == (robust_z([2, 2]), robust_z([]))
