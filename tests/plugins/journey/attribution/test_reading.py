"""Paths from the stream: what a touch is, what a conversion is, and what counts for whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from crmkit_journey.attribution.periods import period_of
from crmkit_journey.attribution.reading import Found, Touches, merged, paths_of
from crmkit_journey.attribution.reports import REPORTS

from crmkit import InvalidInput, Period, Refused
from tests.plugins.journey.base import Base

MARCH = Period(first=date(2027, 3, 1), last=date(2027, 3, 31))


def found(base: Base, who: str = "max", **more: Any) -> Found:
    """Return the paths of March as somebody sees them."""
    with base.crm.session(base.actor(who)) as session:
        return paths_of(session, Touches(**{"period": MARCH, **more}))


def later(base: Base, **span: float) -> None:
    """Let time go by."""
    base.clock.advance(**span)


def test_touches_before_a_purchase_are_its_path(both: Base) -> None:
    both.happen("Ada", "call", channel="phone", direction="in")
    later(both, days=3)
    both.happen("Ada", "email", channel="email", direction="out")
    later(both, days=1)
    both.happen("Ada", "purchase", amount="12.34")
    later(both, hours=1)
    both.happen("Ada", "call", channel="phone", direction="in")
    both.happen("Bob", "call", channel="phone", direction="in")
    both.happen("Cem", "purchase", amount="5.00")
    result = found(both)
    assert sorted((each.touches, each.conversions, int(each.value), each.nulls) for each in result.paths) == [
        ((), 1, 500, 0), (("phone",), 0, 0, 1), (("phone", "email"), 1, 1234, 0),
    ]  # fmt: skip
    assert result.untouched == (1, 500)
    ages = next(each.ages for each in result.paths if len(each.touches) == 2)
    assert ages == (4.0, 1.0)
    assert {each.touches for each in found(both, by="kind").paths} == {(), ("call",), ("call", "email")}
    assert {each.touches for each in found(both, way="out").paths} == {(), ("email",)}
    assert {each.touches for each in found(both, days=2).paths} == {(), ("phone",), ("email",)}


def test_what_was_reversed_is_neither_touch_nor_conversion(both: Base) -> None:
    both.happen("Ada", "call", channel="phone")
    gone = both.happen("Ada", "purchase")
    both.run("interaction.reverse", {"reason": "a mistake"}, target=gone)
    (path,) = found(both).paths
    assert (path.touches, path.conversions, path.nulls) == (("phone",), 0, 1)


def test_money_is_in_the_base_currency_at_the_rate_of_its_day(both: Base) -> None:
    both.run("currency_rate.set", {"currency": "USD", "base": "EUR", "valid_from": "2027-02-01", "rate": "0.5"})
    both.happen("Ada", "call")
    both.happen("Ada", "purchase", amount="10.00", currency="USD")
    both.happen("Bob", "call")
    both.happen("Bob", "purchase", amount="10.00", currency="CHF")
    result = found(both)
    assert sorted(int(each.value) for each in result.paths) == [0, 500]
    assert (result.unconverted, result.currency) == (1, "EUR")


def test_any_kind_may_be_the_conversion(base: Base) -> None:
    base.happen("Ada", "email", channel="email")
    later(base, minutes=5)
    base.happen("Ada", "meeting", channel="in_person")
    (path,) = found(base, conversion="meeting").paths
    assert (path.touches, path.conversions) == (("email",), 1)


def test_purchases_outside_the_period_are_none_of_it(base: Base) -> None:
    base.happen("Ada", "call")
    base.happen("Ada", "purchase")
    april = Period(first=date(2027, 4, 1), last=date(2027, 4, 30))
    assert found(base, period=april).paths == ()
    with pytest.raises(InvalidInput):
        found(base, days=0)


def test_who_lacks_the_right_is_refused(base: Base) -> None:
    with pytest.raises(Refused):
        found(base, "sam")


def test_the_report_adds_up_to_the_revenue(both: Base) -> None:
    both.happen("Ada", "call", channel="phone")
    both.happen("Ada", "email", channel="email")
    later(both, minutes=5)
    both.happen("Ada", "purchase", amount="0.99")
    both.happen("Bob", "purchase", amount="1.00")
    from crmkit_journey.attribution.reports import AttributionParameters

    from crmkit import moment_of

    with both.crm.session(both.actor("max")) as session:
        (report,) = REPORTS
        table = report.rows(session, AttributionParameters(period=MARCH), moment_of(session))
    for model in ("first", "last", "linear", "position", "decay", "markov", "shapley"):
        assert sum(row[model] for row in table.rows) == 199
    assert [row["channel"] for row in table.rows] == ["email", "phone", "(none)"]
    assert len(merged(found(both).paths)) == 2


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2027", "2027-01-01", "2027-12-31"),
        ("2027-Q4", "2027-10-01", "2027-12-31"),
        ("2027-02", "2027-02-01", "2027-02-28"),
        ("2027-02-03..2027-02-03", "2027-02-03", "2027-02-03"),
        ("last 2 days", "2027-02-28", "2027-03-01"),
    ],
)
def test_periods(text: str, first: str, last: str) -> None:
    period = period_of(text, date(2027, 3, 1))
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@pytest.mark.parametrize("text", ["", "9999", "2027-13", "2027-02-03..2027-02-02", "x", "last 9999999 days", "0000"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        period_of(text, date(2027, 3, 1))
