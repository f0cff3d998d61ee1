"""The lines of a quote: what is given of them, what price lists and taxes add, and what they come to.

Must not know approval, sending or answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, Money, Problem, Product, texts
from crmkit_sales.prices.finding import Wanted, prices_for
from crmkit_sales.prices.money import Conditions, Position, Totals, totals
from crmkit_sales.prices.operations import minor_of
from crmkit_sales.prices.taxes import tax_rates
from crmkit_sales.quotes.models import Quote, QuoteLine

_ = texts("crmkit_sales")

MOST_LINES = 200
PLACES = 4
"""Decimal places of quantities and percentages, as the columns keep them."""


@attrs.frozen(kw_only=True)
class LineInput:
    """A line as it is given: a product or a text, one of it unless a quantity is given.

    ``unit_price`` is in units of the quote's currency, such as 19.99; without it the price list's counts. ``discount``
    and ``tax_rate`` are percent; without a rate the tax is what the country's rules or the settings say.
    """

    product_id: Annotated[UUID | None, Input(title=_("Product"), resource="product", classified="internal")] = None
    text: Annotated[
        str,
        Input(title=_("Text"), max_length=500, classified="internal", help=_("Empty: the product's title.")),
    ] = ""
    quantity: Annotated[Decimal | None, Input(title=_("Quantity"), classified="internal", help=_("Empty: one."))] = None
    unit: Annotated[str, Input(title=_("Unit"), max_length=20, classified="internal")] = ""
    unit_price: Annotated[
        Decimal | None,
        Input(title=_("Unit price"), classified="internal", help=_("Empty: the price list's.")),
    ] = None
    discount: Annotated[Decimal | None, Input(title=_("Discount (percent)"), classified="internal")] = None
    tax_rate: Annotated[Decimal | None, Input(title=_("Tax (percent)"), classified="internal")] = None


Lines = Annotated[tuple[LineInput, ...], Input(title=_("Lines"), max_length=MOST_LINES, classified="internal")]


def lines_of(session: CrmSession, quote: Quote) -> list[QuoteLine]:
    """Return the lines of a quote in their order."""
    return list(
        session.scalars(
            select(QuoteLine).where(QuoteLine.quote_id == quote.id).order_by(QuoteLine.position, QuoteLine.id)
        )
    )


def write_lines(session: CrmSession, quote: Quote, given: Sequence[LineInput]) -> list[QuoteLine]:
    """Put lines in place of those that a draft has, with what price lists and taxes add, and add it up.

    Raises InvalidInput, naming each field that is wrong.
    """
    _check(given)
    products = _products(session, given)
    found = prices_for(
        session,
        quote.customer_id,
        [Wanted(product_id=each.product_id, quantity=_many(each)) for each in given if each.product_id is not None],
        quote.currency,
        quote.priced_on,
        tax_included=quote.tax_included,
    )
    listed = iter(found)
    taxes = tax_rates(session, quote.customer_id, [each.product_id for each in given])
    kept = lines_of(session, quote)
    lines: list[QuoteLine] = []
    problems: list[Problem] = []
    for place, each in enumerate(given):
        price = next(listed) if each.product_id is not None else None
        unit_price = price.unit_price if price is not None else None
        if each.unit_price is not None:
            try:
                unit_price = minor_of(each.unit_price, quote.currency, f"lines.{place}.unit_price")
            except InvalidInput as error:
                problems += error.problems
                continue
        product = products.get(each.product_id)
        if product is None and not each.text.strip():
            problems.append(_problem(_("Name a product or say in words what it is."), place, "text"))
        elif unit_price is None:
            problems.append(_problem(_("No price list has a price for this: say one."), place, "unit_price"))
        line = kept[place] if place < len(kept) else QuoteLine(quote_id=quote.id, customer_id=quote.customer_id)
        line.position = place
        line.product_id = each.product_id
        line.text = each.text.strip() or (product.title if product is not None else "")
        line.unit = each.unit.strip() or (price.unit if price is not None else "")
        line.quantity = _many(each)
        line.list_price_minor = price.unit_price if price is not None else None
        line.list_name = price.list if price is not None else None
        line.unit_price_minor = unit_price or 0
        line.discount = each.discount or Decimal(0)
        line.tax_rate = taxes[each.product_id] if each.tax_rate is None else each.tax_rate
        lines.append(line)
    if problems:
        raise InvalidInput(problems)
    add_up(quote, lines)
    for line in kept[len(lines) :]:
        session.delete(line)
    session.add_all(lines)
    return lines


def add_up(quote: Quote, lines: Sequence[QuoteLine]) -> Totals:
    """Write into a quote and its lines what they come to, and return it. Raises InvalidInput as `totals` does."""
    found = totals(positions_of(lines), conditions_of(quote))
    for line, sums in zip(lines, found.lines, strict=True):
        line.gross_minor, line.discount_minor, line.share_minor = sums.gross, sums.discount, sums.share
        line.net_minor, line.tax_minor, line.total_minor = sums.net, sums.tax, sums.total
    quote.gross_minor, quote.line_discounts_minor = found.gross, found.line_discounts
    quote.discount_total_minor = found.discount
    quote.net_minor, quote.tax_minor, quote.total_minor = found.net, found.tax, found.total
    return found


def totals_of(quote: Quote, lines: Sequence[QuoteLine]) -> Totals:
    """Return what a quote comes to, with its tax by rate."""
    return totals(positions_of(lines), conditions_of(quote))


def positions_of(lines: Sequence[QuoteLine]) -> list[Position]:
    """Return lines as they are added up."""
    return [
        Position(
            quantity=line.quantity, unit_price=line.unit_price_minor, discount=line.discount, tax_rate=line.tax_rate
        )
        for line in lines
    ]


def conditions_of(quote: Quote) -> Conditions:
    """Return what holds for all lines of a quote."""
    return Conditions(
        currency=quote.currency,
        tax_included=quote.tax_included,
        discount=quote.discount,
        discount_minor=quote.discount_minor,
    )


def given_again(quote: Quote, lines: Sequence[QuoteLine], *, prices: bool = True) -> list[LineInput]:
    """Return the lines of a quote as they would be given; without ``prices`` those of price lists are left to them."""
    return [
        LineInput(
            product_id=line.product_id,
            text=line.text,
            quantity=line.quantity,
            unit=line.unit,
            unit_price=None
            if not prices and line.unit_price_minor == line.list_price_minor
            else major_of(line.unit_price_minor, quote.currency),
            discount=line.discount,
            tax_rate=line.tax_rate,
        )
        for line in lines
    ]


def major_of(amount: int, currency: str) -> Decimal:
    """Return an amount in minor units in units of its currency."""
    return Money(amount, currency).value


def _check(given: Sequence[LineInput]) -> None:
    problems: list[Problem] = []
    for place, each in enumerate(given):
        if not _many(each).is_finite() or _many(each) <= 0:
            problems.append(_problem(_("Give a quantity above 0."), place, "quantity"))
        for name, value in (("quantity", each.quantity), ("discount", each.discount), ("tax_rate", each.tax_rate)):
            # More places than are kept would be added up, and then be gone.
            if value is not None and value.is_finite() and value != round(value, PLACES):
                problems.append(_problem(_("Give at most four decimal places."), place, name))
    if problems:
        raise InvalidInput(problems)


def _products(session: CrmSession, given: Sequence[LineInput]) -> dict[UUID | None, Product]:
    ids = {each.product_id for each in given if each.product_id is not None}
    found: dict[UUID | None, Product] = {
        each.id: each for each in session.scalars(select(Product).where(Product.id.in_(ids)))
    }
    problems = [
        _problem(_("There is no such product."), place, "product_id")
        for place, each in enumerate(given)
        if each.product_id is not None and each.product_id not in found
    ]
    if problems:
        raise InvalidInput(problems)
    return found


def _many(given: LineInput) -> Decimal:
    return Decimal(1) if given.quantity is None else given.quantity


def _problem(text: str, place: int, name: str) -> Problem:
    return Problem(InvalidInput.code, text, field=f"lines.{place}.{name}")
