"""Movement between two days: each line by hand, and the identity for any deals whatever."""

from __future__ import annotations

import itertools
from datetime import date
from uuid import UUID

import pytest
from crmkit_sales.forecasting.deals import Deal, within
from crmkit_sales.forecasting.movement import LINES, Movement, movement
from hypothesis import given, strategies as st

from crmkit import Period
from tests.plugins.sales.forecasting.deals import Q3, deal, deals_of

PERIOD = Period(first=Q3[0], last=Q3[1])
LATER = date(2026, 10, 5)


def in_quarter(each: Deal) -> bool:
    """Say whether a deal is of the quarter."""
    return within(each, PERIOD)


def between(before: Deal | None, after: Deal | None, **values: object) -> Movement:
    """Return the movement of one deal."""
    one, other = ({} if each is None else {each.id: each} for each in (before, after))
    return movement(one, other, in_scope=in_quarter, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (deal(), deal(), {"opening": 100_000, "closing": 100_000}),
        (None, deal(), {"new": 100_000, "closing": 100_000}),
        (deal(), deal(value=130_000), {"opening": 100_000, "increased": 30_000, "closing": 130_000}),
        (deal(), deal(value=60_000), {"opening": 100_000, "decreased": 40_000, "closing": 60_000}),
        (deal(close_on=LATER), deal(), {"moved_in": 100_000, "closing": 100_000}),
        (deal(), deal(close_on=LATER), {"opening": 100_000, "moved_out": 100_000}),
        (deal(), deal(close_on=LATER, value=5), {"opening": 100_000, "moved_out": 100_000}),
        (deal(), deal(kind="won"), {"opening": 100_000, "won": 100_000}),
        (deal(), deal(kind="won", value=120_000), {"opening": 100_000, "increased": 20_000, "won": 120_000}),
        (deal(), deal(kind="won", close_on=LATER), {"opening": 100_000, "moved_out": 100_000}),
        (deal(), deal(kind="lost"), {"opening": 100_000, "lost": 100_000}),
        (deal(), deal(kind="removed"), {"opening": 100_000, "removed": 100_000}),
        (deal(), None, {"opening": 100_000, "removed": 100_000}),
        (None, deal(kind="won"), {"new": 100_000, "won": 100_000}),
        (None, deal(kind="lost"), {"new": 100_000, "lost": 100_000}),
        (deal(kind="lost"), deal(), {"reopened": 100_000, "closing": 100_000}),
        (deal(kind="won"), deal(), {"reopened": 100_000, "closing": 100_000}),
        (deal(kind="won"), deal(kind="won"), {}),
        (deal(kind="won"), deal(kind="lost"), {"reopened": 100_000, "lost": 100_000}),
        (deal(close_on=LATER), deal(kind="won"), {"moved_in": 100_000, "won": 100_000}),
        (None, deal(close_on=LATER), {}),
    ],
)
def test_what_becomes_of_one_deal(before: Deal | None, after: Deal | None, lines: dict[str, int]) -> None:
    """Each thing that can happen has its line, and comes to the closing."""
    found = between(before, after)
    assert {line: found.said(line) for line in LINES if found.said(line)} == lines
    assert found.reconciles


def test_a_rate_that_changed_is_told_apart() -> None:
    """1,000 USD became 1,200 USD; at 7.00 that was 140,000 more, and at 7.10 it is worth 12,000 more still."""
    before = deal(value=700_000, amount_minor=100_000, currency="USD")
    after = deal(value=852_000, amount_minor=120_000, currency="USD")
    found = between(before, after, at_old_rates=lambda _before, _after: 840_000)
    assert (found.said("increased"), found.said("rates"), found.said("closing")) == (140_000, 12_000, 852_000)


def test_what_gets_a_rate_changes_by_the_rate() -> None:
    """A deal without a rate counts nothing; once there is one, its whole value is an effect of rates."""
    before = deal(value=None, amount_minor=100, currency="USD")
    found = between(before, deal(value=710, amount_minor=100, currency="USD"))
    assert (found.said("opening"), found.said("rates"), found.said("increased"), found.said("closing")) == (
        0,
        710,
        0,
        710,
    )
    missing = between(deal(), before)
    assert [(each.currency, each.count, each.amount_minor) for each in missing.unconverted] == [("USD", 1, 100)]
    assert missing.reconciles


def test_the_weighted_pipeline_moves_with_its_probabilities() -> None:
    """A better stage is an increase; what is won leaves with what it counted for."""
    found = between(deal(probability=2000), deal(probability=5000), measure="weighted")
    assert (found.said("opening"), found.said("increased"), found.said("closing")) == (20_000, 30_000, 50_000)
    won = between(deal(probability=5000), deal(kind="won", probability=10_000), measure="weighted")
    assert (won.said("opening"), won.said("won"), won.said("closing")) == (50_000, 50_000, 0)


STATES = st.lists(st.integers(1, 8), unique=True, max_size=8).flatmap(
    lambda numbers: st.tuples(*(st.tuples(deals_of(number), deals_of(number), deals_of(number)) for number in numbers))
)


@given(STATES, st.sampled_from(["amount", "weighted"]), st.integers(50, 150))
def test_every_movement_reconciles_to_the_cent(
    states: tuple[tuple[Deal | None, Deal | None, Deal | None], ...], measure: str, rate: int
) -> None:
    """Opening and changes come to the closing; the closing is what is open; the next movement opens with it."""
    owner = UUID(int=901)
    days = [{found.id: found for each in states if (found := each[day]) is not None} for day in range(3)]

    def ours(each: Deal) -> bool:
        return within(each, PERIOD) and each.owner_id == owner and each.category != "omitted"

    def at_old(_before: Deal, after: Deal) -> int | None:
        return None if after.value is None else after.value * rate // 100

    first, second = (
        movement(one, other, in_scope=ours, measure=measure, at_old_rates=at_old)  # type: ignore[arg-type]
        for one, other in itertools.pairwise(days)
    )
    assert first.reconciles
    assert second.reconciles
    held = sum(each.measured(measure) for each in days[1].values() if each.is_open and ours(each))  # type: ignore[arg-type]
    assert first.total("closing") == held == second.total("opening")
    assert all(first.said(line) >= 0 for line in LINES if line != "rates")
