"""What a sale comes to: the lines, discounts and taxes of a quote or an order, exact to the minor unit.

Amounts are integers in minor units of one currency, rates are percent. Every amount is rounded where it arises, half up
(away from zero), and what is rounded is never rounded again:

1. a line is quantity times unit price, rounded; its own discount is a percentage of that, rounded, and taken off;
2. the discount of the whole, a percentage or an amount, is spread over the lines in proportion to what they come to by
   then, by the largest remainder, so that the shares add up to it;
3. tax is computed once for each rate on the sum of its lines, rounded, and spread over them in the same way. Prices
   that include tax contain rate / (100 + rate) of it, others have it added.

So the lines always add up to the totals, in currencies of any number of places. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from crmkit import InvalidInput, Money, Problem, texts

_ = texts("crmkit_sales")

HUNDRED = Decimal(100)
NOTHING = Decimal(0)


@frozen(kw_only=True)
class Position:
    """One line of a sale: how many, for how much each in minor units, less how many percent, at which tax rate."""

    quantity: Decimal
    unit_price: int
    discount: Decimal = NOTHING
    """Percent off this line."""
    tax_rate: Decimal = NOTHING
    """Percent."""


@frozen(kw_only=True)
class Conditions:
    """What holds for all lines of a sale: the currency (ISO 4217), whether prices include tax, and the discount of the
    whole, as ``discount`` in percent or as ``discount_minor`` in minor units; one of both at most."""

    currency: str
    tax_included: bool = False
    discount: Decimal | None = None
    discount_minor: int | None = None


@frozen(kw_only=True)
class LineTotals:
    """What one line comes to, in minor units."""

    gross: int
    """Quantity times unit price, before discounts; with tax where prices include it."""
    discount: int
    """The line's own discount."""
    share: int
    """The line's share of the discount of the whole."""
    net: int
    """What remains, without tax."""
    tax: int
    total: int
    """What remains, with tax."""


@frozen(kw_only=True)
class TaxGroup:
    """The tax of all lines of one rate (percent), in minor units: ``net`` is what it is computed on."""

    rate: Decimal
    net: int
    tax: int


@frozen(kw_only=True)
class Totals:
    """What a sale comes to, in minor units of ``currency``; each figure is the sum of its lines' figures."""

    currency: str
    lines: tuple[LineTotals, ...] = field(converter=tuple)
    taxes: tuple[TaxGroup, ...] = field(converter=tuple)
    """By rate, the lowest first; without the rate 0."""
    gross: int
    line_discounts: int
    discount: int
    """The discount of the whole."""
    net: int
    tax: int
    total: int

    @property
    def amount(self) -> Money:
        """Return the total with its currency."""
        return Money(self.total, self.currency)

    @property
    def discount_rate(self) -> Decimal:
        """Return all discounts together in percent of the undiscounted sum, to two places; 0 of nothing."""
        return percent(self.line_discounts + self.discount, self.gross)


@frozen(kw_only=True)
class Margin:
    """What remains of a sale after costs, in minor units; ``unknown`` counts the lines whose cost nobody knows, which
    are in neither ``net`` nor ``cost``."""

    net: int
    cost: int
    unknown: int

    @property
    def amount(self) -> int:
        """Return the margin in minor units; it can be negative."""
        return self.net - self.cost

    @property
    def rate(self) -> Decimal | None:
        """Return the margin in percent of the net sum, to two places; None where no line counts or all are free."""
        return None if not self.net else percent(self.amount, self.net)


def totals(positions: Sequence[Position], conditions: Conditions) -> Totals:
    """Return what the lines come to. No lines come to nothing.

    Raises InvalidInput, naming each field that is wrong, for negative quantities and prices, rates outside 0 to 100,
    a discount above the sum or said in two ways, an unknown currency, and sums beyond 64 bits.
    """
    _check(positions, conditions)
    gross = [rounded(Fraction(each.quantity) * each.unit_price) for each in positions]
    discounts = [rounded(Fraction(each.discount) / 100 * amount) for each, amount in zip(positions, gross, strict=True)]
    kept = [amount - off for amount, off in zip(gross, discounts, strict=True)]
    whole = _whole(sum(kept), conditions)
    shares = spread(whole, kept)
    rest = [amount - share for amount, share in zip(kept, shares, strict=True)]
    taxes = [0] * len(rest)
    groups: list[TaxGroup] = []
    for rate in sorted({Decimal(each.tax_rate) for each in positions if each.tax_rate}):
        places = [place for place, each in enumerate(positions) if each.tax_rate == rate]
        base = sum(rest[place] for place in places)
        part = Fraction(rate) / (100 + Fraction(rate)) if conditions.tax_included else Fraction(rate) / 100
        tax = rounded(part * base)
        for place, own in zip(places, spread(tax, [rest[place] for place in places]), strict=True):
            taxes[place] = own
        groups.append(TaxGroup(rate=rate, net=base - tax if conditions.tax_included else base, tax=tax))
    lines = [
        LineTotals(
            gross=gross[place],
            discount=discounts[place],
            share=shares[place],
            net=amount - taxes[place] if conditions.tax_included else amount,
            tax=taxes[place],
            total=amount if conditions.tax_included else amount + taxes[place],
        )
        for place, amount in enumerate(rest)
    ]
    found = Totals(
        currency=conditions.currency,
        lines=tuple(lines),
        taxes=tuple(groups),
        gross=sum(gross),
        line_discounts=sum(discounts),
        discount=whole,
        net=sum(each.net for each in lines),
        tax=sum(taxes),
        total=sum(each.total for each in lines),
    )
    for amount in (found.gross, found.total):
        Money(amount, conditions.currency)
    return found


