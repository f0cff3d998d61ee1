"""What a score is: half after a half-life, the sum of its lines, and labels that do not flutter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from crmkit_sales.scoring.calculating import (
    Behaviour,
    Definition,
    Fit,
    behaved,
    label_for,
    remaining,
    scored,
)
from hypothesis import given, strategies as st

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POINTS = st.decimals(min_value=1, max_value=1000, places=2)
HALF_LIVES = st.decimals(min_value=Decimal("0.5"), max_value=365, places=1)
AGES = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))


def days(number: float) -> timedelta:
    """Return so many days."""
    return timedelta(days=number)


@given(POINTS, HALF_LIVES)
def test_half_is_left_after_a_half_life(points: Decimal, half_life: Decimal) -> None:
    """And a quarter after two of them; at once it is all."""
    assert remaining(points, timedelta(), half_life) == float(points)
    for number in (1, 2, 3):
        left = remaining(points, number * float(half_life) * days(1), half_life)
        assert left == pytest.approx(float(points) / 2**number, rel=1e-6)


@given(POINTS, HALF_LIVES, AGES, AGES)
def test_points_only_ever_fade(points: Decimal, half_life: Decimal, one: timedelta, other: timedelta) -> None:
    """What happened longer ago counts less, and never less than nothing."""
    sooner, later = sorted((one, other))
    assert remaining(points, sooner, half_life) >= remaining(points, later, half_life) >= 0


@given(POINTS, HALF_LIVES, st.lists(AGES, max_size=6), st.lists(AGES, max_size=6))
def test_what_happened_adds_up(
    points: Decimal, half_life: Decimal, some: list[timedelta], more: list[timedelta]
) -> None:
    """Two histories together come to as much as each of them, but for the rounding of a line."""
    criterion = Behaviour(words="", kind="call", points=points, half_life_days=half_life)

    def of(ages: list[timedelta]) -> Decimal:
        return behaved(criterion, [NOW - age for age in ages], NOW).points

    assert abs(of(some + more) - of(some) - of(more)) <= Decimal("0.02")


@given(st.lists(AGES, max_size=8), st.lists(st.booleans(), min_size=2, max_size=2))
def test_every_point_has_its_line(ages: list[timedelta], fits: list[bool]) -> None:
    """A score is the sum of its lines, to the hundredth."""
    definition = Definition(
        among="true",
        fit=[
            Fit(words="a", condition="true", points=Decimal("3.5")),
            Fit(words="b", condition="true", points=Decimal(-2)),
        ],
        behaviour=[Behaviour(words="c", kind="call", points=Decimal("7.77"))],
    )
    found = scored(definition, fits, {0: [NOW - age for age in ages]}, NOW)
    assert found.points == sum((line.points for line in found.lines), Decimal(0))
    assert all(line.points for line in found.lines)


def test_a_score_by_hand() -> None:
    """15 points of 14 days' half-life after 0, 14 and 28 days, and 5 for the fit: 5 + 15 + 7.5 + 3.75."""
    definition = Definition(
        among="true",
        fit=[Fit(words="fits", condition="true", points=Decimal(5))],
        behaviour=[Behaviour(words="asked", kind="email", points=Decimal(15), half_life_days=Decimal(14))],
    )
    happened = [NOW, NOW - days(14), NOW - days(28), NOW + days(1)]
    found = scored(definition, [True], {0: happened}, NOW)
    assert [(line.words, str(line.points), line.count, line.last_at) for line in found.lines] == [
        ("fits", "5.00", 0, None),
        ("asked", "26.25", 3, NOW),
    ]
    assert found.points == Decimal("31.25")


def test_the_last_few_and_the_cap() -> None:
    """Only the last two count, and no more than 20 either way."""
    criterion = Behaviour(words="", kind="call", points=Decimal(15), half_life_days=None, most_recent=2)
    times = [NOW - days(number) for number in range(5)]
    assert behaved(criterion, times, NOW).points == Decimal(30)
    capped = Behaviour(words="", kind="call", points=Decimal(15), half_life_days=None, cap=Decimal(20))
    assert behaved(capped, times, NOW).points == Decimal(20)
    against = Behaviour(words="", kind="call", points=Decimal(-15), half_life_days=None, cap=Decimal(20))
    assert behaved(against, times, NOW).points == Decimal(-20)


def test_labels_do_not_flutter() -> None:
    """Warm from 20, hot from 50; who is so stays so until five points below."""
    definition = Definition(among="true")
    course = [("19.99", "cold"), ("20", "warm"), ("15", "warm"), ("14.99", "cold"), ("50", "hot"), ("45", "hot"),
              ("44.99", "warm"), ("49.99", "warm"), ("60", "hot"), ("3", "cold")]  # fmt: skip
    label = "cold"
    for points, expected in course:
        label = label_for(Decimal(points), definition, label)
        assert (points, label) == (points, expected)
