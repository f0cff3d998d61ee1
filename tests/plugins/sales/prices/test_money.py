"""What a sale comes to: by hand, and for anything that can be sold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from crmkit_sales.prices.money import (
    Conditions,
    LineTotals,
    Position,
    TaxGroup,
    Totals,
    margin,
    portion,
    rounded,
    spread,
    totals,
)
from hypothesis import given, settings, strategies as st

from crmkit.errors import InvalidInput

RATES = st.sampled_from([Decimal(text) for text in ("0", "5", "6", "7.7", "9", "13", "19", "20")])
PERCENTAGES = st.decimals(0, 100, places=2)
POSITIONS = st.lists(
    st.builds(
        Position,
        quantity=st.decimals(0, 5000, places=4),
        unit_price=st.integers(0, 10**9),
        discount=PERCENTAGES,
        tax_rate=RATES,
    ),
    max_size=12,
)
CURRENCIES = st.sampled_from(["EUR", "CNY", "JPY", "BHD"])


def position(quantity: str, unit_price: int, discount: str = "0", tax_rate: str = "0") -> Position:
    """Return a line."""
    return Position(
        quantity=Decimal(quantity), unit_price=unit_price, discount=Decimal(discount), tax_rate=Decimal(tax_rate)
    )


def test_a_sale_by_hand() -> None:
    """Three lines at two rates, a line discount and one of the whole, as an accountant adds them up."""
    found = totals(
        [position("3", 1999, "10", "19"), position("1.5", 333, "0", "19"), position("10", 50, "0", "7")],
        Conditions(currency="EUR", discount=Decimal("5")),
    )
    # 59.97 − 6.00, 5.00 and 5.00: 63.97; 5 % are 3.20, of which 2.70, 0.25 and 0.25 by the largest remainder.
    assert found == Totals(
        currency="EUR",
        lines=(
            LineTotals(gross=5997, discount=600, share=270, net=5127, tax=974, total=6101),
            LineTotals(gross=500, discount=0, share=25, net=475, tax=90, total=565),
            LineTotals(gross=500, discount=0, share=25, net=475, tax=33, total=508),
        ),
        taxes=(TaxGroup(rate=Decimal(7), net=475, tax=33), TaxGroup(rate=Decimal(19), net=5602, tax=1064)),
        gross=6997,
        line_discounts=600,
        discount=320,
        net=6077,
        tax=1097,
        total=7174,
    )
    assert found.discount_rate == Decimal("13.15")


def test_tax_that_prices_include() -> None:
    """A price with 13 % in it contains 13 / 113 of tax; the total is the price."""
    found = totals([position("1", 11300, tax_rate="13")], Conditions(currency="CNY", tax_included=True))
    assert (found.net, found.tax, found.total) == (10000, 1300, 11300)


@pytest.mark.parametrize(("currency", "total"), [("JPY", 1099), ("BHD", 1099)])
def test_currencies_of_other_places(currency: str, total: int) -> None:
    """Yen have no minor unit and dinars a thousand: amounts are whole minor units all the same."""
    found = totals([position("1", 999, tax_rate="10")], Conditions(currency=currency))
    assert (found.tax, found.total) == (100, total)


def test_halves_go_away_from_zero() -> None:
    """Half a cent is a cent, on either side."""
    assert [rounded(Fraction(n, 2)) for n in (-3, -1, 0, 1, 3, 4)] == [-2, -1, 0, 1, 2, 2]


def test_equal_remainders_go_to_the_first() -> None:
    """What cannot be divided is given from the top, so that it always comes out the same."""
    assert spread(5, [1, 1, 1]) == [2, 2, 1]


def test_margin_by_hand() -> None:
    """A line whose cost nobody knows counts on neither side."""
    lines = [position("2", 1000), position("1", 500)]
    found = margin(lines, totals(lines, Conditions(currency="EUR")), [700, None])
    assert (found.net, found.cost, found.amount, found.rate, found.unknown) == (2000, 1400, 600, Decimal(30), 1)


def test_steps_of_a_return_add_up() -> None:
    """Three returns of a third each take back what was paid, though it cannot be divided by three."""
    before = [portion(1000, Decimal(n), Decimal(3)) for n in range(4)]
    assert [after - earlier for earlier, after in pairwise(before)] == [333, 334, 333]


@settings(max_examples=150, deadline=None)
@given(POSITIONS, CURRENCIES, st.booleans(), PERCENTAGES)
def test_lines_add_up_to_totals(
    positions: list[Position], currency: str, tax_included: bool, discount: Decimal
) -> None:
    """Whatever is sold in whatever currency, no minor unit is lost between lines, tax groups and totals."""
    found = totals(positions, Conditions(currency=currency, tax_included=tax_included, discount=discount))
    assert sum(line.gross - line.discount - line.share for line in found.lines) == (
        found.gross - found.line_discounts - found.discount
    )
    assert sum(line.share for line in found.lines) == found.discount
    assert sum(line.total for line in found.lines) == found.total == found.net + found.tax
    assert sum(group.tax for group in found.taxes) == found.tax == sum(line.tax for line in found.lines)
    assert found.total == (found.net + found.tax)
    untaxed = sum(line.net for line, each in zip(found.lines, positions, strict=True) if not each.tax_rate)
    assert sum(group.net for group in found.taxes) + untaxed == found.net
    assert all(line.net >= 0 and line.tax >= 0 for line in found.lines)


@settings(max_examples=150, deadline=None)
@given(POSITIONS, st.booleans(), st.integers(0, 10**6))
def test_a_discount_as_an_amount_is_taken_off(positions: list[Position], tax_included: bool, off: int) -> None:
    """The sum is less by just that amount; more than the sum is refused."""
    without = totals(positions, Conditions(currency="EUR", tax_included=tax_included))
    kept = without.gross - without.line_discounts
    conditions = Conditions(currency="EUR", tax_included=tax_included, discount_minor=off)
    if off > kept:
        with pytest.raises(InvalidInput):
            totals(positions, conditions)
        return
    found = totals(positions, conditions)
    assert (found.total if tax_included else found.net) == kept - off


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_parts_are_fair(amount: int, weights: list[int]) -> None:
    """Parts add up, are less than one away from their exact share, and never exceed what they are taken from."""
    whole = sum(weights)
    if not whole or amount > whole:
        amount = 0
    parts = spread(amount, weights)
    assert sum(parts) == amount
    assert all(part <= weight for part, weight in zip(parts, weights, strict=True))
    if whole:
        exact = [Fraction(amount * weight, whole) for weight in weights]
        assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))


@pytest.mark.parametrize(
    ("positions", "conditions", "fields"),
    [
        ([position("-1", 5)], Conditions(currency="EUR"), ["lines.0.quantity"]),
        ([position("1", -5)], Conditions(currency="EUR"), ["lines.0.unit_price_minor"]),
        ([position("1", 5, "101")], Conditions(currency="EUR"), ["lines.0.discount"]),
        ([position("NaN", 5, "0", "-1")], Conditions(currency="EUR"), ["lines.0.quantity", "lines.0.tax_rate"]),
        ([], Conditions(currency="EUR", discount=Decimal(1), discount_minor=1), ["discount_minor"]),
        ([position("1", 5)], Conditions(currency="EUR", discount_minor=6), ["discount_minor"]),
    ],
)
def test_what_cannot_be_sold(positions: list[Position], conditions: Conditions, fields: list[str]) -> None:
    """Each field that is wrong is named."""
    with pytest.raises(InvalidInput) as error:
        totals(positions, conditions)
    assert [problem.field for problem in error.value.problems] == fields


def test_no_lines_come_to_nothing() -> None:
    """An empty sale is one of 0."""
    assert totals([], Conditions(currency="EUR", discount=Decimal(10))).total == 0


def test_a_sum_beyond_what_can_be_kept() -> None:
    """It is refused before it is written anywhere."""
    with pytest.raises(InvalidInput):
        totals([position("1000", 2**62)], Conditions(currency="EUR"))
