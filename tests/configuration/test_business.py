"""The settings of the business, exchange rates, the fiscal year."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmkit import CRM, Actor
from crmkit.core.business.fiscal import fiscal_quarter, fiscal_year
from crmkit.core.business.money import Money
from crmkit.core.business.rates import convert
from crmkit.errors import InvalidInput, RateMissing


def test_settings_are_made_and_changed(crm: CRM, admin: Actor) -> None:
    """The first call makes the settings, the next one changes what it has; every process sees them."""
    crm.run(admin, "business.configure", {"name": "Tea House", "base_currency": "cny", "country": "China"})
    crm.run(admin, "business.configure", {"zone": "Asia/Shanghai", "language": "zh-CN", "fiscal_year_start": "4"})
    found = crm.business()
    assert (found.name, found.base_currency, found.country) == ("Tea House", "CNY", "CN")
    assert (found.zone, found.language, found.fiscal_year_start) == ("Asia/Shanghai", "zh_Hans", 4)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "base_currency"),
        ({"base_currency": "XYZ"}, "base_currency"),
        ({"base_currency": "CNY", "zone": "Mars/Base"}, "zone"),
        ({"base_currency": "CNY", "zone": "../etc/passwd"}, "zone"),
        ({"base_currency": "CNY", "country": "Narnia"}, "country"),
        ({"base_currency": "CNY", "language": "tlh"}, "language"),
        ({"base_currency": "CNY", "fiscal_year_start": 13}, "fiscal_year_start"),
    ],
)
def test_wrong_settings_are_named(crm: CRM, admin: Actor, values: dict[str, Any], field: str) -> None:
    """A setting that cannot be used is refused by its name."""
    with pytest.raises(InvalidInput) as raised:
        crm.run(admin, "business.configure", values)
    assert [problem.field for problem in raised.value.problems] == [field]


def rates(crm: CRM, admin: Actor) -> None:
    """Set the rates that the tests below convert by."""
    crm.run(admin, "business.configure", {"base_currency": "CNY"})
    outcomes = crm.run_many(
        admin,
        "currency_rate.set",
        [
            {"currency": "USD", "rate": "7.00", "valid_from": "2026-01-01"},
            {"currency": "USD", "rate": "7.2", "valid_from": "2026-02-01"},
            {"currency": "JPY", "rate": "0.05", "valid_from": "2026-01-01"},
            {"currency": "EUR", "base": "USD", "rate": "1.1", "valid_from": "2026-01-01"},
        ],
    )
    assert all(outcome.ok for outcome in outcomes)


@pytest.mark.parametrize(
    ("money", "to", "on", "expected"),
    [
        (Money(100, "USD"), "CNY", date(2026, 1, 1), Money(700, "CNY")),
        (Money(100, "USD"), "CNY", date(2026, 1, 31), Money(700, "CNY")),
        (Money(100, "USD"), "CNY", date(2026, 2, 1), Money(720, "CNY")),
        (Money(700, "CNY"), "USD", date(2026, 1, 1), Money(100, "USD")),
        (Money(1000, "JPY"), "CNY", date(2026, 1, 1), Money(5000, "CNY")),
        (Money(100, "USD"), "JPY", date(2026, 1, 1), Money(140, "JPY")),
        (Money(100, "EUR"), "USD", date(2026, 1, 1), Money(110, "USD")),
        (Money(10, "JPY"), "JPY", date(1999, 1, 1), Money(10, "JPY")),
        (Money(-250, "JPY"), "CNY", date(2026, 1, 1), Money(-1250, "CNY")),
    ],
)
def test_money_is_converted_at_the_rate_of_its_day(
    crm: CRM, admin: Actor, money: Money, to: str, on: date, expected: Money
) -> None:
    """Directly, by the inverse, or by way of the base currency, between currencies with and without cents."""
    rates(crm, admin)
    with crm.session(admin) as session:
        assert expected == convert(session, money, to, on)


def test_halves_are_rounded_to_even(crm: CRM, admin: Actor) -> None:
    """Rounding favours neither side."""
    crm.run(admin, "business.configure", {"base_currency": "CNY"})
    crm.run(admin, "currency_rate.set", {"currency": "USD", "rate": "0.5", "valid_from": "2026-01-01"})
    with crm.session(admin) as session:
        found = [convert(session, Money(amount, "USD"), "CNY", date(2026, 1, 1)).amount for amount in (1, 3, 5, -1, -3)]
    assert found == [0, 2, 2, 0, -2]


@pytest.mark.parametrize(
    ("money", "to", "on", "named"),
    [
        (Money(1, "USD"), "CNY", date(2025, 12, 31), "USD in CNY for 2025-12-31"),
        (Money(1, "GBP"), "JPY", date(2026, 1, 1), "GBP in CNY for 2026-01-01"),
        (Money(1, "EUR"), "JPY", date(2026, 1, 1), "EUR in CNY for 2026-01-01"),
    ],
)
def test_a_missing_rate_is_named(crm: CRM, admin: Actor, money: Money, to: str, on: date, named: str) -> None:
    """Nothing is converted at a rate of another day or by guess."""
    rates(crm, admin)
    with crm.session(admin) as session, pytest.raises(RateMissing, match=named):
        convert(session, money, to, on)


def test_a_rate_is_set_anew(crm: CRM, admin: Actor) -> None:
    """The rate of a day replaces an earlier one for that day."""
    rates(crm, admin)
    crm.run(admin, "currency_rate.set", {"currency": "USD", "rate": "8", "valid_from": "2026-01-01"})
    with crm.session(admin) as session:
        assert convert(session, Money(100, "USD"), "CNY", date(2026, 1, 5)) == Money(800, "CNY")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"currency": "USD", "rate": "0"}, "rate"),
        ({"currency": "USD", "rate": "-1"}, "rate"),
        ({"currency": "XXZ", "rate": "1"}, "currency"),
        ({"currency": "CNY", "rate": "1"}, "base"),
    ],
)
def test_impossible_rates_are_refused(crm: CRM, admin: Actor, values: dict[str, str], field: str) -> None:
    """A rate is above zero and between two currencies."""
    crm.run(admin, "business.configure", {"base_currency": "CNY"})
    (outcome,) = crm.run_many(admin, "currency_rate.set", [{"valid_from": "2026-01-01", **values}])
    assert [problem.field for problem in outcome.problems] == [field]


@given(day=st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1)), first=st.integers(1, 12))
def test_every_day_is_in_one_fiscal_year(day: date, first: int) -> None:
    """Fiscal years follow each other without a gap and have four quarters."""
    year = fiscal_year(day, first)
    assert year.first <= day <= year.last
    assert fiscal_year(year.last + timedelta(days=1), first).name == year.name + 1
    assert fiscal_quarter(day, first) in (1, 2, 3, 4)
    assert (fiscal_quarter(year.first, first), fiscal_quarter(year.last, first)) == (1, 4)


def test_an_amount_keeps_its_exact_rate(crm: CRM, admin: Actor) -> None:
    """Rates have ten places."""
    crm.run(admin, "business.configure", {"base_currency": "CNY"})
    made = crm.run(admin, "currency_rate.set", {"currency": "USD", "rate": "7.1234567891", "valid_from": "2026-01-01"})
    assert made.rate == Decimal("7.1234567891")


def test_amounts_that_are_none_are_refused() -> None:
    """What is no number, or beyond 64 bits, does not become money."""
    for value in ("1e30", "NaN", "Infinity", "much"):
        with pytest.raises(InvalidInput):
            Money.of(value, "EUR")


def test_an_unknown_currency_is_told_from_a_missing_rate(crm: CRM, admin: Actor) -> None:
    """Converting to a code that is no currency's is refused as such."""
    with crm.session(admin) as session, pytest.raises(InvalidInput, match="ZZZ"):
        convert(session, Money.of(1, "EUR"), "ZZZ", date(2026, 1, 1))
