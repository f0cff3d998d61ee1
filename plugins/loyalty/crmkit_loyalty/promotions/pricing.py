"""What a cart costs with promotions: pure computation, exact to the smallest coin.

Amounts are whole numbers of minor units of one currency; every rounding is half up. Items come free first, then
percentages and amounts are taken off what is left to pay, in the order of their positions; so nothing is ever taken off
a free item. What is taken off is rounded once for each promotion and then falls on its lines by their shares, so that
the lines add up. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from attrs import define, field, frozen

_ONE, _HUNDRED = Decimal(1), Decimal(100)


@frozen(kw_only=True)
class CartLine:
    """A line: ``price`` is that of one in minor units, with its tax where ``taxed`` says so; ``tax`` is in percent."""

    line_no: int
    sku: str
    quantity: Decimal
    price: Decimal
    category: str = ""
    title: str = ""
    tax: Decimal = Decimal(0)
    taxed: bool = False


@frozen(kw_only=True)
class Offer:
    """A promotion made ready. ``skus`` and ``categories`` say for which products, none for all.

    "free" gives ``get`` items for each ``buy`` that are paid, of the same product or of ``gift``; they come on top
    where ``added`` says so, else out of the cart. ``minimum`` is what the order has to reach before tax, free items and
    discounts left out. ``refused`` says why it is not had whatever the cart is: "used_up", for one. Of one ``stack``
    the promotion that brings most counts; ``last`` says that none after it does.
    """

    name: str
    title: str
    kind: str
    percent: Decimal = Decimal(0)
    amount: int = 0
    buy: int = 0
    get: int = 0
    gift: str = ""
    added: bool = True
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    minimum: int = 0
    condition: Callable[[Mapping[str, Any]], bool] | None = None
    codes: frozenset[str] | None = None
    position: int = 100
    stack: str | None = None
    last: bool = False
    since: date | None = None
    until: date | None = None
    refused: str = ""


@frozen(kw_only=True)
class Cart:
    """What is to be paid: its lines, the codes that were given, its day, and what conditions read beside its sums."""

    lines: Sequence[CartLine]
    day: date
    codes: frozenset[str] = frozenset()
    values: Mapping[str, Any] = field(factory=dict[str, Any])


@frozen(kw_only=True)
class OfferPart:
    """What one promotion brings for one line, 0 where nothing; ``outcome`` says why not. ``free`` are items."""

    offer: Offer
    line_no: int
    discount: int
    free: Decimal
    outcome: str


@frozen(kw_only=True)
class PricedLine:
    """A line as it is paid. ``free`` items are part of ``quantity``; ``discount`` is off the price as it is shown, and
    ``gross``, what is to be paid, is ``net`` and ``tax``."""

    line: CartLine
    quantity: Decimal
    free: Decimal
    full: int
    discount: int
    net: int
    tax: int

    @property
    def gross(self) -> int:
        """Return what is to be paid for it."""
        return self.net + self.tax


@frozen(kw_only=True)
class Priced:
    """A cart as it is paid, with every promotion's part."""

    lines: Sequence[PricedLine]
    parts: Sequence[OfferPart]
    before: int
    """What it would have come to before tax without promotions."""

    @property
    def free(self) -> Decimal:
        """Return how many items are free."""
        return sum((each.free for each in self.lines), Decimal(0))

    @property
    def discount(self) -> int:
        """Return what is taken off prices as they are shown."""
        return sum(each.discount for each in self.lines)

    @property
    def net(self) -> int:
        """Return what is to be paid before tax."""
        return sum(each.net for each in self.lines)

    @property
    def total(self) -> int:
        """Return what is to be paid."""
        return sum(each.gross for each in self.lines)


def rounded(exact: Decimal) -> int:
    """Return a number of minor units, rounded half up."""
    return int(exact.quantize(_ONE, ROUND_HALF_UP))


def net_of(line: CartLine, amount: int) -> int:
    """Return what is left of an amount, as it is shown, before tax."""
    return rounded(Decimal(amount) / (_ONE + line.tax / _HUNDRED)) if line.taxed else amount


