"""What carts cost: free items, stacks, order, and that nothing is lost by rounding; pure computation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from crmkit_loyalty.promotions.pricing import Cart, CartLine, Offer, price, spread
from hypothesis import given, strategies as st

DAY = date(2027, 3, 1)


def cart(*lines: tuple[str, int, int], codes: tuple[str, ...] = (), **options: Any) -> Cart:
    """Return a cart of products, how many of each and at which price."""
    made = [
        CartLine(line_no=number, sku=sku, quantity=Decimal(count), price=Decimal(each), **options)
        for number, (sku, count, each) in enumerate(lines, 1)
    ]
    return Cart(lines=made, day=DAY, codes=frozenset(codes))


def offer(name: str, kind: str = "percent", **values: Any) -> Offer:
    """Return a promotion."""
    return Offer(name=name, title=name, kind=kind, **values)


FREE = offer("free", "free", buy=3, get=1)


def test_free_items_can_come_out_of_the_cart() -> None:
    """The cheapest of a product, every fourth; each product counts for itself."""
    out = offer("free", "free", buy=3, get=1, added=False)
    for count, free in ((3, 0), (4, 1), (7, 1), (8, 2), (11, 2), (12, 3)):
        found = price(cart(("TEA", count, 500)), [out])
        assert (found.free, found.total) == (free, (count - free) * 500)
    found = price(cart(("TEA", 3, 500), ("POT", 1, 900)), [out])
    assert found.free == 0
    found = price(cart(("TEA", 3, 500), ("TEA", 1, 300)), [out])
    assert (found.free, found.total) == (1, 1500)


def test_another_product_can_be_free() -> None:
    """On top, whether it is in the cart or not; or out of the cart as far as it is there."""
    gift = offer("gift", "free", buy=2, get=1, gift="CUP", skus=frozenset({"TEA"}))
    found = price(cart(("TEA", 5, 500)), [gift])
    assert [(line.line.sku, line.quantity, line.free, line.gross) for line in found.lines] == [
        ("TEA", 5, 0, 2500),
        ("CUP", 2, 2, 0),
    ]
    found = price(cart(("TEA", 2, 500), ("CUP", 1, 300)), [gift])
    assert [(line.quantity, line.free, line.gross) for line in found.lines] == [(2, 0, 1000), (2, 1, 300)]
    inside = offer("gift", "free", buy=2, get=1, gift="CUP", skus=frozenset({"TEA"}), added=False)
    found = price(cart(("TEA", 4, 500), ("CUP", 1, 300)), [inside])
    assert (found.free, found.total) == (1, 2000)


def test_percentages_follow_each_other() -> None:
    """Each takes off what is left to pay, in the order of positions; never off a free item."""
    found = price(
        cart(("TEA", 3, 1000)),
        [offer("b", percent=Decimal(50), position=2), FREE, offer("a", "amount", amount=1000, position=1)],
    )
    assert (found.free, found.discount, found.total) == (1, 2000, 1000)
    found = price(cart(("TEA", 1, 300)), [offer("a", "amount", amount=1000)])
    assert found.total == 0


def test_of_a_stack_the_best_counts_and_the_last_stops() -> None:
    """Each says what became of it."""
    found = price(
        cart(("TEA", 1, 1000)),
        [
            offer("small", percent=Decimal(5), stack="s", position=1),
            offer("large", percent=Decimal(10), stack="s", position=2, last=True),
            offer("after", percent=Decimal(10), position=3),
            offer("code", percent=Decimal(10), codes=frozenset({"X"}), position=4),
        ],
    )
    assert {part.offer.name: part.outcome for part in found.parts} == {
        "small": "group", "large": "given", "after": "stopped", "code": "code"
    }  # fmt: skip
    assert found.total == 900


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_shares_add_up(amount: int, weights: list[int]) -> None:
    """And none is greater than what it is a share of."""
    amount = min(amount, sum(weights))
    found = spread(amount, dict(enumerate(weights)))
    assert sum(found.values()) == amount
    assert all(0 <= found[at] <= weight for at, weight in enumerate(weights))


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 12), st.integers(0, 99_999)), min_size=1, max_size=6),
    st.integers(0, 100),
    st.integers(0, 50_000),
    st.booleans(),
    st.booleans(),
    st.integers(0, 25),
)
def test_a_cart_adds_up(
    lines: list[tuple[str, int, int]], percent: int, amount: int, added: bool, taxed: bool, tax: int
) -> None:
    """Whatever is in it: nothing costs less than nought, lines make the total, parts make the discount."""
    offers = [
        offer("free", "free", buy=2, get=1, added=added),
        offer("percent", percent=Decimal(percent), position=1),
        offer("amount", "amount", amount=amount, position=2),
    ]
    found = price(cart(*lines, tax=Decimal(tax), taxed=taxed), offers)
    assert all(line.gross >= 0 and line.net >= 0 and line.tax >= 0 for line in found.lines)
    assert sum(part.discount for part in found.parts) == found.discount
    assert sum((part.free for part in found.parts), Decimal(0)) == found.free
    bought = sum(count for _sku, count, _price in lines)
    assert sum((line.quantity for line in found.lines), Decimal(0)) == bought + (found.free if added else 0)
    if taxed:
        assert all(line.gross == line.full - line.discount for line in found.lines)


def test_a_cart_never_costs_less_than_nothing() -> None:
    """80 off in a stack, 50 off beside it, 10 off in the stack: the fifty are taken first, then what is left of 100."""
    offers = [
        offer("a", "amount", amount=80, stack="s"),
        offer("b", "amount", amount=50),
        offer("c", "amount", amount=10, stack="s"),
    ]
    assert 0 == price(cart(("TEA", 1, 100)), offers).total


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["percent", "amount", "free"]), st.integers(1, 90), st.sampled_from([None, "s", "t"])
        ),
        max_size=6,
    ),
    st.lists(
        st.tuples(st.sampled_from(["TEA", "POT"]), st.integers(1, 9), st.integers(0, 300)), min_size=1, max_size=4
    ),
)
def test_whatever_is_stacked_a_line_costs_nothing_at_least(
    said: list[tuple[str, int, str | None]], lines: list[tuple[str, int, int]]
) -> None:
    offers = [
        offer(f"o{number}", kind, stack=stack, percent=Decimal(size), amount=size, buy=2, get=1, added=size % 2 == 0)
        for number, (kind, size, stack) in enumerate(said)
    ]
    found = price(cart(*lines), offers)
    assert found.total >= 0
    assert all(line.free <= line.quantity for line in found.lines)
