"""The report on searches, counted by hand."""

from __future__ import annotations

from tests.plugins.knowledge.asked.known import asks, opens
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.policies.test_reports import figures


def test_searches_are_counted_by_week_and_door(both: Base) -> None:
    article = both.published("Return shoes", "Use the label.")
    opens(both, asks(both, "shoes", "a"), article)
    asks(both, "boots", "b")
    both.clock.advance(minutes=1)
    asks(both, "shoes", "b")
    both.clock.advance(days=7)
    asks(both, "shoes", "c", where="api")
    names = ("searches", "without_hits", "clickable", "clicked", "reformulated")
    given = {"period": "2027-01-01..2027-12-31"}
    assert {"2027-03-01": (3, 1, 2, 1, 1), "2027-03-08": (1, 0, 0, 0, 0)} == figures(
        both, "knowledge.searches", *names, **given
    )
    assert {"Help centre": (3, 1, 2, 1, 1), "Other programs": (1, 0, 0, 0, 0)} == figures(
        both, "knowledge.searches", *names, by="door", **given
    )
