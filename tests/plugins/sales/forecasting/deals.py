"""Deals made up for tests of what is pure."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from crmkit_sales.forecasting.deals import Deal
from hypothesis import strategies as st

Q3 = (date(2026, 7, 1), date(2026, 9, 30))


def deal(number: int = 1, value: int | None = 100_000, **values: Any) -> Deal:
    """Return an open deal expected to close in July 2026."""
    given = {
        "id": UUID(int=number),
        "kind": "open",
        "category": "pipeline",
        "probability": 5000,
        "value": value,
        "amount_minor": value,
        "currency": "CNY",
        "close_on": date(2026, 7, 15),
        **values,
    }
    return Deal(**given)


def deals_of(number: int) -> st.SearchStrategy[Deal | None]:
    """Return deals of one id in any state, and none at all."""
    made = st.builds(
        deal,
        st.just(number),
        st.one_of(st.none(), st.integers(0, 10**9)),
        kind=st.sampled_from(["open", "open", "won", "lost", "removed"]),
        category=st.sampled_from(["pipeline", "best_case", "commit", "omitted"]),
        probability=st.integers(0, 10_000),
        close_on=st.one_of(st.none(), st.dates(date(2026, 6, 1), date(2026, 11, 30))),
        owner_id=st.sampled_from([UUID(int=901), UUID(int=902)]),
    )
    return st.one_of(st.none(), made)
