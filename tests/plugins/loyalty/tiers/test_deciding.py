"""Who has which tier, on which day; pure computation, held to the published rules of a hotel programme."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from crmkit_loyalty.tiers.deciding import (
    Decided,
    Figures,
    Held,
    Ladder,
    Step,
    decide,
    missing,
    period_of,
    reached,
)
from hypothesis import given, strategies as st

JOINED = date(2025, 5, 20)
HOTEL = [
    ("member", 0, 0),
    ("silver", 10, 0),
    ("gold", 25, 0),
    ("platinum", 50, 0),
    ("titanium", 75, 0),
    ("ambassador", 100, 23_000),
]


def hotel(**policy: Any) -> Ladder:
    """Return the tiers of a hotel: nights of a calendar year and, for the highest, money."""
    steps = [
        Step(
            name=name,
            level=level,
            reach={"nights": Decimal(nights), **({"spend": Decimal(spend)} if spend else {})},
            keep={"nights": Decimal(nights), **({"spend": Decimal(spend)} if spend else {})},
        )
        for level, (name, nights, spend) in enumerate(HOTEL)
    ]
    return Ladder(steps=steps, **policy)


def stays(nights: dict[date, int]) -> Callable[[date, date], Figures]:
    """Return what counts the nights of a span."""
    return lambda first, last: {
        "nights": Decimal(sum(number for day, number in nights.items() if first <= day <= last))
    }


@pytest.mark.parametrize(
    ("nights", "spend", "tier"),
    [
        (0, 0, "member"),
        (9, 0, "member"),
        (10, 0, "silver"),
        (24, 99_999, "silver"),
        (25, 0, "gold"),
        (49, 0, "gold"),
        (50, 0, "platinum"),
        (74, 0, "platinum"),
        (75, 0, "titanium"),
        (99, 50_000, "titanium"),
        (100, 22_999, "titanium"),
        (100, 23_000, "ambassador"),
        (365, 23_000, "ambassador"),
    ],
)
def test_tiers_of_a_hotel(nights: int, spend: int, tier: str) -> None:
    """Nights in the calendar year, and money for the highest one."""
    assert reached(hotel().steps, {"nights": Decimal(nights), "spend": Decimal(spend)}).name == tier


def test_a_tier_is_reached_at_once_and_good_through_the_next_year() -> None:
    """Ten nights in May make silver until the end of next year."""
    found = decide(hotel(), None, date(2026, 5, 1), JOINED, stays({date(2026, 3, 1): 12}))
    assert found is not None
    assert (found.step.name, found.until, found.reason) == ("silver", date(2027, 12, 31), "reached")


def test_a_tier_is_kept_by_the_last_year() -> None:
    """And good for one more."""
    held = Held(step=hotel().steps[1], since=date(2026, 5, 1), until=date(2027, 12, 31))
    found = decide(hotel(), held, date(2028, 1, 1), JOINED, stays({date(2027, 3, 1): 10}))
    assert found == Decided(step=held.step, since=held.since, until=date(2028, 12, 31), reason="kept")


def test_a_tier_is_lost_after_a_grace() -> None:
    """One down, or to what the last year reached; whoever reaches it within the grace keeps it."""
    held = Held(step=hotel().steps[3], since=date(2026, 5, 1), until=date(2027, 12, 31))
    few = stays({date(2027, 3, 1): 12})
    graced = hotel(grace_days=31)
    assert decide(graced, held, date(2028, 1, 31), JOINED, few) is None
    lost = decide(graced, held, date(2028, 2, 1), JOINED, few)
    assert lost is not None
    assert (lost.step.name, lost.reason, lost.until) == ("silver", "lost", date(2029, 12, 31))
    soft = decide(hotel(landing="one_down"), held, date(2028, 1, 1), JOINED, few)
    assert soft is not None
    assert soft.step.name == "gold"
    many = stays({date(2027, 3, 1): 12, date(2028, 1, 20): 50})
    kept = decide(graced, held, date(2028, 1, 25), JOINED, many)
    assert kept is not None
    assert (kept.step.name, kept.reason) == ("platinum", "kept")


def test_keeping_can_take_less_than_reaching() -> None:
    """A gold that takes 25 nights is kept with 20."""
    low = Step(name="low", level=0, reach={}, keep={})
    gold = Step(name="gold", level=1, reach={"nights": Decimal(25)}, keep={"nights": Decimal(20)})
    ladder = Ladder(steps=[low, gold])
    held = Held(step=gold, since=date(2026, 5, 1), until=date(2027, 12, 31))
    found = decide(ladder, held, date(2028, 1, 1), JOINED, stays({date(2027, 3, 1): 20}))
    assert found is not None
    assert found.step is gold
    assert missing(gold.reach, {"nights": Decimal(20)}) == {"nights": Decimal(5)}
    assert missing(gold.keep, {"nights": Decimal(20)}) == {}


@pytest.mark.parametrize(
    ("window", "day", "period"),
    [
        ("calendar_year", date(2026, 5, 19), (date(2026, 1, 1), date(2026, 12, 31))),
        ("anniversary", date(2026, 5, 19), (date(2025, 5, 20), date(2026, 5, 19))),
        ("anniversary", date(2026, 5, 20), (date(2026, 5, 20), date(2027, 5, 19))),
        ("rolling", date(2026, 5, 20), (date(2025, 5, 21), date(2026, 5, 20))),
    ],
)
def test_periods(window: str, day: date, period: tuple[date, date]) -> None:
    """The calendar's year, the membership's, or the last twelve months."""
    assert period_of(hotel(window=window), day, JOINED) == period


NIGHTS = st.dictionaries(st.dates(date(2025, 6, 1), date(2029, 12, 31)), st.integers(1, 60), max_size=12)


@given(
    NIGHTS,
    st.sampled_from(["calendar_year", "rolling", "anniversary"]),
    st.sampled_from(["one_down", "recompute"]),
    st.integers(0, 60),
)
def test_nobody_has_less_than_they_have_reached(nights: dict[date, int], window: str, landing: str, grace: int) -> None:
    """Whatever comes, day by day: a tier is never below what the running period reaches, never lost before its day, and
    deciding twice on a day changes nothing."""
    ladder = hotel(window=window, landing=landing, grace_days=grace)
    figures = stays(nights)
    held: Held | None = None
    for number in range(0, 1700, 7):
        today = date(2025, 6, 1) + timedelta(days=number)
        found = decide(ladder, held, today, JOINED, figures)
        if found is not None:
            if held is not None and found.step.level < held.step.level:
                assert held.until is not None
                assert today > held.until + timedelta(days=grace)
            held = Held(step=found.step, since=found.since, until=found.until)
            assert held.until is None or held.until >= today
        assert held is not None
        first, last = period_of(ladder, today, JOINED)
        assert held.step.level >= reached(ladder.steps, figures(first, min(last, today))).level
        again = decide(ladder, held, today, JOINED, figures)
        assert again is None or again.step is held.step
