"""RFM scores are exactly those of the programs that published them, by either rule for ties."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from crmkit_value.rfm.scores import (
    OTHERS,
    SEGMENTS,
    boundaries_of,
    checked_boundaries,
    quantile,
    recency_score,
    score,
    segment_of,
    segments_of,
)

from crmkit import InvalidInput
from tests.plugins.value import published

ORDERS = Path(__file__).parents[2] / "data" / "rfm-orders"
TITLES = {
    "champions": (158, 1234, 120178),
    "loyal": (278, 1708, 166712),
    "potential_loyal": (229, 801, 65873),
    "need_attention": (35, 144, 13287),
    "about_to_sleep": (50, 127, 10914),
    "at_risk": (86, 438, 44178),
    "lost": (111, 244, 20955),
    OTHERS: (48, 210, 22061),
}
"""Customers, orders and revenue of each segment (R package rfm 0.3.0)."""


def expected() -> list[dict[str, int]]:
    """Return what the R package rfm says of 995 customers."""
    with (ORDERS / "expected.csv").open(encoding="utf-8") as file:
        return [{name: int(float(value)) for name, value in row.items()} for row in csv.DictReader(file)]


def test_scores_of_orders_are_those_of_the_r_package() -> None:
    """995 customers, boundaries with ties above, all three scores of each; revenue in minor units."""
    read = expected()
    edges = {name: boundaries_of([row[name] for row in read], 5) for name in ("recency_days", "orders", "revenue")}
    assert [each + 1 for each in edges["recency_days"]] == [115, 181, pytest.approx(297.4), 482]
    assert [each + 1 for each in edges["orders"]] == [4, 5, 6, 8]
    assert [each + 1 for each in edges["revenue"]] == [pytest.approx(255.8), 382, pytest.approx(506.4), 666]
    for row in read:
        assert (
            recency_score(row["recency_days"], [each + 1 for each in edges["recency_days"]], "half_open"),
            score(row["orders"], [each + 1 for each in edges["orders"]], "half_open"),
            score(row["revenue"], [each + 1 for each in edges["revenue"]], "half_open"),
        ) == (row["recency"], row["frequency"], row["monetary"])


def test_segments_of_orders_are_those_of_the_r_package() -> None:
    """Ten names, the first that matches counts: customers, orders and revenue of each."""
    found: dict[str, list[int]] = {}
    for row in expected():
        name = segment_of(row["recency"], row["frequency"], row["monetary"])
        own = found.setdefault(name, [0, 0, 0])
        own[0], own[1], own[2] = own[0] + 1, own[1] + row["orders"], own[2] + row["revenue"]
    assert {name: tuple(value) for name, value in found.items()} == TITLES
    assert len(SEGMENTS) == 10


def test_scores_of_online_retail_are_the_published_ones() -> None:
    """4,338 customers as of 2011-12-10, ties below: how many have which score, and the best and the worst."""
    with (published.HERE / "online_retail.csv").open(encoding="utf-8") as file:
        read = [
            (
                int(row["customer"]),
                (date(2011, 12, 10) - date.fromisoformat(row["last"])).days,
                int(row["invoices"]),
                round(float(row["amount"]) * 100),
            )
            for row in csv.DictReader(file)
        ]
    edges = [boundaries_of([row[place] for row in read], 5) for place in (1, 2, 3)]
    scores = {
        row[0]: (
            recency_score(row[1], edges[0], "strictly_below"),
            score(row[2], edges[1], "strictly_below"),
            score(row[3], edges[2], "strictly_below"),
        )
        for row in read
    }
    counts = [Counter(each[place] for each in scores.values()) for place in range(3)]
    assert [counts[0][number] for number in range(1, 6)] == [861, 866, 863, 880, 868]
    assert [counts[1][number] for number in range(1, 6)] == [1493, 835, 508, 802, 700]
    assert [counts[2][number] for number in range(1, 6)] == [868, 867, 868, 867, 868]
    assert Counter(scores.values())[5, 5, 5] == 324
    assert Counter(scores.values())[1, 1, 1] == 330
    assert (scores[16446], scores[14727], scores[17557]) == ((5, 2, 5), (1, 1, 2), (4, 3, 3))


def test_quantiles_interpolate() -> None:
    """Between two values the quantile lies on the line between them."""
    assert quantile([1, 2, 3, 4], 0.5) == 2.5
    assert boundaries_of([], 5) == ()


def test_ties_go_by_the_rule_that_was_chosen() -> None:
    """A value at a boundary is above it by one rule and below it by the other."""
    assert (score(10, [10, 20], "half_open"), score(10, [10, 20], "strictly_below")) == (2, 1)
    assert (recency_score(10, [10, 20], "half_open"), recency_score(10, [10, 20], "strictly_below")) == (2, 3)


def test_own_boundaries_are_checked() -> None:
    """As many as the parts need, of a score that there is, ascending."""
    assert checked_boundaries({"recency": ["30", 90]}, 3) == {"recency": [30.0, 90.0]}
    for wrong in ({"recency": [90, 30]}, {"recency": [30]}, {"size": [1, 2]}, {"monetary": ["a", "b"]}):
        with pytest.raises(InvalidInput):
            checked_boundaries(wrong, 3)


def test_own_segments_are_data() -> None:
    """A map of one's own takes the place of the usual one; scores that there are not are refused."""
    own = segments_of([{"name": "best", "recency": (3, 3)}, {"name": "rest"}], 3)
    assert (segment_of(3, 1, 1, own), segment_of(2, 1, 1, own)) == ("best", "rest")
    with pytest.raises(InvalidInput):
        segments_of([{"name": "best", "recency": (3, 7)}], 3)
    with pytest.raises(InvalidInput):
        segments_of([{"recency": (1, 2)}], 3)