def margin(positions: Sequence[Position], found: Totals, unit_costs: Sequence[int | None]) -> Margin:
    """Return what remains after the cost of each line's unit, in minor units of the same currency; None is unknown."""
    net = cost = unknown = 0
    for position, line, unit_cost in zip(positions, found.lines, unit_costs, strict=True):
        if unit_cost is None:
            unknown += 1
            continue
        net += line.net
        cost += rounded(Fraction(position.quantity) * unit_cost)
    return Margin(net=net, cost=cost, unknown=unknown)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Return an amount in parts, in proportion to weights of 0 and more, by the largest remainder; of equal remainders
    the first. The parts add up to the amount, and none exceeds its weight where the amount does not exceed their sum.

    Raises ValueError for a negative amount or weight, and for an amount that nothing can bear.
    """
    whole = sum(weights)
    if amount < 0 or any(weight < 0 for weight in weights) or (amount and not whole):
        raise ValueError("nothing to spread the amount over")
    if not amount:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    remainders = [amount * weight % whole for weight in weights]
    missing = amount - sum(parts)
    for place in sorted(range(len(weights)), key=lambda place: (-remainders[place], place))[:missing]:
        parts[place] += 1
    return parts


def portion(amount: int, quantity: Decimal, of: Decimal) -> int:
    """Return what a part of a line's quantity comes to of its amount, rounded half up; nothing of nothing.

    For what goes in several steps, such as returns, take the difference of the portions before and after: so that the
    steps add up to the amount.
    """
    return rounded(Fraction(amount) * Fraction(quantity) / Fraction(of)) if of else 0


def percent(part: int, whole: int) -> Decimal:
    """Return a part in percent of a whole, rounded half up to two places; 0 of nothing."""
    return Decimal(rounded(Fraction(part * 10_000, whole))) / HUNDRED if whole else NOTHING


def rounded(exact: Fraction) -> int:
    """Return a number as an integer, half up: a half goes away from zero."""
    found = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return found if exact >= 0 else -found


def _whole(kept: int, conditions: Conditions) -> int:
    if conditions.discount_minor is not None:
        if conditions.discount_minor > kept:
            raise InvalidInput([_problem(_("The discount is more than the sum."), "discount_minor")])
        return conditions.discount_minor
    return rounded(Fraction(conditions.discount or 0) / 100 * kept)


def _check(positions: Sequence[Position], conditions: Conditions) -> None:
    Money(0, conditions.currency)
    problems: list[Problem] = []
    for place, each in enumerate(positions):
        if not each.quantity.is_finite() or each.quantity < 0:
            problems.append(_problem(_("This cannot be negative."), f"lines.{place}.quantity"))
        if each.unit_price < 0:
            problems.append(_problem(_("This cannot be negative."), f"lines.{place}.unit_price_minor"))
        if not _is_rate(each.discount):
            problems.append(_problem(_("Give a percentage from 0 to 100."), f"lines.{place}.discount"))
        if not _is_rate(each.tax_rate):
            problems.append(_problem(_("Give a percentage from 0 to 100."), f"lines.{place}.tax_rate"))
    if conditions.discount is not None and not _is_rate(conditions.discount):
        problems.append(_problem(_("Give a percentage from 0 to 100."), "discount"))
    if conditions.discount_minor is not None and conditions.discount_minor < 0:
        problems.append(_problem(_("This cannot be negative."), "discount_minor"))
    if conditions.discount is not None and conditions.discount_minor is not None:
        problems.append(_problem(_("Give the discount as a percentage or as an amount."), "discount_minor"))
    if problems:
        raise InvalidInput(problems)


def _is_rate(value: Decimal) -> bool:
    return value.is_finite() and 0 <= value <= HUNDRED


def _problem(text: str, name: str) -> Problem:
    return Problem(InvalidInput.code, text, field=name)