def spread(amount: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Return an amount in whole parts by weights that add up to it, none greater than its weight where the amount is
    not greater than all of them."""
    whole = sum(weights.values())
    found: dict[int, int] = {}
    done = passed = 0
    for key, weight in weights.items():
        passed += weight
        found[key] = amount * passed // whole - done
        done += found[key]
    return found


@define
class _Line:
    line: CartLine
    added: Decimal = Decimal(0)
    out: Decimal = Decimal(0)
    discount: int = 0

    @property
    def paid(self) -> Decimal:
        return self.line.quantity - self.out

    @property
    def full(self) -> int:
        """Return what its items cost that are not free."""
        return rounded(self.paid * self.line.price)

    @property
    def left(self) -> int:
        """Return what is left to pay, as it is shown."""
        return self.full - self.discount


@frozen
class _Gain:
    """What an offer brings: discounts and free items by line, and gifts of products that are not in the cart."""

    offer: Offer
    discounts: Mapping[int, int]
    free: Mapping[int, Decimal]
    gift: Decimal
    worth: Decimal


def price(cart: Cart, offers: Sequence[Offer]) -> Priced:
    """Return what a cart costs, with the part of every promotion. Lines of quantity or price below nought, as of
    something brought back, stay as they are."""
    run = _Run(cart)
    ordered = sorted(offers, key=lambda each: (each.kind != "free", each.position, each.name))
    ends = {(each.kind == "free", each.stack): at for at, each in enumerate(ordered) if each.stack is not None}
    for at, offer in enumerate(ordered):
        run.ask(offer)
        if offer.stack is not None and ends[offer.kind == "free", offer.stack] == at:
            run.settle(offer.stack)
    return run.priced()


class _Run:
    """One cart as it goes through promotions."""

    def __init__(self, cart: Cart) -> None:
        self.cart = cart
        self.lines = {each.line_no: _Line(each) for each in cart.lines}
        self.gifts: dict[str, Decimal] = {}
        self.parts: list[OfferPart] = []
        self.stacks: dict[str, list[_Gain]] = {}
        self.stopped = False
        self.before = sum(net_of(each.line, each.full) for each in self.lines.values())

    def ask(self, offer: Offer) -> None:
        """Ask a promotion; what one of a stack brings waits until the whole stack has been asked."""
        reason = self._refused(offer)
        gain = self._gain(offer) if reason is None else None
        if gain is None:
            self._says(offer, reason or "nothing")
        elif offer.stack is not None:
            self.stacks.setdefault(offer.stack, []).append(gain)
        else:
            self._keep(gain)

    def settle(self, stack: str) -> None:
        """Keep what brings most of a stack, the first of several. What each brings is asked again: others may have left
        less to pay since it was asked first."""
        offers = [gain.offer for gain in self.stacks.pop(stack, [])]
        rivals = [(offer, self._gain(offer)) for offer in offers]
        worth = [gain.worth if gain is not None else Decimal(-1) for _offer, gain in rivals]
        best = max(range(len(rivals)), key=lambda at: (worth[at], -at), default=0)
        for at, (offer, gain) in enumerate(rivals):
            if gain is None:
                self._says(offer, "nothing")
            elif at == best:
                self._keep(gain)
            else:
                self._says(offer, "group")

    def _refused(self, offer: Offer) -> str | None:
        day = self.cart.day
        if offer.codes is not None and not offer.codes & self.cart.codes:
            return "code"
        if self.stopped:
            return "stopped"
        if (offer.since is not None and day < offer.since) or (offer.until is not None and day > offer.until):
            return "period"
        if offer.refused:
            return offer.refused
        reached = sum(net_of(each.line, each.full) for each in self.lines.values())
        if reached < offer.minimum:
            return "minimum"
        if offer.condition is not None and not offer.condition(self.cart.values):
            return "condition"
        return None

    def _of(self, offer: Offer) -> list[_Line]:
        return [
            each
            for each in self.lines.values()
            if (not offer.skus and not offer.categories)
            or each.line.sku in offer.skus
            or (bool(each.line.category) and each.line.category in offer.categories)
        ]

    def _gain(self, offer: Offer) -> _Gain | None:
        meant = self._of(offer)
        if offer.kind == "free":
            return self._free(offer, [each for each in meant if each.paid > 0])
        weights = {each.line.line_no: each.left for each in meant if each.left > 0}
        whole = sum(weights.values())
        off = min(rounded(whole * offer.percent / _HUNDRED) if offer.kind == "percent" else offer.amount, whole)
        if off <= 0:
            return None
        return _Gain(offer, spread(off, weights), {}, Decimal(0), Decimal(off))

    def _free(self, offer: Offer, meant: Sequence[_Line]) -> _Gain | None:
        if offer.buy < 1 or offer.get < 1:
            return None
        free: dict[int, Decimal] = {}
        gift = Decimal(0)
        if offer.gift:
            items = sum((each.paid for each in meant), Decimal(0))
            here = [each for each in self.lines.values() if each.line.sku == offer.gift]
            if offer.added:
                gift = items // offer.buy * offer.get
                if here and gift:
                    free, gift = {here[0].line.line_no: gift}, Decimal(0)
            else:
                also = any(each.line.sku == offer.gift for each in meant)
                free = _out(here, _of_cart(items, offer) if also else items // offer.buy * offer.get)
        else:
            for sku in dict.fromkeys(each.line.sku for each in meant):
                same = [each for each in meant if each.line.sku == sku]
                items = sum((each.paid for each in same), Decimal(0))
                if offer.added:
                    count = items // offer.buy * offer.get
                    free.update({same[0].line.line_no: count} if count else {})
                else:
                    free.update(_out(same, _of_cart(items, offer)))
        if not free and not gift:
            return None
        worth = sum((count * self.lines[at].line.price for at, count in free.items()), Decimal(0))
        return _Gain(offer, {}, free, gift, worth)

    def _keep(self, gain: _Gain) -> None:
        offer = gain.offer
        for line_no, count in gain.free.items():
            line = self.lines[line_no]
            if offer.added:
                line.added += count
            else:
                line.out += count
            self._says(offer, "given", line_no=line_no, free=count)
        if gain.gift:
            self.gifts[offer.gift] = self.gifts.get(offer.gift, Decimal(0)) + gain.gift
            self._says(offer, "given", free=gain.gift)
        for line_no, off in gain.discounts.items():
            if off:
                self.lines[line_no].discount += off
                self._says(offer, "given", line_no=line_no, discount=off)
        self.stopped = self.stopped or offer.last

    def _says(
        self, offer: Offer, outcome: str, *, line_no: int = 0, discount: int = 0, free: Decimal = Decimal(0)
    ) -> None:
        self.parts.append(OfferPart(offer=offer, line_no=line_no, discount=discount, free=free, outcome=outcome))

    def priced(self) -> Priced:
        """Return the cart as it is paid, gifts that were not in it as lines of their own."""
        lines = [_priced(each) for each in self.lines.values()]
        number = max(self.lines, default=0)
        for at, (sku, count) in enumerate(self.gifts.items(), number + 1):
            line = CartLine(line_no=at, sku=sku, quantity=Decimal(0), price=Decimal(0))
            lines.append(PricedLine(line=line, quantity=count, free=count, full=0, discount=0, net=0, tax=0))
        return Priced(lines=lines, parts=self.parts, before=self.before)


def _of_cart(items: Decimal, offer: Offer) -> Decimal:
    """Return how many items of a cart are free where every ``get`` after ``buy`` is."""
    groups, rest = divmod(items, Decimal(offer.buy + offer.get))
    return groups * offer.get + max(rest // 1 - offer.buy, Decimal(0))


def _out(lines: Sequence[_Line], count: Decimal) -> dict[int, Decimal]:
    """Return which items of lines are free, the cheapest first, whole ones only."""
    found: dict[int, Decimal] = {}
    for each in sorted(lines, key=lambda each: (each.line.price, each.line.line_no)):
        here = min(each.paid // 1, count)
        if here > 0:
            found[each.line.line_no] = here
            count -= here
    return found


def _priced(each: _Line) -> PricedLine:
    line, left = each.line, each.left
    net = net_of(line, left)
    tax = left - net if line.taxed else rounded(net * line.tax / _HUNDRED)
    return PricedLine(
        line=line,
        quantity=line.quantity + each.added,
        free=each.added + each.out,
        full=each.full,
        discount=each.discount,
        net=net,
        tax=tax,
    )
